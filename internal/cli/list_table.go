package cli

import (
	"fmt"
	"io"
	"strings"

	"oax/internal/session"
	"oax/internal/term"
)

// tableList is for people: a line a session that fits on the terminal. The first
// screen of them decides how wide the columns are.
type tableList struct {
	out     io.Writer
	env     *Env
	open    map[string]bool
	columns int // of the terminal
	wait    int // rows to see before the columns are set
	rows    []tableRow
	when    int // columns of the time, as of the others
	turns   int // 0: there is no room
	model   int
}

// tableRow is a session in columns of visible text.
type tableRow struct{ id, when, turns, model, title, marks string }

func (env *Env) table(out io.Writer, open map[string]bool) *tableList {
	columns, rows := term.Size(env.Stdout)
	return &tableList{out: out, env: env, open: open, columns: columns, wait: rows}
}

func (t *tableList) add(s session.Summary) error {
	t.rows = append(t.rows, tableRow{
		id: s.ID, when: t.env.when(s), turns: fmt.Sprint(s.Turns),
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

// fit sets the columns. Where there is little room the model goes first, then the
// turns: the title is what a person knows a session by.
func (t *tableList) fit() {
	const enoughForModel, enoughForTurns = 70, 50
	for _, row := range t.rows {
		t.when = max(t.when, term.Width(row.when))
		if t.columns >= enoughForTurns {
			t.turns = max(t.turns, len(row.turns))
		}
		if t.columns >= enoughForModel {
			t.model = min(max(t.model, term.Width(row.model)), t.columns/5)
		}
	}
}

func (t *tableList) line(row tableRow) string {
	line := row.id + "  " + pad(row.when, t.when)
	if t.turns > 0 {
		line += fmt.Sprintf("  %*s", t.turns, row.turns)
	}
	if t.model > 0 {
		line += "  " + pad(row.model, t.model)
	}
	line += "  "
	line += titled(row.title, row.marks, t.columns-term.Width(line))
	return strings.TrimRight(term.Cut(line, t.columns), " ")
}

// titled is a title with what is special about it, which is cut only where the title
// would have no room at all.
func titled(title, marks string, columns int) string {
	if marks != "" {
		marks = " (" + marks + ")"
	}
	const least = 8
	return term.Cut(title, max(columns-term.Width(marks), least)) + marks
}

// pad makes visible text as wide as a column.
func pad(s string, columns int) string {
	s = term.Cut(s, columns)
	return s + strings.Repeat(" ", columns-term.Width(s))
}

// when is when a session began: as the configuration wants it, or as people say it.
func (env *Env) when(s session.Summary) string {
	if s.Time.IsZero() || env.config != nil && env.config.TimeFormat != "" {
		return env.clock(s.Time)
	}
	return relative(s.Time.Local(), env.Now().Local())
}
