package session

import (
	"bytes"
	"cmp"
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
	"oax/internal/session/journal"
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

// Follow returns the session with the answer that another process was writing when it was
// loaded as the last message, also if nothing of that had come. While that process runs tools
// the last message is the answer that asked for them; Next has what follows.
func (s *Session) Follow() *Session {
	followed := *s
	switch {
	case s.between:
		for n := len(s.Messages); n > 0 && record.IsOfCall(s.Messages[n-1]); n-- {
			followed.Messages = s.Messages[:n-1]
		}
	case s.Open && !s.live:
		followed.live = true
		followed.Messages = append(slices.Clip(s.Messages), s.running)
	}
	return &followed
}

// RunsTools reports whether another process ran the calls of the last answer when the session
// was loaded.
func (s *Session) RunsTools() bool { return s.between }

// Next returns what followed the last answer in its turn, which has ended: the records of its
// calls and the next answer, that as Follow has it. It waits while another process runs the
// calls. The session is nil if no calls followed. The error is the cause of ctx, or that of Load.
func (st *Store) Next(ctx context.Context, s *Session) (*Session, error) {
	last, _ := s.LastAnswer()
	for {
		running := st.Turn(s.Entry()) // before Load: the next answer may begin behind it
		s, err := st.Load(s.Entry())
		if err != nil {
			return nil, err
		}
		if s = s.Follow(); !s.between {
			at := len(s.Messages) - 1
			for at >= 0 && (s.Messages[at].Role != chat.Assistant || s.Messages[at].Turn != last.Turn) {
				at--
			}
			rest := s.Messages[at+1:]
			if len(rest) == 0 || !record.IsOfCall(rest[0]) {
				return nil, nil
			}
			if end := slices.IndexFunc(rest, func(m record.Message) bool { return m.IsPrompt() || m.IsSystem() }); end >= 0 {
				rest, s.live = rest[:end], false
			}
			s.Messages = rest
			return s, nil
		}
		for running != "" && running == st.Turn(s.Entry()) {
			select {
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			case <-time.After(maxPoll):
			}
			if journal.CheckDead(st.journalPath(s.Entry())) == nil { // its writer has died
				break
			}
		}
	}
}

// Turn returns the ID of the turn whose answer is in a session's journal, or empty text if there
// is no journal. For a journal of an older oax, which has no IDs, it is some other text.
func (st *Store) Turn(e Entry) string {
	head := journal.ReadHead(st.journalPath(e))
	return cmp.Or(head.Turn, head.Kind)
}

// Running returns the last message, and the position at its end, if it is an answer that
// another process was writing when the session was loaded.
func (s *Session) Running() (m record.Message, end Position, ok bool) {
	m, ok = s.LastAnswer()
	return m, Position{m.Turn, len(m.Text), len(m.Reasoning), len(m.Refusal)}, ok && s.live && m.State == ""
}

// Tail yields the answer of a turn from a position on, as it is written, and ends when the
// turn has ended: then the answer is in the session, or its writer was killed. Without the
// ID of a turn it is the one that is running. A turn that has ended before yields the rest
// of its answer. What has no position, like tool calls and usage, is yielded from the
// beginning. The error is the cause of ctx, or that of reading.
func (st *Store) Tail(ctx context.Context, e Entry, from Position) iter.Seq2[*chat.Delta, error] {
	return func(yield func(*chat.Delta, error) bool) {
		t := tail{store: st, entry: e, from: from, reader: journal.NewReader(), yield: yield}
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
	store  *Store
	entry  Entry
	from   Position // what is before it is passed over
	at     Position // what was yielded or passed over
	reader *journal.Reader
	yield  func(*chat.Delta, error) bool
}

// errLeft says that nobody wants more.
var errLeft = errors.New("left")

// journal follows the journal of the turn, if that is running, until nothing is added to it
// any more.
func (t *tail) journal(ctx context.Context) error {
	f, err := disk.Open(t.store.journalPath(t.entry))
	if err != nil {
		return disk.IgnoreMissing(err)
	}
	defer f.Close()
	head := journal.HeadOf(f)
	if !head.IsOf(t.entry.Path) || t.from.Turn != "" && t.from.Turn != head.Turn {
		return nil // of another turn
	}
	const looks = 8 // at the journal for one at its lock
	wait, idle := minPoll, 0
	for ended := false; ; idle++ {
		before := t.reader.At
		if err := t.lines(f, ended); err != nil || ended {
			return err
		}
		if t.reader.At > before {
			wait, idle = minPoll, 0
		}
		if ended, err = t.store.hasEnded(t.entry, f, idle%looks == looks-1); err != nil {
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
func (st *Store) hasEnded(e Entry, f *os.File, thorough bool) (bool, error) {
	err := disk.IsAt(f.Name(), f)
	if err == nil && thorough {
		if err = journal.CheckDead(st.journalPath(e)); err == nil {
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
	if err != nil || whole.Size() <= t.reader.At {
		return err
	}
	added := io.NewSectionReader(f, t.reader.At, whole.Size()-t.reader.At)
	return record.EachWhole(added, func(line []byte, size int64) error {
		if line == nil {
			return &disk.FileError{Path: f.Name(), What: journal.TooLarge}
		}
		if !bytes.HasSuffix(line, []byte("\n")) && !ended {
			return nil
		}
		l, ok := t.reader.Add(line, size)
		if !ok {
			return nil
		}
		return t.add(l.Delta())
	})
}

// add yields what a delta has that is not before the position.
func (t *tail) add(d *chat.Delta) error {
	d.Text = after(d.Text, &t.at.Text, t.from.Text)
	d.Reasoning = after(d.Reasoning, &t.at.Reasoning, t.from.Reasoning)
	d.Refusal = after(d.Refusal, &t.at.Refusal, t.from.Refusal)
	if !journal.IsBlank(d) && !t.yield(d, nil) {
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
	c, err := record.Read(t.entry.Path)
	head := t.reader.Head
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
	if t.reader.At == 0 {
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
