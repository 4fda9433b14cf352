package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
)

// lister writes sessions as a list. The forms: a table fitted to a terminal, lines with
// tabs for other programs, and a JSON object a line.
type lister interface {
	add(session.Summary) error
	end() error
}

// newLister returns the form that the flags and standard output ask for.
func newLister(p *Process, lib *library, o outputFlags, out io.Writer) lister {
	open := lib.store.Open()
	switch {
	case o.JSON:
		return &jsonList{p, out, open}
	case term.IsTerminal(p.Stdout):
		return newTable(p, lib, out, open)
	}
	return &tabList{out, open}
}

// printAll prints sessions as ls does.
func printAll(p *Process, lib *library, o outputFlags, entries []session.Entry) error {
	list := newLister(p, lib, o, p.Stdout)
	for _, entry := range entries {
		if err := list.add(summaryOf(lib.store, entry)); err != nil {
			return report.Output(err)
		}
	}
	if err := list.end(); err != nil {
		return report.Output(err)
	}
	return nil
}

// writeJSON writes a value as one line of JSON to standard output, by way of out. If that
// is a terminal, characters that it would obey or hide are escaped.
func (p *Process) writeJSON(out io.Writer, value any) error {
	var line strings.Builder
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	text := line.String()
	if term.IsTerminal(p.Stdout) {
		text = term.EscapeJSON(text)
	}
	if err == nil {
		_, err = io.WriteString(out, text)
	}
	return err
}

// jsonList is an object a line.
type jsonList struct {
	p    *Process
	out  io.Writer
	open map[string]bool // the sessions that another process has open
}

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

func (l *jsonList) add(s session.Summary) error {
	return l.p.writeJSON(l.out, listed{s.ID, s.Time, s.Turns, s.Model, s.Profile, s.Title, s.ForkOf, l.open[s.ID], s.Incomplete, s.Damaged})
}

func (l *jsonList) end() error { return nil }

// tabList is for other programs: ID, time, turns, model and title, separated by tabs,
// and what is special about the session after a sixth one. Nothing is cut, and no
// setting changes it.
type tabList struct {
	out  io.Writer
	open map[string]bool
}

func (l *tabList) add(s session.Summary) error {
	line := fmt.Sprintf("%s\t%s\t%d\t%s\t%s", s.ID, term.Clock(s.Time, ""), s.Turns, term.Line(s.Model), term.Line(s.Title))
	if special := marks(s, l.open[s.ID]); special != "" {
		line += "\t" + special
	}
	_, err := io.WriteString(l.out, line+"\n")
	return err
}

func (l *tabList) end() error { return nil }

// marks returns what is special about a session, in words.
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

// tableList prints a line for each session that fits on the terminal. The first screen
// of them decides how wide the columns are.
type tableList struct {
	out     io.Writer
	open    map[string]bool
	when    func(session.Summary) string // when it began
	columns int                          // of the terminal
	wait    int                          // rows to see before the columns are set
	rows    []tableRow

	timeWidth  int
	turnsWidth int // 0: there is no room
	modelWidth int // 0: there is no room
}

// tableRow is a session in columns of visible text.
type tableRow struct{ id, when, turns, model, title, marks string }

func newTable(p *Process, lib *library, out io.Writer, open map[string]bool) *tableList {
	columns, rows := term.Size(p.Stdout)
	when := func(s session.Summary) string { return began(s, lib.file.TimeFormat, p.Now()) }
	return &tableList{out: out, open: open, when: when, columns: columns, wait: rows}
}

// began says when a session began: by the pattern of the configuration, or relative to now.
func began(s session.Summary, pattern string, now time.Time) string {
	if s.Time.IsZero() || pattern != "" {
		return term.Clock(s.Time, pattern)
	}
	return term.Relative(s.Time.Local(), now.Local())
}

func (t *tableList) add(s session.Summary) error {
	t.rows = append(t.rows, tableRow{
		id: s.ID, when: t.when(s), turns: fmt.Sprint(s.Turns),
		model: term.Line(s.Model), title: term.Line(s.Title), marks: marks(s, t.open[s.ID]),
	})
	if len(t.rows) < t.wait {
		return nil
	}
	return t.end()
}

// end prints the rows that wait.
func (t *tableList) end() error {
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
	line := row.id + "  " + pad(row.when, t.timeWidth)
	if t.turnsWidth > 0 {
		line += fmt.Sprintf("  %*s", t.turnsWidth, row.turns)
	}
	if t.modelWidth > 0 {
		line += "  " + pad(row.model, t.modelWidth)
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

// pad makes visible text as wide as a column.
func pad(s string, columns int) string {
	s = term.Cut(s, columns)
	return s + strings.Repeat(" ", columns-term.Width(s))
}
