package export

import (
	"io"
	"iter"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/journal"
	"oax/internal/session/record"
)

// How an answer that is still arriving is written.

// followAll writes a session that a turn is being added to, and what comes of that until it is
// over: after an answer with calls the records of those, and the next answer.
func (o Options) followAll(out io.Writer, s *session.Session, before string) error {
	for s != nil {
		if err := o.follow(out, s, before); err != nil {
			return err
		}
		var err error
		if s, err = o.Next(s); err != nil {
			return err
		}
		before, o.rest = o.format().between, true
	}
	return nil
}

// follow writes a session whose last answer is being written, as Text or Bare, and the rest
// of that answer as it comes.
func (o Options) follow(out io.Writer, s *session.Session, before string) error {
	last, end, running := s.Running()
	if !running {
		text, err := o.format().print(s)
		w := follower{out: out, err: err}
		w.write([]byte(before + text))
		return w.err
	}
	shown := *s
	shown.Messages = append([]record.Message{}, s.Messages...)
	answer := &shown.Messages[len(shown.Messages)-1]
	answer.Text, answer.Refusal = "", ""
	text, err := o.format().print(&shown)
	if err != nil {
		return err
	}
	w := follower{out: out, style: o.Style}
	w.write([]byte(before + text))
	w.ended = true // an answer without text gets no line end
	w.show(last.Text + last.Refusal)
	for delta, err := range o.Tail(s.Entry(), end) {
		if err != nil {
			return err
		}
		w.show(string(delta.Text) + string(delta.Refusal))
	}
	if o.Style.Viewer != nil {
		w.write(o.Style.Viewer.Flush(nil))
	}
	if !w.ended && (o.Form == Text || o.Terminal) {
		w.write([]byte("\n"))
	}
	return w.err
}

// Tail returns what comes of an answer after a position, as session.Store.Tail does.
type Tail func(session.Entry, journal.Position) iter.Seq2[*chat.Delta, error]

// follower writes at once what it gets.
type follower struct {
	out   io.Writer
	style Style
	ended bool // the last character was a line end
	err   error
}

// show writes a text as the viewer shows it.
func (w *follower) show(text string) {
	b := []byte(text)
	if w.style.Viewer != nil {
		b = w.style.Viewer.Append(nil, b)
	}
	w.write(b)
}

func (w *follower) write(b []byte) {
	if len(b) == 0 || w.err != nil {
		return
	}
	w.ended = b[len(b)-1] == '\n'
	if _, w.err = w.out.Write(b); w.err != nil {
		return
	}
	if buffered, ok := w.out.(interface{ Flush() error }); ok {
		w.err = buffered.Flush()
	}
}
