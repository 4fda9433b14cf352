package cli

import (
	"context"
	"io"

	"oax/internal/session"
	"oax/internal/term"
)

// catCommand prints sessions.
type catCommand struct {
	which
	excerpt
	Code   codeChoice `help:"Only the first fenced code block of the last answer, or of the turns and roles asked for; --code=2 the second, --code=all all."`
	Format string     `enum:"text,markdown,html,json" default:"text" placeholder:"FORM" help:"text, markdown, html (one page that needs nothing else) or json (which oax import reads)."`
	Out    string     `short:"o" placeholder:"FILE" help:"Write it to a file, which must not be there yet."`
	Force  bool       `help:"With -o, even if the file is there."`
	paging
}

// Run prints each session, or what is wanted of it, in the form that is asked for.
func (c *catCommand) Run(ctx context.Context, env *Env) error {
	if env.flags.JSON && (c.Format != "text" || c.Code.asked) {
		return &report{what: "--json prints messages, a line each: it goes with neither --format nor --code", hint: "oax cat --format json", code: exitUsage, kind: "usage"}
	}
	store, err := env.openStore()
	if err != nil {
		return err
	}
	sessions, err := env.chosen(ctx, store, c.which)
	if err != nil {
		return err
	}
	if c.Out != "" {
		toFile := *env
		toFile.Stdout, env = nil, &toFile // what it gets is for no terminal
	}
	f := c.form(env, len(sessions) > 1)
	print := func(out io.Writer) error { return env.cat(ctx, store, sessions, f, out) }
	if c.Out != "" {
		err = toFile(c.Out, c.Force, print)
	} else {
		err = env.paged(ctx, c.paging, print)
	}
	if f.viewer != nil {
		for _, note := range hiddenNotes(f.viewer.Hidden()) {
			env.said.note(note)
		}
	}
	return err
}

// cat prints sessions in a form.
func (env *Env) cat(ctx context.Context, store *session.Store, sessions []session.Entry, f form, out io.Writer) error {
	before := f.begin
	for _, entry := range sessions {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		whole, err := env.view(store, entry)
		if err != nil {
			return err
		}
		part, err := f.choose(whole.Session)
		if err != nil {
			return err
		}
		text, err := f.print(part)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(out, before+text); err != nil {
			return err
		}
		before = f.between
	}
	_, err := io.WriteString(out, f.end)
	return err
}

// form is how sessions are printed.
type form struct {
	begin, between, end string
	choose              func(*session.Session) (*session.Session, error) // what is wanted of one
	print               func(*session.Session) (string, error)
	viewer              viewer // what the texts pass, or nil
}

// form returns the one that the flags ask for.
func (c *catCommand) form(env *Env, several bool) form {
	f := form{choose: c.of}
	printed := func(make func(*session.Session) string) {
		f.print = func(s *session.Session) (string, error) { return env.visible(make(s)), nil }
	}
	switch {
	case c.Code.asked:
		f.choose = c.code
		f.print = func(s *session.Session) (string, error) { return env.code(s, c.Code) }
	case env.flags.JSON:
		printed(jsonLines)
	case c.Format == "json" && several:
		f.begin, f.between, f.end = "[\n", ",\n", "\n]\n"
		printed(document)
	case c.Format == "json":
		f.end = "\n"
		printed(document)
	case c.Format == "markdown":
		f.between = "\n"
		printed(env.markdown)
	case c.Format == "html":
		f.end = pageEnd
		head := true
		printed(func(s *session.Session) string {
			text := env.section(s)
			if head {
				text, head = page(s.Title)+text, false
			}
			return text
		})
	case env.flags.Raw || c.Last:
		f.viewer = env.newViewer()
		f.print = func(s *session.Session) (string, error) { return env.texts(s, f.viewer), nil }
	default:
		f.viewer, f.between = env.newViewer(), "\n"
		headed := several || term.IsTerminal(env.Stdout)
		f.print = func(s *session.Session) (string, error) { return env.transcript(s, headed, f.viewer), nil }
	}
	return f
}

// visible returns text as standard output may have it.
func (env *Env) visible(text string) string {
	if env.flags.Raw || !term.IsTerminal(env.Stdout) {
		return text
	}
	return term.Visible(text)
}

// code returns the code that is wanted of a session.
func (env *Env) code(s *session.Session, choice codeChoice) (string, error) {
	var texts []string
	for _, m := range s.Messages {
		texts = append(texts, m.Shown())
	}
	code, err := choice.of(texts...)
	return env.visible(env.asSeen(code)), err
}
