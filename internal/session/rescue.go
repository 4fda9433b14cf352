package session

import (
	"errors"
	"os"

	"oax/internal/chat"
)

// leave puts in the part what it lacks of an answer that the session could not
// take, or if that is too much, at least that the answer ended for want of room.
func (w *Writer) leave(m chat.Message) {
	end, ok := lineOf(Message{Message: m, Time: w.store.now()}).(messageLine)
	if !ok {
		return
	}
	rest := partLine{
		Text:      m.Text[min(w.text, len(m.Text)):],
		Reasoning: m.Reasoning[min(w.reasoning, len(m.Reasoning)):],
		Refusal:   m.Refusal[min(w.refusal, len(m.Refusal)):],
		Model:     m.Model,
	}
	end.Text, end.Reasoning, end.Refusal = "", "", ""
	rest.Answer = &end
	if w.leaveLine(rest) != nil {
		end.State, end.Why = chat.Incomplete, chat.Disk
		_ = w.leaveLine(partLine{Answer: &end})
	}
}

func (w *Writer) leaveLine(l partLine) error {
	line, err := encode(l)
	if err != nil {
		return err
	}
	// A Journal that could not be undone may have left half a line.
	return w.writePart(append([]byte("\n"), line...))
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
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return ""
	}
	return f.Name()
}
