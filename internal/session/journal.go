package session

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"time"

	"oax/internal/chat"
)

// How an answer is kept while it arrives, and how it is read again: after a crash, or by
// another process while it arrives.

const kindJournal = "part"

const (
	maxJournal = 1 << 30  // bytes of a journal; 16 MiB of text, each byte on a line of its own, are less
	maxAnswer  = 64 << 20 // bytes of text in a journal
)

// journalLine is a line of a journal.
//
// The first line, its head, has a Kind, the ID of the turn and the name of the session's
// file. Why is why the answer is incomplete, if nothing says how it ended. That of an
// older oax has neither ID nor name; its At is the size of the session once the prompt is
// in it.
//
// Any other line is what a delta brought. If a whole answer could not be put in the
// session, the last line has an Answer, with everything but the texts, and the lines that
// were added then say After how many bytes of text they come.
type journalLine struct {
	record
	PID    int         `json:"pid"`
	File   string      `json:"file"`
	At     int64       `json:"at"`
	Items  []chat.Item `json:"items"`
	Answer *record     `json:"answer"`
	After  *int        `json:"after"`
}

// Journal puts what a delta brings in the journal, with one write. Call it
// before the delta is shown. The strings in it must be valid UTF-8. After an
// error nothing more is journaled, so that what is on disk has no gap, and
// every call returns the error; Finish tries to save the whole answer all the same.
func (w *Writer) Journal(d *chat.Delta) error {
	if w.closed {
		return os.ErrClosed
	}
	if w.journalErr != nil {
		return w.journalErr
	}
	w.line = appendDelta(w.line[:0], d, w.model)
	if len(w.line) == 0 {
		return nil
	}
	if err := w.writeJournal(w.line); err != nil {
		w.journalErr = w.store.cannotSave("answer", w.entry.ID, err)
		return w.journalErr
	}
	w.text, w.reasoning, w.refusal = w.text+len(d.Text), w.reasoning+len(d.Reasoning), w.refusal+len(d.Refusal)
	if d.Model != "" && d.Model != w.model {
		w.model = d.Model
	}
	if d.Usage != nil {
		w.usage = d.Usage
	}
	return nil
}

// isEmpty reports whether a delta adds nothing but a model.
func isEmpty(d *chat.Delta) bool {
	texts := len(d.Text) + len(d.Reasoning) + len(d.Refusal)
	return texts+len(d.ToolCalls)+len(d.Parts)+len(d.Opaque)+len(d.Items)+len(d.FinishReason)+len(d.Usage) == 0
}

// appendDelta appends a line of the journal, or nothing for an empty delta.
func appendDelta(b []byte, d *chat.Delta, model string) []byte {
	if isEmpty(d) {
		return b
	}
	o := object(append(b, '{')).bytes("text", d.Text).bytes("reasoning", d.Reasoning).bytes("refusal", d.Refusal)
	o = o.calls(d.ToolCalls).some("finish_reason", d.FinishReason).json("usage", d.Usage)
	o = list(list(list(o, "attachments", d.Parts), "opaque", d.Opaque), "items", d.Items)
	if d.Model != model {
		o = o.some("model", d.Model)
	}
	return append(o, '}', '\n')
}

// delta returns the delta that appendDelta made a line of.
func (l journalLine) delta() *chat.Delta {
	d := &chat.Delta{
		Text: []byte(l.Text), Reasoning: []byte(l.Reasoning), Refusal: []byte(l.Refusal), ToolCalls: l.ToolCalls,
		Parts: l.Parts, FinishReason: l.FinishReason, Usage: l.Usage, Model: l.Model, Items: l.Items,
	}
	_ = json.Unmarshal(l.Opaque, &d.Opaque) // without it there is nothing in it
	return d
}

// head returns the head of a journal of the turn.
func (w *Writer) head(now time.Time) []byte {
	o := object{'{'}.text("kind", kindJournal).number("pid", int64(os.Getpid())).time("time", now)
	o = o.text("why", string(chat.Killed)).some("model", w.asked).some("profile", w.profile)
	return append(o.text("file", filepath.Base(w.entry.Path)).text("turn", w.turn), '}', '\n')
}

// writeJournal appends to the journal, or leaves it as it was.
func (w *Writer) writeJournal(line []byte) error {
	n, err := w.lock.file.Write(line)
	if err != nil && n > 0 {
		_ = truncate(w.lock.file, w.journalSize)
	}
	if err == nil {
		w.journalSize += int64(n)
	}
	return err
}

// keepInJournal puts in the journal what it lacks of an answer that the session could not
// take, or if there is no room for it, that the answer ended for want of room.
func (w *Writer) keepInJournal(m chat.Message) {
	const maxPiece = 64 << 10 // bytes of text in one line
	size := w.text + w.reasoning + w.refusal
	err := w.writeJournal([]byte("\n")) // a Journal that could not be undone may have left half a line
	for _, left := range []struct{ key, text string }{
		{"text", m.Text[min(w.text, len(m.Text)):]},
		{"reasoning", m.Reasoning[min(w.reasoning, len(m.Reasoning)):]},
		{"refusal", m.Refusal[min(w.refusal, len(m.Refusal)):]},
	} {
		for err == nil && left.text != "" {
			n := chat.Fitting(left.text, maxPiece)
			w.line = append(object(append(w.line[:0], '{')).text(left.key, left.text[:n]).number("after", int64(size)), '}', '\n')
			left.text, size = left.text[n:], size+n
			err = w.writeJournal(w.line)
		}
	}
	if err == nil {
		m.Text, m.Reasoning, m.Refusal = "", "", ""
		answer := recordOf(Message{Message: m, Time: w.store.now()}).appendTo(nil)
		last := object{'{'}.some("model", m.Model).json("answer", answer).number("after", int64(size))
		err = w.writeJournal(append(last, '}', '\n'))
	}
	if err != nil {
		w.lock.markFull()
	}
}

