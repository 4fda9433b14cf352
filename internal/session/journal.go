package session

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"time"

	"oax/internal/chat"
)

// How an answer is kept while it arrives, and how it is read again after a crash.

const kindJournal = "part"

// journalHead is the first line of a journal. At is the size of the session once the
// prompt is in it: an answer found from there on makes the journal void. Why is why the
// answer is incomplete, if nothing says how it ended.
type journalHead struct {
	Kind    string    `json:"kind"`
	PID     int       `json:"pid"`
	Time    time.Time `json:"time"`
	Why     chat.Why  `json:"why"`
	Model   string    `json:"model,omitempty"`
	Profile string    `json:"profile,omitempty"`
	At      int64     `json:"at"`
}

// journalLine is any other line. If a whole answer could not be put in the session, its
// last line has an Answer, with everything but the texts, and its lines say After how many
// bytes of text they come.
type journalLine struct {
	Text      string  `json:"text"`
	Reasoning string  `json:"reasoning"`
	Refusal   string  `json:"refusal"`
	Model     string  `json:"model"`
	Answer    *record `json:"answer"`
	After     *int    `json:"after"`
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
	return nil
}

// appendDelta appends a line of the journal, or nothing for a delta that has no text.
func appendDelta(b []byte, d *chat.Delta, model string) []byte {
	if len(d.Text)+len(d.Reasoning)+len(d.Refusal) == 0 {
		return b
	}
	o := object(append(b, '{')).bytes("text", d.Text).bytes("reasoning", d.Reasoning).bytes("refusal", d.Refusal)
	if d.Model != model {
		o = o.some("model", d.Model)
	}
	return append(o, '}', '\n')
}

// beginJournal writes the first line of the journal. at is where the answer will begin.
func (w *Writer) beginJournal(now time.Time, messages []Message, at int64) error {
	head := journalHead{Kind: kindJournal, PID: os.Getpid(), Time: now, Why: chat.Killed, At: at}
	for _, m := range messages {
		if m.Role == chat.User {
			head.Model, head.Profile = m.Model, m.Profile
		}
	}
	w.model, w.profile = head.Model, head.Profile
	return w.writeJournal(head.appendTo(nil))
}

func (h journalHead) appendTo(b []byte) []byte {
	o := object(append(b, '{')).text("kind", h.Kind).number("pid", int64(h.PID)).time("time", h.Time)
	o = o.text("why", string(h.Why)).some("model", h.Model).some("profile", h.Profile).number("at", h.At)
	return append(o, '}', '\n')
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

// markFull makes the first line of the journal say that there was no room for more. It
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

// journal is the journal of a turn, read.
type journal struct {
	journalHead
	answer Message // the answer as far as it can be read
	lost   []byte  // the rest, from a line on that cannot be read
}

// readJournal reads a journal, which may be growing. With an error it is what could be
// read.
func readJournal(path string) (journal, error) {
	f, err := openFile(path, os.O_RDONLY)
	if err != nil {
		return journal{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	return parseJournal(data), err
}

// parseJournal reads any bytes. It drops a last line that was cut: its text was never
// shown. The answer ends before any other line that cannot be read, since it must have no
// gap, unless that is half a line that keepInJournal went on from: the next line then
// begins after the text of the lines before.
func parseJournal(data []byte) journal {
	var j journal
	var turn chat.Turn
	var ended *record
	at, size, broken := 0, 0, -1 // broken is the offset of the line before, if it cannot be read
	for line := range bytes.Lines(data) {
		start := at
		at += len(line)
		isHead := false
		if start == 0 {
			j.journalHead, isHead = parseJournalHead(line)
		}
		if isHead || start == 0 && isBrokenHead(line) || len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		l, ok := parseJournalLine(line)
		if broken >= 0 && (l.After == nil || *l.After != size) {
			break
		}
		if !ok {
			broken = start
			continue
		}
		broken = -1
		size += len(l.Text) + len(l.Reasoning) + len(l.Refusal)
		turn.Add(&chat.Delta{
			Text: []byte(l.Text), Reasoning: []byte(l.Reasoning), Refusal: []byte(l.Refusal), Model: l.Model,
		})
		ended = cmp.Or(l.Answer, ended)
	}
	if broken >= 0 && bytes.IndexByte(data[broken:], '\n') >= 0 {
		j.lost, ended = data[broken:], nil
	}
	j.answer = j.message(turn.End(cmp.Or(j.Why, chat.Killed)), ended)
	return j
}

// parseJournalHead reads the first line; ok is whether it is a head. A head without an
// offset in the session, which is never 0, has no kind: nothing says where the answer
// belongs.
func parseJournalHead(line []byte) (head journalHead, ok bool) {
	if json.Unmarshal(line, &head) != nil || head.Kind != kindJournal {
		return journalHead{}, false
	}
	if head.At <= 0 {
		head.Kind = ""
	}
	return head, true
}

// isBrokenHead reports whether a line that cannot be read is a head and nothing more: the
// quotes in other lines are escaped.
func isBrokenHead(line []byte) bool {
	_, rest, found := bytes.Cut(line, []byte(`,"at":`))
	return found && bytes.IndexByte(rest, '"') < 0
}

// parseJournalLine reads a line after the first; ok is whether it has anything in it.
func parseJournalLine(line []byte) (l journalLine, ok bool) {
	err := json.Unmarshal(line, &l)
	if err != nil {
		return journalLine{}, false
	}
	return l, l.Text != "" || l.Reasoning != "" || l.Refusal != "" || l.Answer != nil
}

// message returns the answer with the text that is there. ended says how it ended, if that
// is known.
func (j *journal) message(m chat.Message, ended *record) Message {
	if m.Model == "" {
		m.Model = j.Model
	}
	if ended != nil {
		m.ToolCalls, m.FinishReason, m.Usage = ended.ToolCalls, ended.FinishReason, ended.Usage
		m.State, m.Why = ended.State, ended.Why
	}
	return Message{Message: m, Time: j.Time, Profile: j.Profile}
}

// empty reports whether nothing of an answer came.
func (j *journal) empty() bool {
	m := j.answer
	return m.Text == "" && m.Reasoning == "" && m.Refusal == "" && len(m.ToolCalls) == 0
}
