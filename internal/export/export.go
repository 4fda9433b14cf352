// Package export writes sessions in other forms: as text to read, as a Markdown or HTML
// document, as JSON, or only their code blocks.
//
// Into a file or a pipe go the texts exactly as they are in the session. What a terminal
// gets is made visible first: controls are shown, never obeyed.
package export

import (
	"errors"
	"io"
	"iter"

	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
)

// Form is what sessions are written as.
type Form string

// The forms.
const (
	Text      Form = "text"     // a transcript, each message under a line about it
	Markdown  Form = "markdown" // a document with a heading for each message
	HTML      Form = "html"     // one page that needs no other file
	JSON      Form = "json"     // an object, or an array of objects for several sessions
	JSONLines Form = "jsonl"    // an object for each message, one a line
	Bare      Form = "bare"     // the texts of the messages and nothing added
)

// Options say how sessions are written.
type Options struct {
	Form     Form
	Code     Code   // if set, only these code blocks are written, whatever Form is
	Instead  string // the command that shows what has no such code, without the session's ID
	Several  bool   // there is more than one session
	Terminal bool   // the output is a terminal
	Raw      bool   // nothing is escaped or removed, not even for a terminal
	All      bool   // HTML has the tries that failed too
	Style    Style  // of Text and Bare
	Log      *report.Writer
	// Tail follows answers that are still being written, as Text or Bare; nil writes what has
	// come of them.
	Tail Tail
	// Next returns what followed the last answer of a session in its turn, as
	// session.Store.Next does. It is set if Tail is.
	Next func(*session.Session) (*session.Session, error)

	rest bool // there was something of the session before
}

// Write writes sessions as they come. It ends with the first error of the sequence or of
// out; a session without the code that is wanted is a *report.Error. What was written
// before stays written.
func Write(out io.Writer, sessions iter.Seq2[*session.Session, error], o Options) error {
	f := o.format()
	before := f.begin
	for s, err := range sessions {
		if err != nil {
			return err
		}
		if _, _, running := s.Running(); (running || s.RunsTools()) && o.Tail != nil {
			err = o.followAll(out, s, before)
		} else {
			var text string
			if text, err = f.print(s); err == nil {
				_, err = io.WriteString(out, before+text)
			}
		}
		if err != nil {
			return err
		}
		before = f.between
	}
	_, err := io.WriteString(out, f.end)
	return err
}

// format is how one session is printed, and what is written around sessions.
type format struct {
	begin, between, end string
	print               func(*session.Session) (string, error)
}

func (o Options) format() format {
	if o.Code.Set() {
		return format{print: o.code}
	}
	f, text := format{}, (func(*session.Session) string)(nil)
	switch o.Form {
	case JSONLines:
		text = o.visible(jsonLines, term.EscapeJSON)
	case JSON:
		text, f.end = o.visible(document, term.EscapeJSON), "\n"
		if o.Several {
			f.begin, f.between, f.end = "[\n", ",\n", "\n]\n"
		}
	case Markdown:
		text, f.between = o.visible(o.markdown, term.Visible), "\n"
	case HTML:
		text, f.end = o.visible(o.page(), term.Visible), pageEnd
	case Bare:
		text = o.bare
	default:
		headed := (o.Several || o.Terminal) && !o.rest
		text, f.between = func(s *session.Session) string { return Transcript(s, headed, o.Style) }, "\n"
	}
	f.print = func(s *session.Session) (string, error) { return text(s), nil }
	return f
}

// visible returns print with its text escaped where a terminal needs it.
func (o Options) visible(print func(*session.Session) string, escape func(string) string) func(*session.Session) string {
	if o.Raw || !o.Terminal {
		return print
	}
	return func(s *session.Session) string { return escape(print(s)) }
}

// code returns the chosen code blocks of a session.
func (o Options) code(s *session.Session) (string, error) {
	var texts []string
	for _, m := range s.Messages {
		texts = append(texts, m.Shown())
	}
	code, err := o.Code.Of(texts...)
	if missing, ok := errors.AsType[*report.Error](err); ok && o.Instead != "" {
		missing.Hint = o.Instead + " " + s.ID
	}
	if err == nil && !o.Raw {
		code = AsSeen(code, o.Log)
	}
	if o.Terminal && !o.Raw {
		code = term.Visible(code)
	}
	return code, err
}
