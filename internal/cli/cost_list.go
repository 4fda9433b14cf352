package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"oax/internal/session"
	"oax/internal/term"
)

// costList is a list of what sessions cost, and at its end what the months did. It reads
// each session whole.
type costList struct {
	out   io.Writer
	env   *Env
	store *session.Store
	table *tableList // for a terminal, or nil

	months map[string]*monthCost
}

type monthCost struct {
	sessions int
	amount   float64
	atLeast  bool // not all is known
}

// costed is a session in the list, as --json prints it. Month is there instead of a
// session in those behind the last.
type costed struct {
	ID       string   `json:"id,omitempty"`
	Month    string   `json:"month,omitempty"`
	Sessions int      `json:"sessions,omitempty"` // of the month, whose cost is known
	Time     string   `json:"time,omitempty"`
	Cost     *float64 `json:"cost"`               // null: not known
	AtLeast  bool     `json:"at_least,omitempty"` // there are answers whose cost is not known
	Title    string   `json:"title,omitempty"`
}

func (env *Env) costs(out io.Writer, store *session.Store) *costList {
	l := &costList{out: out, env: env, store: store, months: map[string]*monthCost{}}
	if term.IsTerminal(env.Stdout) {
		l.table = env.table(out, nil)
	}
	return l
}

func (l *costList) add(s session.Summary) error {
	loaded, err := l.store.Load(s.Entry)
	if err != nil {
		return l.line(s, costed{}, "")
	}
	amount, known, atLeast := l.env.sessionCost(loaded)
	c := costed{AtLeast: atLeast}
	if known {
		c.Cost = &amount
		name := s.Time.Local().Format("2006-01")
		month := l.months[name]
		if month == nil {
			month = &monthCost{}
			l.months[name] = month
		}
		month.sessions++
		month.amount += amount
		month.atLeast = month.atLeast || atLeast
	}
	return l.line(s, c, spent(c.Cost, c.AtLeast))
}

// spent is an amount, or nothing.
func spent(amount *float64, atLeast bool) string {
	switch {
	case amount == nil:
		return ""
	case atLeast:
		return ">" + money(*amount)
	}
	return money(*amount)
}

func (l *costList) line(s session.Summary, c costed, amount string) error {
	if l.env.flags.JSON {
		c.ID, c.Time, c.Title = s.ID, formatTime(s.Time, defaultTime), s.Title
		return l.object(c)
	}
	text := fmt.Sprintf("%s\t%s\t%s\t%s", s.ID, formatTime(s.Time, defaultTime), amount, term.Line(s.Title))
	if l.table != nil {
		text = l.row(s.ID, l.env.when(s), amount, term.Line(s.Title))
	}
	_, err := io.WriteString(l.out, text+"\n")
	return err
}

// row fits the columns to the terminal: where there is little room the time goes.
func (l *costList) row(what, when, amount, title string) string {
	const enoughForTime = 60
	text := pad(what, 8)
	if l.table.columns >= enoughForTime {
		text += "  " + pad(when, 12)
	}
	return term.Cut(text+fmt.Sprintf("  %10s  ", amount)+title, l.table.columns)
}

func (l *costList) object(c costed) error {
	encoder := json.NewEncoder(l.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(c)
}

// end tells the months, the last first.
func (l *costList) end() error {
	names := slices.Sorted(maps.Keys(l.months))
	for _, name := range slices.Backward(names) {
		m := l.months[name]
		if l.env.flags.JSON {
			if err := l.object(costed{Month: name, Sessions: m.sessions, Cost: &m.amount, AtLeast: m.atLeast}); err != nil {
				return err
			}
			continue
		}
		amount, of := spent(&m.amount, m.atLeast), counted(m.sessions, "session")
		text := fmt.Sprintf("%s\t\t%s\t%s", name, amount, of)
		if l.table != nil {
			text = l.row(name, "", amount, of)
		}
		if _, err := io.WriteString(l.out, text+"\n"); err != nil {
			return err
		}
	}
	if len(names) == 0 && !l.env.flags.JSON {
		l.env.said.note("no cost is known")
		l.env.said.hint("[profiles.NAME.prices.MODEL] in the configuration: input = 1.25, output = 10.0 for a million tokens")
	}
	return nil
}
