package cli

import (
	"context"
	"io"
	"strings"
	"time"

	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
)

// lsCommand lists sessions. cost_list.go has how they are printed with --cost.
type lsCommand struct {
	N int `short:"n" placeholder:"N" help:"Show at most N."`
	period
	Model      string `short:"m" placeholder:"NAME" help:"Only sessions last answered by a model with this in its name."`
	Profile    string `short:"p" placeholder:"NAME" help:"Only sessions last sent to this profile."`
	Incomplete bool   `help:"Only sessions whose last prompt has no complete answer."`
	Cost       bool   `help:"Show what each session and each month cost, by the prices in the configuration."`
	pagerFlags
	listFlags
}

// period limits sessions by when they were used last. A zero time sets no bound.
type period struct {
	Since string `placeholder:"WHEN" help:"Only sessions used since then: 2d, 3w, yesterday, monday, 2026-11-21, 23:45."`
	Until string `placeholder:"WHEN" help:"Only sessions last used until then; a day counts to its end."`
}

// bounds reads the two times. The error is a *term.TimeError.
func (p period) bounds(now time.Time) (since, until time.Time, err error) {
	if p.Since != "" {
		since, _, err = term.ParseSpan(p.Since, now)
	}
	if p.Until != "" && err == nil {
		_, until, err = term.ParseSpan(p.Until, now)
	}
	return since, until, err
}

// Run prints a line for each session, the one used last first.
func (c *lsCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	since, until, err := c.bounds(p.Now())
	if err != nil {
		return err
	}
	lib, err := p.openLibrary(ctx, log, false)
	if err != nil {
		return err
	}
	n, unread := 0, error(nil)
	err = c.paged(ctx, lib, c.JSON, func(out io.Writer) error {
		list := lib.newList(c.JSON, out)
		if c.Cost {
			list = &costList{lib, export.NewRows(out, p.Stdout, c.JSON), map[string]*costed{}}
		}
		for entry, err := range lib.store.List(session.Filter{Since: since, Until: until}) {
			if err != nil {
				unread = err // the others are listed
				continue
			}
			if c.N > 0 && n == c.N || ctx.Err() != nil {
				break
			}
			s := lib.summary(entry)
			if !c.wants(s, since, until) {
				continue
			}
			n++
			if err := list.Add(s); err != nil {
				return err
			}
		}
		return list.End()
	})
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case unread == nil && n == 0 && *c == (lsCommand{N: c.N, Cost: c.Cost, pagerFlags: c.pagerFlags, listFlags: c.listFlags}):
		log.Note("no sessions yet")
		log.Hint(`oax "question" begins one`)
	case unread == nil && n == 0:
		log.Note("no such session")
		log.Hint("oax ls shows all")
	}
	return unread
}

// wants reports whether the flags ask for a session. When it was used counts to the
// nanosecond, while the names of the files tell the second.
func (c *lsCommand) wants(s session.Summary, since, until time.Time) bool {
	model := strings.Contains(strings.ToLower(s.Model), strings.ToLower(c.Model))
	used := s.Used.IsZero() || !s.Used.Before(since) && (until.IsZero() || s.Used.Before(until))
	return model && used && (c.Profile == "" || c.Profile == s.Profile) && (!c.Incomplete || s.Incomplete)
}
