package session

import (
	"os"
	"time"

	"oax/internal/chat"
)

// Journal puts what a delta brings in the part, with one write. It is to be called
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
	if err := w.writePart(w.line); err != nil {
		w.journalErr = w.store.cannotSave("answer", w.entry.ID, err)
		return w.journalErr
	}
	w.text, w.reasoning, w.refusal = w.text+len(d.Text), w.reasoning+len(d.Reasoning), w.refusal+len(d.Refusal)
	if d.Model != "" && d.Model != w.model {
		w.model = d.Model
	}
	return nil
}

// head writes the first line of the part. at is where the answer will begin.
func (w *Writer) head(now time.Time, messages []Message, at int64) error {
	head := partHead{Kind: kindPart, PID: os.Getpid(), Time: now, Why: chat.Killed, At: at}
	for _, m := range messages {
		if m.Role == chat.User {
			head.Model, head.Profile = m.Model, m.Profile
		}
	}
	w.model, w.profile = head.Model, head.Profile
	line, err := encode(head)
	if err != nil {
		return err
	}
	return w.writePart(line)
}

// writePart appends to the part, or leaves it as it was.
func (w *Writer) writePart(line []byte) error {
	n, err := w.claim.file.Write(line)
	if err != nil && n > 0 {
		_ = truncate(w.claim.file, w.partSize)
	}
	if err == nil {
		w.partSize += int64(n)
	}
	return err
}

// appendDelta appends a part's line, or nothing for a delta that has no text. It
// is written by hand because it runs for every token.
func appendDelta(b []byte, d *chat.Delta, model string) []byte {
	start := len(b)
	b = appendField(b, start, "text", d.Text)
	b = appendField(b, start, "reasoning", d.Reasoning)
	b = appendField(b, start, "refusal", d.Refusal)
	if len(b) == start {
		return b
	}
	if d.Model != model {
		b = appendField(b, start, "model", []byte(d.Model))
	}
	return append(b, '}', '\n')
}

func appendField(b []byte, start int, key string, value []byte) []byte {
	if len(value) == 0 {
		return b
	}
	if len(b) == start {
		b = append(b, '{', '"')
	} else {
		b = append(b, ',', '"')
	}
	b = append(b, key...)
	b = append(b, '"', ':', '"')
	b = appendEscaped(b, value)
	return append(b, '"')
}

// appendEscaped appends s as the inside of a JSON string.
func appendEscaped[text string | []byte](b []byte, s text) []byte {
	const hex = "0123456789abcdef"
	done := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[done:i]...)
		done = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(b, s[done:]...)
}
