package cli

import (
	"context"
	"io"
	"iter"

	"oax/internal/chat"
	"oax/internal/export"
	"oax/internal/pick"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/journal"
	"oax/internal/term"
)

// catCommand prints sessions, or what is wanted of them.
type catCommand struct {
	sessionArgs
	Last   bool       `help:"Print only the last answer, exactly as it is."`
	Turn   string     `placeholder:"N" help:"Print only turn N; --turn=-1 is the last, 2,4 the second to the fourth."`
	Role   []string   `enum:"system,developer,user,assistant,tool,error" placeholder:"ROLE" help:"Print only messages of system, user, assistant, tool or error."`
	Code   codeChoice `placeholder:"N" help:"Print only the first code block of the last answer, or of the chosen turns and roles; =2 the second, =all all."`
	Format string     `enum:"text,markdown,html,json" default:"text" placeholder:"FORM" help:"text, markdown, html (one page that needs no other file) or json (which oax import reads)."`
	All    bool       `help:"With --format html, print the tries that failed too."`
	Out    string     `short:"o" placeholder:"FILE" help:"Write to a new file, or to a FIFO or terminal."`
	Force  bool       `help:"With -o, replace the file if it exists."`
	Follow bool       `help:"Print an answer that another oax is writing until it has ended."`
	pagerFlags
	outputFlags
}

// Run prints each session in the form that the flags ask for.
func (c *catCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	if err := c.check(); err != nil {
		return err
	}
	lib, err := p.openLibrary(ctx, log, false)
	if err != nil {
		return err
	}
	entries, err := c.find(ctx, lib, "cat")
	if err != nil {
		return err
	}
	text := c.textOptions(p, lib.file)
	text.Terminal = text.Terminal && c.Out == ""
	style, viewer := lib.style(text)
	o := export.Options{
		Form: c.form(), Code: c.Code.Code, Style: style,
		Several: len(entries) > 1, Terminal: text.Terminal, Raw: c.Raw, All: c.All, Log: log,
	}
	wanted := pick.Excerpt{Last: c.Last, Turns: c.Turn, Roles: c.Role}
	if c.Code.Set() {
		o.Instead, wanted = "oax cat --last", wanted.ForCode()
	}
	if c.Follow {
		o.Tail = func(e session.Entry, from journal.Position) iter.Seq2[*chat.Delta, error] {
			return lib.store.Tail(ctx, e, from)
		}
		o.Next = func(s *session.Session) (*session.Session, error) {
			s, err := lib.store.Next(ctx, s)
			return wanted.Rest(s), err
		}
	}
	print := func(out io.Writer) error { return export.Write(out, c.sessions(ctx, lib, entries, wanted), o) }
	if c.Out != "" {
		err = export.ToFile(ctx, c.Out, c.Force, print)
	} else {
		err = pagerFlags{c.NoPager || c.Follow}.paged(ctx, lib, c.JSON || c.Raw, print)
	}
	if viewer != nil {
		for _, note := range report.Hidden(viewer.Hidden()) {
			log.Note(note)
		}
	}
	return err
}

// check refuses flags that do not go together.
func (c *catCommand) check() error {
	switch other := c.Format != "text" || c.Code.Set(); {
	case c.JSON && other:
		return report.Usage("--json prints messages, one a line: it does not go with --format or --code", "oax cat --format json")
	case c.Follow && (c.JSON || other):
		return report.Usage("--follow prints text: it does not go with --json, --format or --code", "oax cat --follow")
	}
	return nil
}

// sessions yields what is wanted of each session, up to the first error.
func (c *catCommand) sessions(ctx context.Context, lib *library, entries []session.Entry, wanted pick.Excerpt) iter.Seq2[*session.Session, error] {
	return func(yield func(*session.Session, error) bool) {
		for _, entry := range entries {
			if ctx.Err() != nil {
				yield(nil, context.Cause(ctx))
				return
			}
			s, err := c.excerpt(lib, entry, wanted)
			if !yield(s, err) || err != nil {
				return
			}
			if _, _, running := s.Running(); running && c.Follow {
				lib.noteEnd(entry)
			}
		}
	}
}

// excerpt reads a session and returns what is wanted of it.
func (c *catCommand) excerpt(lib *library, entry session.Entry, wanted pick.Excerpt) (*session.Session, error) {
	s, err := lib.load(entry)
	if err != nil {
		return nil, err
	}
	if s.ReadOnly() {
		lib.log.Note("session " + s.ID + " was written by a newer oax; opened read-only")
	}
	if c.Follow {
		s = s.Follow()
	}
	if s, err = wanted.Of(s); err != nil {
		return nil, err
	}
	if c.Format == string(export.HTML) {
		for _, m := range s.Messages { // what is not there any more is not shown
			prompt.Reattach([]chat.Message{m.Message}, func(string) {})
		}
	}
	return s, nil
}

// noteEnd notes why an answer that was followed is incomplete.
func (l *library) noteEnd(entry session.Entry) {
	if s, err := l.store.Load(entry); err == nil {
		if m, _ := s.LastAnswer(); m.State == chat.Incomplete {
			l.log.Note("the answer is incomplete (" + term.Line(string(m.Why)) + ")")
		}
	}
}

// form returns the form that the flags ask for.
func (c *catCommand) form() export.Form {
	switch {
	case c.JSON:
		return export.JSONLines
	case c.Format == "text" && (c.Raw || c.Last):
		return export.Bare
	}
	return export.Form(c.Format)
}
