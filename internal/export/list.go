package export

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/term"
)

// List writes what there is to know of sessions without reading all of them. The forms: a
// table fitted to a terminal, lines with tabs for other programs, and a JSON object a line.
type List interface {
	Add(session.Summary) error
	End() error
}

// ListOptions say which form a List has.
type ListOptions struct {
	JSON       bool
	Stdout     *os.File // the List is fitted to it, if it is a terminal
	TimeFormat string   // as term.Clock takes it; empty: relative to Now
	Now        time.Time
	Open       map[string]bool // the sessions that another process has open
}

// NewList returns a List that writes to out.
func NewList(out io.Writer, o ListOptions) List {
	if o.JSON || !term.IsTerminal(o.Stdout) {
		return lineList{o, out}
	}
	columns, rows := term.Size(o.Stdout)
	return &tableList{ListOptions: o, out: out, columns: columns, wait: rows}
}

// lineList writes each session at once, as one line.
type lineList struct {
	ListOptions
	out io.Writer
}

// listed is a session in a list, as --json prints it.
type listed struct {
	ID         string       `json:"id"`
	Time       time.Time    `json:"time"` // when it began
	Used       time.Time    `json:"used"` // when it was used last
	Turns      int          `json:"turns"`
	Model      string       `json:"model,omitempty"`
	Profile    string       `json:"profile,omitempty"`
	Title      string       `json:"title"`
	ForkOf     *record.Fork `json:"fork_of,omitempty"`
	Open       bool         `json:"open,omitempty"` // in another oax
	Incomplete bool         `json:"incomplete,omitempty"`
	Damaged    bool         `json:"damaged,omitempty"`
	Helper     bool         `json:"helper,omitempty"` // what a program asked beside its chats
}

// Add writes an object, or for other programs ID, time, turns, model and title, separated
// by tabs, and what is special about the session after a sixth one. Nothing is cut, and no
// setting changes it.
func (l lineList) Add(s session.Summary) error {
	if l.JSON {
		object := listed{s.ID, s.Time, s.Used, s.Turns, s.Model, s.Profile, s.Title, s.ForkOf, l.Open[s.ID], s.Incomplete, s.Damaged, s.Helper}
		return writeJSON(l.out, object, term.IsTerminal(l.Stdout))
	}
	line := fmt.Sprintf("%s\t%s\t%d\t%s\t%s", s.ID, term.Clock(s.Used, ""), s.Turns, term.Line(s.Model), term.Line(s.Title))
	if special := l.marks(s); special != "" {
		line += "\t" + special
	}
	_, err := io.WriteString(l.out, line+"\n")
	return err
}

func (lineList) End() error { return nil }

// marks returns what is special about a session, in words.
func (o ListOptions) marks(s session.Summary) string {
	var words []string
	if s.Damaged {
		words = append(words, "damaged")
	}
	if o.Open[s.ID] {
		words = append(words, "open")
	} else if s.Incomplete {
		words = append(words, "incomplete")
	}
	if s.Helper {
		words = append(words, "helper")
	}
	if s.ForkOf != nil {
		words = append(words, "fork of "+term.Line(s.ForkOf.ID))
	}
	return strings.Join(words, ", ")
}

// tableList prints a line for each session that fits on the terminal. The first screen
// of them decides how wide the columns are.
type tableList struct {
	ListOptions
	out     io.Writer
	columns int // of the terminal
	wait    int // rows to see before the columns are set
	rows    []tableRow

	timeWidth  int
	turnsWidth int // 0: there is no room
	modelWidth int // 0: there is no room
}

// tableRow is a session in columns of visible text.
type tableRow struct{ id, when, turns, model, title, marks string }

// Used says when a session was used last: by the pattern of the configuration, or relative
// to now.
func Used(s session.Summary, pattern string, now time.Time) string {
	if s.Used.IsZero() || pattern != "" {
		return term.Clock(s.Used, pattern)
	}
	return term.Relative(s.Used.Local(), now.Local())
}

func (t *tableList) Add(s session.Summary) error {
	t.rows = append(t.rows, tableRow{
		id: s.ID, when: Used(s, t.TimeFormat, t.Now), turns: fmt.Sprint(s.Turns),
		model: term.Line(s.Model), title: term.Line(s.Title), marks: t.marks(s),
	})
	if len(t.rows) < t.wait {
		return nil
	}
	return t.End()
}

// End prints the rows that wait.
func (t *tableList) End() error {
	if t.wait > 1 {
		t.fit()
	}
	t.wait = 1 // from now on each is printed at once
	for _, row := range t.rows {
		if _, err := io.WriteString(t.out, t.line(row)+"\n"); err != nil {
			return err
		}
	}
	t.rows = t.rows[:0]
	return nil
}

// fit sets the columns. Where there is little room the model is left out first, then the
// turns: the title is what a person knows a session by.
func (t *tableList) fit() {
	const enoughForModel, enoughForTurns = 70, 50
	for _, row := range t.rows {
		t.timeWidth = max(t.timeWidth, term.Width(row.when))
		if t.columns >= enoughForTurns {
			t.turnsWidth = max(t.turnsWidth, len(row.turns))
		}
		if t.columns >= enoughForModel {
			t.modelWidth = min(max(t.modelWidth, term.Width(row.model)), t.columns/5)
		}
	}
}

func (t *tableList) line(row tableRow) string {
	line := row.id + "  " + term.Pad(row.when, t.timeWidth)
	if t.turnsWidth > 0 {
		line += fmt.Sprintf("  %*s", t.turnsWidth, row.turns)
	}
	if t.modelWidth > 0 {
		line += "  " + term.Pad(row.model, t.modelWidth)
	}
	line += "  "
	special := row.marks
	if special != "" {
		special = " (" + special + ")"
	}
	const minTitle = 8 // where there is less room, the marks are cut
	line += term.Cut(row.title, max(t.columns-term.Width(line)-term.Width(special), minTitle)) + special
	return strings.TrimRight(term.Cut(line, t.columns), " ")
}
