package journal

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// How a journal is read: after a crash, or by another process while it grows.

const kindJournal = "part"

// tooLarge is what a FileError says of a journal.
const tooLarge = "too large for a journal"

const (
	maxJournal = 1 << 30  // bytes of a journal; 16 MiB of text, each byte on a line of its own, are less
	maxAnswer  = 64 << 20 // bytes of text in a journal
)

// Line is a line of a journal.
//
// The first line, its head, has a Kind, the ID of the turn and the name of the session's
// file. Why is why the answer is incomplete, if nothing says how it ended. That of an
// older oax has neither ID nor name; its At is the size of the session once the prompt is
// in it.
//
// Any other line is what a delta brought. If a whole answer could not be put in the
// session, the last line has an Answer, with everything but the texts, and the lines that
// were added then say After how many bytes of text they come.
type Line struct {
	record.Record
	PID    int            `json:"pid"`
	File   string         `json:"file"`
	At     int64          `json:"at"`
	Items  []chat.Item    `json:"items"`
	Answer *record.Record `json:"answer"`
	After  *int           `json:"after"`
}

// delta returns the delta that appendDelta made a line of.
func (l Line) delta() *chat.Delta {
	d := &chat.Delta{
		Text: []byte(l.Text), Reasoning: []byte(l.Reasoning), Refusal: []byte(l.Refusal), ToolCalls: l.ToolCalls,
		Parts: l.Parts, FinishReason: l.FinishReason, Usage: l.Usage, Model: l.Model, Items: l.Items,
	}
	_ = json.Unmarshal(l.Opaque, &d.Opaque) // without it there is nothing in it
	return d
}

// Contents is the journal of a turn, read. Its head has no Kind if nothing says where the
// answer belongs.
type Contents struct {
	Head   Line
	Answer record.Message // as far as it can be read
	Lost   int64          // where the lines begin that cannot be read; -1 if all can
}

// Read reads a journal, which may be growing. With an error it is what could be
// read. What is too large for a journal is a FileError.
func Read(path string) (Contents, error) {
	f, err := disk.Open(path)
	if err != nil {
		return Contents{Lost: -1}, err
	}
	defer f.Close()
	whole, err := disk.Whole(f)
	if err == nil && whole.Size() > maxJournal {
		err = &disk.FileError{Path: path, What: tooLarge}
	}
	if err != nil {
		return Contents{Lost: -1}, err
	}
	return parse(whole, path)
}

// parse reads any bytes.
func parse(f *io.SectionReader, path string) (Contents, error) {
	r := newReader()
	err := record.EachWhole(f, func(line []byte, size int64) error {
		if r.add(line, size); r.size > maxAnswer {
			return &disk.FileError{Path: path, What: tooLarge}
		}
		return nil
	})
	return r.contents(), err
}

// ReadHead reads the head of a journal, or what there is in its place.
func ReadHead(path string) Line {
	f, err := disk.Open(path)
	if err != nil {
		return Line{}
	}
	defer f.Close()
	return headOf(f)
}

// headOf reads the head of a journal that is open.
func headOf(f *os.File) Line {
	const maxHead = 64 << 10
	r := newReader()
	line, _ := bufio.NewReader(io.NewSectionReader(f, 0, maxHead)).ReadBytes('\n')
	r.add(line, int64(len(line)))
	return r.head
}

// reader gathers an answer from the lines of a journal. A last line that was cut does
// not count: its text was never shown. The answer ends before any other line that cannot be
// read, since it must have no gap, unless that is half a line that File.Keep went on
// from: the next line then begins after the text of the lines before.
type reader struct {
	head   Line
	turn   chat.Turn
	ended  *record.Record // how the answer ended, if that is known
	at     int64          // where the next line begins
	size   int            // bytes of text in the lines so far
	broken int64          // where the line before begins, if it cannot be read; else -1
	cut    bool           // that line has no end
	lost   bool           // nothing more is read
}

// newReader returns a reader of a journal from its beginning.
func newReader() *reader { return &reader{broken: -1} }

// add takes the next line, or nil if the line is too long. Size is the length of the line
// in bytes, with its line end. It returns the line if that adds to the answer.
func (r *reader) add(line []byte, size int64) (l Line, ok bool) {
	start := r.at
	r.at += size
	blank := size == int64(len(line)) && len(bytes.TrimSpace(line)) == 0
	if r.lost || blank || start == 0 && r.addHead(line) {
		return l, false
	}
	err := json.Unmarshal(line, &l)
	d := l.delta()
	if r.broken >= 0 && (err != nil || l.After == nil || *l.After != r.size) {
		r.lost = true
		return l, false
	}
	if err != nil || isBlank(d) && l.Answer == nil {
		r.broken, r.cut = start, !bytes.HasSuffix(line, []byte("\n"))
		return l, false
	}
	r.broken = -1
	r.size += len(l.Text) + len(l.Reasoning) + len(l.Refusal)
	r.turn.Add(d)
	r.ended = cmp.Or(l.Answer, r.ended)
	return l, true
}

