package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"oax/internal/session"
	"oax/internal/term"

	"github.com/itchyny/timefmt-go"
)

// lsCommand lists sessions.
type lsCommand struct {
	N int `short:"n" placeholder:"N" help:"At most so many."`
}

// listed is a session in a list, as --json prints it.
type listed struct {
	ID         string    `json:"id"`
	Time       time.Time `json:"time"`
	Turns      int       `json:"turns"`
	Model      string    `json:"model,omitempty"`
	Title      string    `json:"title"`
	Incomplete bool      `json:"incomplete,omitempty"`
	Damaged    bool      `json:"damaged,omitempty"`
}

// Run prints a line a session, newest first: fitted to a terminal, or separated by
// tabs and whole.
func (c *lsCommand) Run(ctx context.Context, env *Env) error {
	store, err := env.openStore()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(env.Stdout)
	n, unread := 0, error(nil)
	for entry, err := range store.Newest() {
		if err != nil {
			unread = err // the others are listed
			continue
		}
		if c.N > 0 && n == c.N || ctx.Err() != nil {
			break
		}
		n++
		summary, err := store.Summary(entry)
		if err != nil {
			summary = session.Summary{Entry: entry, Damaged: true}
		}
		if err := env.writeListed(out, summary); err != nil {
			return outputError(err)
		}
	}
	if err := out.Flush(); err != nil {
		return outputError(err)
	}
	if unread != nil {
		return unread
	}
	return context.Cause(ctx)
}

func (env *Env) writeListed(out io.Writer, s session.Summary) error {
	if env.flags.JSON {
		line, err := json.Marshal(listed{s.ID, s.Time, s.Turns, s.Model, s.Title, s.Incomplete, s.Damaged})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s\n", line)
		return err
	}
	title := term.Line(s.Title)
	if s.Damaged {
		title += " (damaged)"
	}
	if !term.IsTerminal(env.Stdout) {
		_, err := fmt.Fprintf(out, "%s\t%s\t%d\t%s\t%s\n", s.ID, env.clock(s.Time), s.Turns, term.Line(s.Model), title)
		return err
	}
	columns, _ := term.Size(env.Stdout)
	_, err := fmt.Fprintln(out, term.Cut(fmt.Sprintf("%s  %s  %3d  %s", s.ID, env.clock(s.Time), s.Turns, title), columns))
	return err
}

// defaultTime is how times look unless the configuration says otherwise.
const defaultTime = "%F %R"

// clock formats a time for a list, in the person's time zone.
func (env *Env) clock(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	pattern := defaultTime
	if env.config != nil && env.config.TimeFormat != "" {
		pattern = env.config.TimeFormat
	}
	return term.Line(timefmt.Format(t.Local(), pattern))
}
