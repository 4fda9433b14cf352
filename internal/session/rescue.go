package session

import (
	"bufio"
	"bytes"
	"errors"
	"os"

	"oax/internal/chat"
)

// leftPiece is how much of an answer goes into one line, in bytes.
const leftPiece = 64 << 10

// leave puts in the part what it lacks of an answer that the session could not
// take, or if that is too much, that the answer ended for want of room.
func (w *Writer) leave(m chat.Message) {
	end, ok := lineOf(Message{Message: m, Time: w.store.now()}).(messageLine)
	if !ok {
		return
	}
	size := w.text + w.reasoning + w.refusal
	err := w.writePart([]byte("\n")) // a Journal that could not be undone may have left half a line
	for _, left := range []struct{ key, text string }{
		{"text", m.Text[min(w.text, len(m.Text)):]},
		{"reasoning", m.Reasoning[min(w.reasoning, len(m.Reasoning)):]},
		{"refusal", m.Refusal[min(w.refusal, len(m.Refusal)):]},
	} {
		for err == nil && left.text != "" {
			n := chat.Fitting(left.text, leftPiece)
			line := object(append(w.line[:0], '{')).text(left.key, left.text[:n]).number("after", int64(size))
			w.line = append(line, '}', '\n')
			left.text, size = left.text[n:], size+n
			err = w.writePart(w.line)
		}
	}
	end.Text, end.Reasoning, end.Refusal = "", "", ""
	if err != nil || w.leaveLine(partLine{Model: m.Model, Answer: &end, After: &size}) != nil {
		w.claim.markFull()
	}
}

const (
	whyKilled = `"why":"killed"`
	whyFull   = `"why":"disk"  `
)

// markFull makes the first line of the part say that there was no room for more. It
// overwrites what is there, since there may not be room for one byte.
func (c *claim) markFull() {
	f, err := openFile(c.path, os.O_RDWR)
	if err != nil {
		return
	}
	defer f.Close()
	head, _ := bufio.NewReader(f).ReadBytes('\n')
	if at := bytes.Index(head, []byte(whyKilled)); at >= 0 {
		_, _ = f.WriteAt([]byte(whyFull), int64(at))
	}
}

func (w *Writer) leaveLine(l partLine) error {
	line, err := encode(l)
	if err != nil {
		return err
	}
	return w.writePart(line)
}

// rescued adds to a SaveError where a copy of the answer is.
func (w *Writer) rescued(m chat.Message, err error) error {
	var save *SaveError
	if !errors.As(err, &save) {
		return err
	}
	with := *save
	with.Rescued = w.store.rescueCopy(w.entry.ID, m)
	return &with
}

// rescueCopy writes what a person would see of an answer to a new private file
// and returns its path, or "" if it could not.
func (st *Store) rescueCopy(id string, m chat.Message) string {
	if st.rescue == "" {
		return ""
	}
	f, err := os.CreateTemp(st.rescue, "oax-"+id+"-*.txt")
	if err != nil {
		return ""
	}
	_, err = f.WriteString(m.Shown())
	if err = errors.Join(err, f.Sync(), closeFile(f)); err != nil {
		_ = os.Remove(f.Name())
		return ""
	}
	return f.Name()
}
