package cli

import (
	"context"
	"io"
	"strings"
	"time"

	"oax/internal/session"
)

// lsCommand lists sessions.
type lsCommand struct {
	N          int    `short:"n" placeholder:"N" help:"At most so many."`
	Since      string `placeholder:"WHEN" help:"Begun then or later: 2d, 3w, yesterday, monday, 2026-11-21, 23:45."`
	Until      string `placeholder:"WHEN" help:"Begun then at the latest; a day counts to its end."`
	Model      string `short:"m" placeholder:"NAME" help:"Last answered by a model with this in its name."`
	Profile    string `short:"p" placeholder:"NAME" help:"Last asked of this profile."`
	Incomplete bool   `help:"Whose last prompt has no complete answer."`
	Cost       bool   `help:"What each cost, and each month, by the prices in the configuration."`
	paging
}

// Run prints a line a session, newest first: fitted to a terminal, or separated by
// tabs and whole.
func (c *lsCommand) Run(ctx context.Context, env *Env) error {
	since, until, err := env.period(c.Since, c.Until)
	if err != nil {
		return err
	}
	store, err := env.openStore()
	if err != nil {
		return err
	}
	n, unread := 0, error(nil)
	err = env.paged(ctx, c.paging, func(out io.Writer) error {
		list := env.lister(out, store.Open())
		if c.Cost {
			list = env.costs(out, store)
		}
		for entry, err := range store.Between(since, until) {
			if err != nil {
				unread = err // the others are listed
				continue
			}
			if c.N > 0 && n == c.N || ctx.Err() != nil {
				break
			}
			summary, err := store.Summary(entry)
			if err != nil {
				summary = session.Summary{Entry: entry, Damaged: true}
			}
			if !c.wants(summary) || !within(summary.Time, since, until) {
				continue
			}
			n++
			if err := list.add(summary); err != nil {
				return err
			}
		}
		return list.end()
	})
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case unread == nil && n == 0:
		c.sayNone(env)
	}
	return unread
}

// period reads the times of --since and --until.
func (env *Env) period(since, until string) (from, to time.Time, err error) {
	now := env.Now()
	if since != "" {
		from, err = parseWhen(since, now)
	}
	if until != "" && err == nil {
		to, err = parseUntil(until, now)
	}
	return from, to, err
}

// within reports whether a session began in a period. Its name has told to the second.
func within(began, since, until time.Time) bool {
	return began.IsZero() || !began.Before(since) && (until.IsZero() || began.Before(until))
}

func (c *lsCommand) wants(s session.Summary) bool {
	model := strings.Contains(strings.ToLower(s.Model), strings.ToLower(c.Model))
	return model && (c.Profile == "" || c.Profile == s.Profile) && (!c.Incomplete || s.Incomplete)
}

// sayNone says why the list is empty.
func (c *lsCommand) sayNone(env *Env) {
	if *c == (lsCommand{N: c.N, Cost: c.Cost, paging: c.paging}) {
		env.said.note("no sessions yet")
		env.said.hint(`oax "question" begins one`)
		return
	}
	env.said.note("no such session")
	env.said.hint("oax ls shows all")
}
