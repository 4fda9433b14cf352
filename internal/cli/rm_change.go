package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/disk"
	"oax/internal/term"
)

// change is something that is done to many sessions, one after the other.
type change struct {
	do       string // "remove"
	did      string // "removed"
	undoHint string // what takes it back; may be empty
	restHint string // what continues after an interruption; may be empty
	one      func(session.Entry) error
}

// changeRun is a change while it is made.
type changeRun struct {
	change
	*rmRun
	of      int
	done    int
	list    export.List // with --json, of what was done
	refused []*report.Error
}

// change changes each session until one fails for a reason that the next would meet too,
// and reports what was done. A session that is refused does not keep it from the others.
// With --dry-run it only lists them.
func (r *rmRun) change(ctx context.Context, entries []session.Entry, what change) error {
	if r.DryRun {
		return r.printAll(r.JSON, entries)
	}
	c := &changeRun{change: what, rmRun: r, of: len(entries)}
	if r.JSON {
		c.list = r.newList(r.JSON, r.Stdout)
	}
	spinner := r.log.Spin(c.progress(), report.SpinOptions{Getenv: r.Getenv, Now: r.Now, Off: r.JSON})
	var failed error
	for _, entry := range entries {
		if ctx.Err() != nil || failed != nil {
			break
		}
		failed = c.next(entry)
		spinner.Say(c.progress())
	}
	if err := r.trash.Sync(); err != nil && failed == nil {
		failed = report.Cannot("save this on the disk", err)
	}
	spinner.Stop()
	return c.end(ctx, failed)
}

// next changes one session. The error is one that the next session would meet too.
func (c *changeRun) next(entry session.Entry) error {
	var summary session.Summary
	if c.list != nil {
		summary = c.summary(entry)
	}
	if err := c.one(entry); err != nil {
		refused := report.Cannot(c.do+" session "+entry.ID, err)
		if !isOfOneSession(err) {
			return refused
		}
		c.refused = append(c.refused, refused)
		return nil
	}
	c.done++
	if c.list != nil {
		if err := c.list.Add(summary); err != nil {
			return report.Output(err)
		}
	}
	return nil
}

// isOfOneSession reports whether an error is about one session and not about the store.
func isOfOneSession(err error) bool {
	for _, target := range []any{new(*session.BusyError), new(*session.NotFoundError), new(*disk.FileError), new(*session.NewerError)} {
		if errors.As(err, target) {
			return true
		}
	}
	return errors.Is(err, fs.ErrExist)
}

// progress says how many sessions are done.
func (c *changeRun) progress() string {
	if c.done == c.of {
		return c.did + " " + report.Count(c.of, "session")
	}
	return fmt.Sprintf("%s %d of %s", c.did, c.done, report.Count(c.of, "session"))
}

// end reports what was done and what was not.
func (c *changeRun) end(ctx context.Context, failed error) error {
	if c.of == 1 && len(c.refused) == 1 {
		return c.refused[0]
	}
	const maxReasons = 10
	code := 0
	for i, reason := range c.refused {
		code = max(code, reason.Code)
		if i < maxReasons {
			c.log.Line(reason.What)
		}
	}
	if more := len(c.refused) - maxReasons; more > 0 {
		c.log.Line(fmt.Sprintf("cannot %s %d more", c.do, more))
	}
	undo := ""
	if c.done > 0 {
		undo = c.undoHint
	}
	switch {
	case ctx.Err() != nil && c.done+len(c.refused) < c.of:
		end := *report.Of(context.Cause(ctx))
		end.What, end.Hint = "stopped; "+c.progress(), cmp.Or(undo, c.restHint)
		return &end
	case failed != nil:
		end := *report.Of(failed)
		if c.done > 0 && end.What != "" {
			end.What += "; " + c.progress()
		}
		return &end
	case c.done > 0:
		c.log.Note(c.progress())
		c.log.Hint(undo)
	}
	if len(c.refused) > 0 {
		return report.Silent(code, c.refused[0].Kind)
	}
	return nil
}

// confirm shows the sessions and asks the person; no is the default. The question has %s
// for the sessions. The error says that nothing is to be changed.
func (r *rmRun) confirm(ctx context.Context, entries []session.Entry, question string) error {
	if r.Yes || r.DryRun {
		return nil
	}
	tty := term.Person(r.Stdin, r.Stderr, r.Getenv)
	if tty == nil {
		return report.Usage("needs --yes when not run from a terminal", "oax rm --dry-run shows what would be removed")
	}
	if tty != r.Stdin {
		defer tty.Close()
	}
	r.show(entries)
	these := "this session"
	if len(entries) > 1 {
		these = fmt.Sprintf("these %d sessions", len(entries))
	}
	fmt.Fprintf(r.Stderr, question+"? [y/N] ", these)
	answer, err := term.ReadLine(ctx, tty)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, io.EOF):
		fmt.Fprintln(r.Stderr) // Ctrl-D leaves the cursor after the question
	case err != nil:
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return report.Failed("cancelled", "nothing was changed", "")
}

// show lists sessions on standard error, only the first of many.
func (r *rmRun) show(entries []session.Entry) {
	const maxShown = 10
	shown := entries
	if len(entries) > maxShown {
		shown = entries[:maxShown-1]
	}
	columns, _ := term.Size(r.Stderr)
	when := func(s session.Summary) string { return export.Used(s, r.file.TimeFormat, r.Now()) }
	var rows [][]string
	for _, entry := range shown {
		s := r.summary(entry)
		rows = append(rows, []string{s.ID, when(s), report.Count(s.Turns, "turn") + "  " + term.Line(s.Title)})
	}
	lines := term.Align(rows)
	if len(shown) < len(entries) {
		last := r.summary(entries[len(entries)-1])
		lines = append(lines, fmt.Sprintf("and %d more, the last one: %s  %s", len(entries)-len(shown), when(last), term.Line(last.Title)))
	}
	for _, line := range lines {
		fmt.Fprintln(r.Stderr, term.Cut(line, columns))
	}
}
