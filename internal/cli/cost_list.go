package cli

import (
	"cmp"
	"fmt"
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
// It reads each session whole.
type costList struct {
	*library
	rows   export.Rows
	months map[string]*costed
}

// costed is a session in the list, or one of the months after the last session.
type costed struct {
	ID       string   `json:"id,omitempty"`
	Month    string   `json:"month,omitempty"`
	Sessions int      `json:"sessions,omitempty"` // of the month, whose cost is known
	Time     string   `json:"time,omitempty"`
	Cost     *float64 `json:"cost"`               // null: not known
	AtLeast  bool     `json:"at_least,omitempty"` // the cost of some answers is not known
	Title    string   `json:"title,omitempty"`
}

// Add prints a session.
func (l *costList) Add(s session.Summary) error {
	c := &costed{ID: s.ID, Time: term.Clock(s.Time, ""), Title: s.Title}
	if loaded, err := l.store.Load(s.Entry); err == nil {
		l.price(c, loaded)
	}
	if c.Cost != nil {
		name := s.Time.Local().Format("2006-01")
		month := cmp.Or(l.months[name], &costed{Month: name, Cost: new(float64)})
		l.months[name] = month
		month.Sessions++
		*month.Cost += *c.Cost
		month.AtLeast = month.AtLeast || c.AtLeast
	}
	return l.row(c, c.ID, export.Used(s, l.file.TimeFormat, l.Now()), term.Line(s.Title))
}

// price adds up what the answers of a session cost, those that were asked for again
// included.
func (l *costList) price(c *costed, s *session.Session) {
	profile, model, unknown := "", "", false
	for _, m := range s.Messages {
		switch m.Role {
		case chat.User:
			profile, model = m.Profile, m.Model
		case chat.Assistant:
			amount, known := endpoint.Cost(l.file, cmp.Or(profile, m.Profile, l.file.Profile, "openai"), m.Usage, model, m.Model)
			if !known {
				unknown = true
				continue
			}
			c.Cost = cmp.Or(c.Cost, new(float64))
			*c.Cost += amount
		}
	}
	c.AtLeast = unknown && c.Cost != nil
}

// row prints a session or a month. Where a terminal has little room, the time is left out.
func (l *costList) row(c *costed, what, when, title string) error {
	cost := ""
	if c.Cost != nil {
		cost = endpoint.Money(*c.Cost)
	}
	if c.AtLeast {
		cost = ">" + cost
	}
	const enoughForTime = 60
	line := fmt.Sprintf("%-12s", what)
	if l.rows.Columns >= enoughForTime {
		line += "  " + term.Pad(when, 12)
	}
	return l.rows.Add(c, []string{what, c.Time, cost, title}, line+fmt.Sprintf("  %10s  ", cost)+title)
}

// End prints the months, the last one first.
func (l *costList) End() error {
	names := slices.Sorted(maps.Keys(l.months))
	for _, name := range slices.Backward(names) {
		month := l.months[name]
		if err := l.row(month, name, "", report.Count(month.Sessions, "session")); err != nil {
			return err
		}
	}
	if len(names) == 0 && !l.rows.JSON {
		l.log.Note("no cost is known")
		l.log.Hint("[profiles.NAME.prices.MODEL] in the configuration: input = 1.25, output = 10.0 for a million tokens")
	}
	return nil
}