const (
	whyKilled = `"why":"killed"`
	whyFull   = `"why":"disk"  `
)

// markFull makes the head of the journal say that there was no room for more. It
// overwrites what is there, since there may not be room for one byte.
func (l *sessionLock) markFull() {
	f, err := openFile(l.path, os.O_RDWR)
	if err != nil {
		return
	}
	defer f.Close()
	head, _ := bufio.NewReader(f).ReadBytes('\n')
	if at := bytes.Index(head, []byte(whyKilled)); at >= 0 {
		_, _ = f.WriteAt([]byte(whyFull), int64(at))
	}
}

// journal is the journal of a turn, read. Its head has no Kind if nothing says where the
// answer belongs.
type journal struct {
	head   journalLine
	answer Message // as far as it can be read
	lost   int64   // where the lines begin that cannot be read; -1 if all can
}

// readJournal reads a journal, which may be growing. With an error it is what could be
// read. What is too large for a journal is a FileError.
func readJournal(path string) (journal, error) {
	f, err := OpenFile(path)
	if err != nil {
		return journal{lost: -1}, err
	}
	defer f.Close()
	whole, err := wholeOf(f)
	if err == nil && whole.Size() > maxJournal {
		err = &FileError{path, tooLarge}
	}
	if err != nil {
		return journal{lost: -1}, err
	}
	return parseJournal(whole, path)
}

// parseJournal reads any bytes.
func parseJournal(f *io.SectionReader, path string) (journal, error) {
	r := newJournalReader()
	err := EachWhole(f, func(line []byte, size int64) error {
		if r.add(line, size); r.size > maxAnswer {
			return &FileError{path, tooLarge}
		}
		return nil
	})
	return r.journal(), err
}

// readHead reads the head of a journal, or what there is in its place.
func readHead(path string) journalLine {
	f, err := OpenFile(path)
	if err != nil {
		return journalLine{}
	}
	defer f.Close()
	return headOf(f)
}

func headOf(f *os.File) journalLine {
	const maxHead = 64 << 10
	r := newJournalReader()
	line, _ := bufio.NewReader(io.NewSectionReader(f, 0, maxHead)).ReadBytes('\n')
	r.add(line, int64(len(line)))
	return r.head
}

// journalReader gathers an answer from the lines of a journal. A last line that was cut does
// not count: its text was never shown. The answer ends before any other line that cannot be
// read, since it must have no gap, unless that is half a line that keepInJournal went on
// from: the next line then begins after the text of the lines before.
type journalReader struct {
	head   journalLine
	turn   chat.Turn
	ended  *record // how the answer ended, if that is known
	at     int64   // where the next line begins
	size   int     // bytes of text in the lines so far
	broken int64   // where the line before begins, if it cannot be read; else -1
	cut    bool    // that line has no end
	lost   bool    // nothing more is read
}

func newJournalReader() *journalReader { return &journalReader{broken: -1} }

// add takes the next line, or nil if the line is too long. Size is the length of the line
// in bytes, with its line end. It returns the line if that adds to the answer.
func (r *journalReader) add(line []byte, size int64) (l journalLine, ok bool) {
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
	if err != nil || isEmpty(d) && l.Answer == nil {
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
func (r *journalReader) addHead(line []byte) bool {
	var head journalLine
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

// journal returns what the lines make.
func (r *journalReader) journal() journal {
	j := journal{head: r.head, lost: -1}
	if r.lost || r.broken >= 0 && !r.cut {
		j.lost, r.ended = r.broken, nil
	}
	m := r.turn.End(cmp.Or(r.head.Why, chat.Killed))
	m.Model = cmp.Or(m.Model, r.head.Model)
	if r.ended != nil {
		texts := m
		m = r.ended.Message.Message
		m.Role, m.Model = texts.Role, texts.Model
		m.Text, m.Reasoning, m.Refusal = texts.Text, texts.Reasoning, texts.Refusal
	}
	j.answer = Message{Message: m, Time: r.head.Time, Profile: r.head.Profile, Turn: r.head.Turn}
	return j
}

// empty reports whether nothing of an answer came.
func (j *journal) empty() bool {
	m := j.answer
	return m.Text == "" && m.Reasoning == "" && m.Refusal == "" && len(m.ToolCalls) == 0 && len(m.Parts) == 0 && len(m.Output) == 0
}

// isOf reports whether a head is that of the journal of a session, and not of another one
// with its ID.
func (l journalLine) isOf(e Entry) bool { return l.File == "" || l.File == filepath.Base(e.Path) }

// endedBy reports whether a record ends the turn of the journal. Records of a turn share
// its ID. An older oax wrote none: there an end counts that begins where the answer
// belongs or later, or one that was recovered, which has the time of the journal.
func (l journalLine) endedBy(r record) bool {
	if !r.isEnd() {
		return false
	}
	if l.Turn != "" {
		return r.Turn == l.Turn
	}
	return r.at >= l.At || r.Time.Equal(l.Time)
}
