package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"oax/internal/session"
	"oax/internal/term"
)

// listed is a session in a list, as --json prints it.
type listed struct {
	ID         string        `json:"id"`
	Time       time.Time     `json:"time"`
	Turns      int           `json:"turns"`
	Model      string        `json:"model,omitempty"`
	Profile    string        `json:"profile,omitempty"`
	Title      string        `json:"title"`
	ForkOf     *session.Fork `json:"fork_of,omitempty"`
	Open       bool          `json:"open,omitempty"` // in another oax
	Incomplete bool          `json:"incomplete,omitempty"`
	Damaged    bool          `json:"damaged,omitempty"`
}

// lister writes sessions as a list, in one of its forms.
type lister interface {
	add(session.Summary) error
	end() error
}

// lister returns the form that the flags and standard output ask for. open are the
// sessions that another process has open.
func (env *Env) lister(out io.Writer, open map[string]bool) lister {
	switch {
	case env.flags.JSON:
		return &jsonList{out, open}
	case term.IsTerminal(env.Stdout):
		return env.table(out, open)
	}
	return &tabList{out, open}
}

// jsonList is an object a line.
type jsonList struct {
	out  io.Writer
	open map[string]bool
}

func (l *jsonList) add(s session.Summary) error {
	encoder := json.NewEncoder(l.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(listed{s.ID, s.Time, s.Turns, s.Model, s.Profile, s.Title, s.ForkOf, l.open[s.ID], s.Incomplete, s.Damaged})
}

func (l *jsonList) end() error { return nil }

// tabList is for other programs: ID, time, turns, model and title, with tabs between
// them, and behind a sixth tab, if there is anything, what marks says. Nothing is cut,
// and no setting changes it.
type tabList struct {
	out  io.Writer
	open map[string]bool
}

func (l *tabList) add(s session.Summary) error {
	line := fmt.Sprintf("%s\t%s\t%d\t%s\t%s", s.ID, formatTime(s.Time, defaultTime), s.Turns, term.Line(s.Model), term.Line(s.Title))
	if special := marks(s, l.open[s.ID]); special != "" {
		line += "\t" + special
	}
	_, err := io.WriteString(l.out, line+"\n")
	return err
}

func (l *tabList) end() error { return nil }

// marks are what is special about a session, in words.
func marks(s session.Summary, open bool) string {
	var words []string
	if s.Damaged {
		words = append(words, "damaged")
	}
	if open {
		words = append(words, "open")
	} else if s.Incomplete {
		words = append(words, "incomplete")
	}
	if s.ForkOf != nil {
		words = append(words, "fork of "+term.Line(s.ForkOf.ID))
	}
	return strings.Join(words, ", ")
}
