package cli

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"oax/internal/chat"
	"oax/internal/endpoint"
	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
)

// costList lists what sessions cost (oax ls --cost), and at its end what each month did.
// It reads each session whole. The forms are those of export.List.
type costList struct {
	p       *Process
	out     io.Writer
	lib     *library
	log     *report.Writer
	json    bool
	columns int // of the terminal, or 0
	months  map[string]*cost
}

// cost is the money that answers cost, as far as it is known.
type cost struct {
	sessions int // of a month: those with a known cost
	amount   float64
	known    bool // the cost of at least one answer is known
	partial  bool // and that of another one is not
}

func (c *cost) String() string {
	switch {
	case !c.known:
		return ""
	case c.partial:
		return ">" + endpoint.Money(c.amount)
	}
	return endpoint.Money(c.amount)
}

// costed is a session in the list, as --json prints it, or one of the months after the
// last session.
type costed struct {
	ID       string   `json:"id,omitempty"`
	Month    string   `json:"month,omitempty"`
	Sessions int      `json:"sessions,omitempty"` // of the month, whose cost is known
	Time     string   `json:"time,omitempty"`
	Cost     *float64 `json:"cost"`               // null: not known
	AtLeast  bool     `json:"at_least,omitempty"` // the cost of some answers is not known
	Title    string   `json:"title,omitempty"`
}

func newCostList(p *Process, lib *library, log *report.Writer, o outputFlags, out io.Writer) *costList {
	l := &costList{p: p, out: out, lib: lib, log: log, json: o.JSON, months: map[string]*cost{}}
	if term.IsTerminal(p.Stdout) {
		l.columns, _ = term.Size(p.Stdout)
	}
	return l
}

// Add prints a session.
func (l *costList) Add(s session.Summary) error {
	c := new(cost)
	if loaded, err := l.lib.store.Load(s.Entry); err == nil {
		c = sessionCost(l.lib, loaded)
	}
	if c.known {
		name := s.Time.Local().Format("2006-01")
		if l.months[name] == nil {
			l.months[name] = &cost{known: true}
		}
		month := l.months[name]
		month.sessions++
		month.amount += c.amount
		month.partial = month.partial || c.partial
	}
	when := term.Clock(s.Time, "")
	if l.json {
		return l.object(costed{ID: s.ID, Time: when, Title: s.Title}, c)
	}
	if l.columns > 0 {
		when = export.Began(s, l.lib.file.TimeFormat, l.p.Now())
	}
	return l.row(s.ID, when, c, term.Line(s.Title))
}

// sessionCost adds up what the answers of a session cost, those that were asked for again
// included.
func sessionCost(lib *library, s *session.Session) *cost {
	c, profile, model := new(cost), "", ""
	for _, m := range s.Messages {
		switch m.Role {
		case chat.User:
			profile, model = m.Profile, m.Model
		case chat.Assistant:
			amount, known := endpoint.Cost(lib.file, cmp.Or(profile, m.Profile, lib.file.Profile, "openai"), m.Usage, model, m.Model)
			c.amount += amount
			c.known, c.partial = c.known || known, c.partial || !known
		}
	}
	return c
}

func (l *costList) object(o costed, c *cost) error {
	if c.known {
		o.Cost, o.AtLeast = &c.amount, c.partial
	}
	return l.p.writeJSON(l.out, o)
}

// row prints columns, separated by tabs or fitted to the terminal: where there is little
// room the time is left out.
func (l *costList) row(what, when string, c *cost, title string) error {
	text := fmt.Sprintf("%s\t%s\t%s\t%s", what, when, c, title)
	if l.columns > 0 {
		const enoughForTime = 60
		text = term.Pad(what, 8)
		if l.columns >= enoughForTime {
			text += "  " + term.Pad(when, 12)
		}
		text = term.Cut(text+fmt.Sprintf("  %10s  ", c)+title, l.columns)
	}
	_, err := io.WriteString(l.out, text+"\n")
	return err
}

// End prints the months, the last one first.
func (l *costList) End() error {
	names := slices.Sorted(maps.Keys(l.months))
	for _, name := range slices.Backward(names) {
		m, err := l.months[name], error(nil)
		if l.json {
			err = l.object(costed{Month: name, Sessions: m.sessions}, m)
		} else {
			err = l.row(name, "", m, report.Count(m.sessions, "session"))
		}
		if err != nil {
			return err
		}
	}
	if len(names) == 0 && !l.json {
		l.log.Note("no cost is known")
		l.log.Hint("[profiles.NAME.prices.MODEL] in the configuration: input = 1.25, output = 10.0 for a million tokens")
	}
	return nil
}