// addHead takes the first line, and reports whether it is a head, or one that cannot be
// read and nothing more.
func (r *reader) addHead(line []byte) bool {
	var head Line
	if json.Unmarshal(line, &head) != nil || head.Kind != kindJournal {
		return isBrokenHead(line)
	}
	if head.Turn == "" && head.At <= 0 {
		head.Kind = ""
	}
	r.head = head
	return true
}

// isBrokenHead reports whether a line that cannot be read is a head and nothing more: it
// has the last field of one, and the quotes in the texts of other lines are escaped.
func isBrokenHead(line []byte) bool {
	_, turn, found := bytes.Cut(line, []byte(`,"turn":"`))
	_, at, foundOlder := bytes.Cut(line, []byte(`,"at":`))
	return found && bytes.Count(turn, []byte(`"`)) <= 1 || foundOlder && bytes.IndexByte(at, '"') < 0
}

// contents returns what the lines make.
func (r *reader) contents() Contents {
	j := Contents{Head: r.head, Lost: -1}
	if r.lost || r.broken >= 0 && !r.cut {
		j.Lost, r.ended = r.broken, nil
	}
	m := r.turn.End(cmp.Or(r.head.Why, chat.Killed))
	m.Model = cmp.Or(m.Model, r.head.Model)
	if r.ended != nil {
		texts := m
		m = r.ended.Message.Message
		m.Role, m.Model = texts.Role, texts.Model
		m.Text, m.Reasoning, m.Refusal = texts.Text, texts.Reasoning, texts.Refusal
	}
	j.Answer = record.Message{Message: m, Time: r.head.Time, Profile: r.head.Profile, Turn: r.head.Turn}
	return j
}

// Empty reports whether nothing of an answer came.
func (j *Contents) Empty() bool {
	m := j.Answer
	return m.Text == "" && m.Reasoning == "" && m.Refusal == "" && len(m.ToolCalls) == 0 && len(m.Parts) == 0 && len(m.Output) == 0
}

// IsOf reports whether a head is that of the journal of a session, and not of another one
// with its ID.
func (l Line) IsOf(session string) bool {
	return l.File == "" || l.File == filepath.Base(session)
}

// EndedBy reports whether a record ends the turn of the journal. Records of a turn share
// its ID. An older oax wrote none: there an end counts that begins where the answer
// belongs or later, or one that was recovered, which has the time of the journal.
func (l Line) EndedBy(r record.Record) bool {
	if !r.IsEnd() {
		return false
	}
	if l.Turn != "" {
		return r.Turn == l.Turn
	}
	return r.Offset >= l.At || r.Time.Equal(l.Time)
}

// Unsaved returns what a session does not have yet of a journal. It holds one record of the
// session at a time.
func (j *Contents) Unsaved(session *io.SectionReader) (m record.Message, ok bool, err error) {
	ended, asked, last := false, false, record.Record{}
	c := record.Contents{}
	err = record.EachWhole(session, func(line []byte, size int64) error {
		_ = c.Add(line, size)
		for _, r := range c.Records {
			ended = ended || j.Head.EndedBy(r)
			if r.Kind == record.KindMessage || r.Kind == record.KindError {
				asked = r.IsPrompt() || r.Role == chat.Tool && r.Turn != "" && r.Turn == j.Head.Turn
			}
			last = r
		}
		c.Records = c.Records[:0]
		return nil
	})
	switch {
	case err != nil:
		return m, false, err
	case j.Head.Kind == "" && !asked: // nothing says where it belongs: it is the last answer, or another one
		return j.Answer, !j.Empty() && !beginsWith(last.Message, j.Answer), nil
	case j.Head.Kind != "" && ended:
		return m, false, nil
	case !j.Empty():
		return j.Answer, true, nil
	}
	m = record.Message{Time: j.Head.Time, Turn: j.Head.Turn}
	m.Role, m.Why, m.Text = record.Error, chat.Killed, "stopped before an answer came"
	if j.Head.Why == chat.Disk {
		m.Why, m.Text = chat.Disk, "no word of the answer could be saved"
	}
	if m.Usage = j.Answer.Usage; m.Usage != nil {
		m.Model = j.Answer.Model
	}
	return m, asked || m.Usage != nil, nil
}

// beginsWith reports whether each text of a message begins as that of another one.
func beginsWith(m, other record.Message) bool {
	return strings.HasPrefix(m.Text, other.Text) && strings.HasPrefix(m.Reasoning, other.Reasoning) && strings.HasPrefix(m.Refusal, other.Refusal)
}
