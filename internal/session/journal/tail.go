package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"slices"
	"time"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// How an answer is followed while it is being written, by this process or any other.

// Position is a place in the answer of a turn: how many bytes of each of its texts come
// before it. It is the same in an answer that is being written, in its journal and in the
// session.
type Position struct {
	Turn                     string // the turn's ID; empty for what an older oax writes
	Text, Reasoning, Refusal int
}

const (
	minPoll = 5 * time.Millisecond
	maxPoll = 100 * time.Millisecond // an answer that rests costs ten looks a second
)

// Tail yields the answer of a turn from a position on, as it is written, and ends when the
// turn has ended: then the answer is in the session, or its writer was killed. The journal is
// at path until then. Without the ID of a turn it is the one that is running. A turn that has
// ended before yields the rest of its answer. What has no position, like tool calls and usage,
// is yielded from the beginning. The error is the cause of ctx, or that of reading.
func Tail(ctx context.Context, path, session string, from Position) iter.Seq2[*chat.Delta, error] {
	return func(yield func(*chat.Delta, error) bool) {
		t := tail{path: path, saved: session, from: from, reader: newReader(), yield: yield}
		err := t.journal(ctx)
		if err == nil {
			err = t.session()
		}
		if err != nil && err != errLeft {
			yield(nil, err)
		}
	}
}

// tail is how far the answer of a turn was followed.
type tail struct {
	path   string   // of the journal
	saved  string   // the path of the session
	from   Position // what is before it is passed over
	at     Position // what was yielded or passed over
	reader *reader
	yield  func(*chat.Delta, error) bool
}

// errLeft says that nobody wants more.
var errLeft = errors.New("left")

// journal follows the journal of the turn, if that is running, until nothing is added to it
// any more.
func (t *tail) journal(ctx context.Context) error {
	f, err := disk.Open(t.path)
	if err != nil {
		return disk.IgnoreMissing(err)
	}
	defer f.Close()
	head := headOf(f)
	if !head.IsOf(t.saved) || t.from.Turn != "" && t.from.Turn != head.Turn {
		return nil // of another turn
	}
	const looks = 8 // at the journal for one at its lock
	wait, idle := minPoll, 0
	for ended := false; ; idle++ {
		before := t.reader.at
		if err := t.lines(f, ended); err != nil || ended {
			return err
		}
		if t.reader.at > before {
			wait, idle = minPoll, 0
		}
		if ended, err = hasEnded(f, idle%looks == looks-1); err != nil {
			return err
		}
		if ended { // what was written before that is still to be read
			continue
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
			wait = min(2*wait, maxPoll)
		}
	}
}

// hasEnded reports whether nothing more comes in a journal: it was removed, or its writer
// died, which is only looked at with thorough.
func hasEnded(f *os.File, thorough bool) (bool, error) {
	err := disk.IsAt(f.Name(), f)
	if err == nil && thorough {
		if err = CheckDead(f.Name()); err == nil {
			return true, nil
		}
	}
	switch {
	case errors.Is(err, disk.ErrRemoved):
		return true, nil
	case errors.Is(err, disk.ErrLocked):
		return false, nil
	}
	return false, err
}

// lines yields what was added to the journal. A last line without its end is only read once
// the turn has ended.
func (t *tail) lines(f *os.File, ended bool) error {
	whole, err := disk.Whole(f)
	if err != nil || whole.Size() <= t.reader.at {
		return err
	}
	added := io.NewSectionReader(f, t.reader.at, whole.Size()-t.reader.at)
	return record.EachWhole(added, func(line []byte, size int64) error {
		if line == nil {
			return &disk.FileError{Path: f.Name(), What: tooLarge}
		}
		if !bytes.HasSuffix(line, []byte("\n")) && !ended {
			return nil
		}
		l, ok := t.reader.add(line, size)
		if !ok {
			return nil
		}
		return t.add(l.delta())
	})
}

// add yields what a delta has that is not before the position.
func (t *tail) add(d *chat.Delta) error {
	d.Text = after(d.Text, &t.at.Text, t.from.Text)
	d.Reasoning = after(d.Reasoning, &t.at.Reasoning, t.from.Reasoning)
	d.Refusal = after(d.Refusal, &t.at.Refusal, t.from.Refusal)
	if !isBlank(d) && !t.yield(d, nil) {
		return errLeft
	}
	return nil
}

// after returns what of a text that begins at a position is not before another one.
func after(text []byte, at *int, from int) []byte {
	before := min(max(from-*at, 0), len(text))
	*at += len(text)
	return text[before:]
}

// session yields what the journal lacked of the answer, if the session has it.
func (t *tail) session() error {
	c, err := record.Read(t.saved)
	head := t.reader.head
	if head.Kind == "" {
		head.Turn = t.from.Turn
	}
	i := slices.IndexFunc(c.Records, head.EndedBy)
	if err != nil || i < 0 || head.Kind == "" && head.Turn == "" {
		return disk.IgnoreMissing(err)
	}
	t.from = Position{head.Turn, max(t.from.Text, t.at.Text), max(t.from.Reasoning, t.at.Reasoning), max(t.from.Refusal, t.at.Refusal)}
	t.at = Position{}
	m := c.Records[i]
	d := &chat.Delta{Text: []byte(m.Text), Reasoning: []byte(m.Reasoning), Refusal: []byte(m.Refusal)}
	if t.reader.at == 0 {
		d.ToolCalls, d.Parts, d.Model, d.FinishReason, d.Usage = m.ToolCalls, m.Parts, m.Model, m.FinishReason, m.Usage
		if m.Opaque != nil {
			d.Opaque = []json.RawMessage{m.Opaque}
		}
		for i, item := range m.Output {
			d.Items = append(d.Items, chat.Item{Index: i, JSON: item})
		}
	}
	return t.add(d)
}
