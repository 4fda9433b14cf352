package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"oax/internal/chat"
	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/search"
	"oax/internal/session"
)

// grepCommand searches the text of sessions.
type grepCommand struct {
	Fixed         bool     `short:"F" name:"fixed-strings" help:"The pattern is plain text, not a regular expression."`
	IgnoreCase    bool     `short:"i" name:"ignore-case" help:"Ignore case. Default: unless the pattern has a capital letter."`
	CaseSensitive bool     `short:"s" name:"case-sensitive" help:"Do not ignore case."`
	List          bool     `short:"l" name:"list" help:"Print only the IDs of the sessions, one a line."`
	Count         bool     `short:"c" name:"count" help:"Print only how many lines of each session match."`
	MaxCount      int      `short:"m" name:"max-count" placeholder:"N" help:"Print at most N lines of a session."`
	Role          []string `placeholder:"ROLE" enum:"user,assistant,system,developer,tool,title,reasoning,error" help:"Search only text of this role: user, assistant, system, title, reasoning, error or tool. Default: all but reasoning and error."`
	period
	Recall bool `short:"r" help:"Pick one of the sessions that match with the fuzzy finder."`
	pagerFlags
	listFlags
	Raw bool `help:"Print on a terminal what a pipe would get." group:"Output:"`
	colorFlags

	Pattern string   `arg:"" help:"Regular expression, matched against each line of text by itself."`
	IDs     []string `arg:"" optional:"" name:"id" help:"Sessions: IDs or their beginnings, @ for the one used last. - reads IDs, one a line, from standard input. Default: all."`
}

// Run prints the lines that match, session by session, the one used last first.
func (c *grepCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	query, filter, err := c.query(p)
	if err != nil {
		return err
	}
	lib, err := p.openLibrary(ctx, log, false)
	if err != nil {
		return err
	}
	if len(c.IDs) > 0 {
		if filter.Among, err = lib.picker().Find(ctx, c.IDs); err != nil {
			return orPrompt(err, append([]string{"grep", c.Pattern}, c.IDs...))
		}
	}
	s := &grepSearch{store: lib.store, filter: filter, query: query, log: log}
	if c.Recall {
		if s.filter.Among, err = s.pick(ctx, lib, c.Pattern); err != nil {
			return err
		}
	}
	err = c.paged(ctx, lib, c.JSON || c.Raw, func(out io.Writer) error {
		hits := export.NewHits(out, export.HitOptions{
			Pattern: query.Pattern, IDs: c.List, Counts: c.Count, JSON: c.JSON, Raw: c.Raw, Stdout: p.Stdout,
			Color: c.Color, Getenv: p.Getenv, Store: lib.store, TimeFormat: lib.file.TimeFormat,
		})
		return s.each(ctx, hits.Add)
	})
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case s.unread:
		return report.Silent(report.ExitDisk, "disk") // each has been reported
	case s.found == 0:
		return report.Silent(report.ExitFailure, "nothing")
	}
	return nil
}

// query returns what the flags ask for.
func (c *grepCommand) query(p *Process) (q search.Query, f session.Filter, err error) {
	q.Max = c.MaxCount
	if c.List {
		q.Max = 1
	}
	for _, role := range c.Role {
		q.Roles = append(q.Roles, chat.Role(role))
	}
	if q.Pattern, err = search.Compile(c.Pattern, search.PatternOptions{Fixed: c.Fixed, IgnoreCase: c.IgnoreCase, CaseSensitive: c.CaseSensitive}); err == nil {
		f.Since, f.Until, err = c.bounds(p.Now())
	}
	return q, f, err
}

// grepSearch is a search, and what it met.
type grepSearch struct {
	store  *session.Store
	filter session.Filter
	query  search.Query
	log    *report.Writer
	found  int  // sessions
	unread bool // at least one session or directory could not be read
}

// each calls do with each session that matches. It reports sessions that cannot be read,
// and notes what is damaged. The error is do's.
func (s *grepSearch) each(ctx context.Context, do func(search.Found) error) error {
	for found, err := range search.Sessions(ctx, s.store.List(s.filter), s.query) {
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, fs.ErrNotExist): // it was removed while the search ran
			continue
		case err != nil:
			s.unread = true
			s.log.Line(report.Of(err).What)
			continue
		}
		for _, note := range found.Notes {
			s.log.Note("session " + found.ID + ": " + note)
		}
		if len(found.Hits) == 0 {
			continue
		}
		s.found++
		if err := do(found); err != nil {
			return err
		}
	}
	return nil
}

// pick lets the person choose one of the sessions that match.
func (s *grepSearch) pick(ctx context.Context, lib *library, pattern string) ([]session.Entry, error) {
	query := s.query
	query.Max = 1
	var matching []session.Entry
	for found, err := range search.Sessions(ctx, s.store.List(s.filter), query) {
		if err == nil && len(found.Hits) > 0 { // other sessions can be picked
			matching = append(matching, found.Entry)
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if len(matching) == 0 {
		return nil, report.Nothing("no session matches "+report.Quote(pattern), "oax -r picks from all sessions")
	}
	chosen, err := lib.picker().PickAmong(ctx, matching, pattern)
	return []session.Entry{chosen}, err
}
