package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"time"

	"oax/internal/chat"
	"oax/internal/jsontext"
	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// How an answer is kept while it arrives.

// Head says of which turn a journal is: the ID and the name of the file say where the answer
// belongs; the model is the one that was asked.
type Head struct {
	Time                       time.Time
	Model, Profile, File, Turn string
}

// line returns the head as a line.
func (h Head) line() []byte {
	o := jsontext.Builder{'{'}.Text("kind", kindJournal).Number("pid", int64(os.Getpid())).Time("time", h.Time)
	o = o.Text("why", string(chat.Killed)).Some("model", h.Model).Some("profile", h.Profile)
	return append(o.Text("file", h.File).Text("turn", h.Turn), '}', '\n')
}

// Begin writes the head of a journal, which is empty.
func (j *File) Begin(h Head) error {
	j.model = h.Model
	return j.write(h.line())
}

// Add puts what a delta brings in the journal, with one write. The strings in it must be valid
// UTF-8. After an error nothing more is added, so that what is on disk has no gap, and every call
// returns the error.
func (j *File) Add(d *chat.Delta) error {
	if j.err != nil {
		return j.err
	}
	j.line = appendDelta(j.line[:0], d, j.model)
	if len(j.line) == 0 {
		return nil
	}
	if j.err = j.write(j.line); j.err != nil {
		return j.err
	}
	j.text, j.reasoning, j.refusal = j.text+len(d.Text), j.reasoning+len(d.Reasoning), j.refusal+len(d.Refusal)
	if d.Model != "" {
		j.model = d.Model
	}
	if d.Usage != nil {
		j.usage = d.Usage
	}
	return nil
}

// LastUsage returns the last usage in the journal, and the model that it is of; neither if there
// is none.
func (j *File) LastUsage() (usage json.RawMessage, model string) {
	if j.usage == nil {
		return nil, ""
	}
	return j.usage, j.model
}

// isBlank reports whether a delta adds nothing but a model.
func isBlank(d *chat.Delta) bool {
	texts := len(d.Text) + len(d.Reasoning) + len(d.Refusal)
	return texts+len(d.ToolCalls)+len(d.Parts)+len(d.Opaque)+len(d.Items)+len(d.FinishReason)+len(d.Usage) == 0
}

// appendDelta appends a line of the journal, or nothing for a blank delta.
func appendDelta(b []byte, d *chat.Delta, model string) []byte {
	if isBlank(d) {
		return b
	}
	o := jsontext.Builder(append(b, '{')).Bytes("text", d.Text).Bytes("reasoning", d.Reasoning).Bytes("refusal", d.Refusal)
	o = record.AppendCalls(o, d.ToolCalls).Some("finish_reason", d.FinishReason).JSON("usage", d.Usage)
	o = jsontext.List(jsontext.List(jsontext.List(o, "attachments", d.Parts), "opaque", d.Opaque), "items", d.Items)
	if d.Model != model {
		o = o.Some("model", d.Model)
	}
	return append(o, '}', '\n')
}

// write appends to the journal, or leaves it as it was.
func (j *File) write(line []byte) error {
	n, err := j.file.Write(line)
	if err != nil && n > 0 {
		_ = disk.Truncate(j.file, j.size)
	}
	if err == nil {
		j.size += int64(n)
	}
	return err
}

// Keep puts in the journal what it lacks of an answer that the session could not take, or if
// there is no room for it, that the answer ended for want of room.
func (j *File) Keep(answer record.Message) {
	const maxPiece = 64 << 10 // bytes of text in one line
	m := answer.Message
	size := j.text + j.reasoning + j.refusal
	err := j.write([]byte("\n")) // an add that could not be undone may have left half a line
	for _, left := range []struct{ key, text string }{
		{"text", m.Text[min(j.text, len(m.Text)):]},
		{"reasoning", m.Reasoning[min(j.reasoning, len(m.Reasoning)):]},
		{"refusal", m.Refusal[min(j.refusal, len(m.Refusal)):]},
	} {
		for err == nil && left.text != "" {
			n := chat.Fitting(left.text, maxPiece)
			j.line = append(jsontext.Builder(append(j.line[:0], '{')).Text(left.key, left.text[:n]).Number("after", int64(size)), '}', '\n')
			left.text, size = left.text[n:], size+n
			err = j.write(j.line)
		}
	}
	if err == nil {
		m.Text, m.Reasoning, m.Refusal = "", "", ""
		end := record.Of(record.Message{Message: m, Time: answer.Time}).AppendTo(nil)
		last := jsontext.Builder{'{'}.Some("model", m.Model).JSON("answer", end).Number("after", int64(size))
		err = j.write(append(last, '}', '\n'))
	}
	if err != nil {
		j.markFull()
	}
}

const (
	whyKilled = `"why":"killed"`
	whyFull   = `"why":"disk"  `
)

// markFull makes the head of the journal say that there was no room for more. It
// overwrites what is there, since there may not be room for one byte.
func (j *File) markFull() {
	f, err := disk.OpenFile(j.Path, os.O_RDWR)
	if err != nil {
		return
	}
	defer f.Close()
	head, _ := bufio.NewReader(f).ReadBytes('\n')
	if at := bytes.Index(head, []byte(whyKilled)); at >= 0 {
		_, _ = f.WriteAt([]byte(whyFull), int64(at))
	}
}
