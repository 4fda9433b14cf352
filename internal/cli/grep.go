package cli

import (
	"context"
	"errors"
	"io/fs"

	"oax/internal/chat"
	"oax/internal/session"
)

// grepCommand searches the text of sessions.
type grepCommand struct {
	Fixed         bool     `short:"F" name:"fixed-strings" help:"The pattern is text, not an expression."`
	IgnoreCase    bool     `short:"i" name:"ignore-case" help:"Large and small letters are alike. Default: unless the pattern has a large one."`
	CaseSensitive bool     `short:"s" name:"case-sensitive" help:"Large and small letters differ."`
	List          bool     `short:"l" name:"list" help:"Only the IDs of the sessions, one a line."`
	Count         bool     `short:"c" name:"count" help:"Only how many lines of each session match."`
	MaxCount      int      `short:"m" name:"max-count" placeholder:"N" help:"At most so many lines of a session."`
	Role          []string `placeholder:"ROLE" enum:"user,assistant,system,developer,tool,title,reasoning,error" help:"Only what it said: user, assistant, system, title, reasoning, error, tool. Default: all but reasoning and errors."`
	Since         string   `placeholder:"WHEN" help:"Only sessions begun then or later: 2d, 3w, yesterday, monday, 2026-11-21, 23:45."`
	Until         string   `placeholder:"WHEN" help:"Only sessions begun then at the latest; a day counts to its end."`
	Recall        bool     `short:"r" help:"Pick the session with the fuzzy finder."`

	Pattern string   `arg:"" help:"Regular expression, tried on each line of text by itself."`
	IDs     []string `arg:"" optional:"" name:"id" help:"Sessions: IDs or their starts, @ the newest. - reads IDs, one a line, from standard input. Default: all."`
}

// Run prints the lines that match, session by session, newest first.
func (c *grepCommand) Run(ctx context.Context, env *Env) error {
	query, err := c.query(env)
	if err != nil {
		return err
	}
	store, err := env.openStore()
	if err != nil {
		return err
	}
	if c.Recall || len(c.IDs) > 0 {
		if query.Entries, err = env.chosen(ctx, store, which{Recall: c.Recall, IDs: c.IDs}); err != nil {
			return err
		}
	}
	out := newGrepOutput(ctx, env, store, c, query.Pattern)
	nothing, unread := true, false
	for found, err := range store.Search(ctx, query) {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, fs.ErrNotExist): // removed meanwhile
			continue
		case err != nil:
			unread = true
			env.said.line(explain(err).what)
			continue
		}
		for _, note := range found.Notes {
			env.sayOf(found.ID, note)
		}
		if len(found.Hits) == 0 {
			continue
		}
		nothing = false
		if err := out.session(found); err != nil {
			return stopped(ctx, err)
		}
	}
	if err := out.to.Flush(); err != nil {
		return stopped(ctx, err)
	}
	switch {
	case unread:
		return &report{kind: "disk", code: exitDisk} // each has been said
	case nothing:
		return &report{kind: "nothing", code: exitNothing}
	}
	return nil
}

// query is what the flags ask for.
func (c *grepCommand) query(env *Env) (session.Query, error) {
	q := session.Query{Most: c.MaxCount}
	if c.List {
		q.Most = 1
	}
	for _, role := range c.Role {
		q.Roles = append(q.Roles, chat.Role(role))
	}
	var err error
	if q.Pattern, err = c.compile(); err != nil {
		return q, err
	}
	q.Since, q.Until, err = env.period(c.Since, c.Until)
	return q, err
}
