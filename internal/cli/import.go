package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"oax/internal/importer"
	"oax/internal/session"
)

// importCommand brings chats in from elsewhere.
type importCommand struct {
	DryRun bool     `help:"Show what would come in, and keep nothing."`
	Words  []string `arg:"" optional:"" name:"source path" help:"Where from, and the files or directories. Without a path: where that program keeps its chats. Without a source: what the file looks like."`
}

// Help lists the sources.
func (c *importCommand) Help() string {
	var b strings.Builder
	b.WriteString("Sources:\n")
	for _, s := range importer.Sources() {
		fmt.Fprintf(&b, "\n  %-12s  %s", s.Name, s.Of)
	}
	b.WriteString("\n\nWhat is there already does not come in again, and a chat that has grown since grows here too.")
	return b.String()
}

// Run reads the chats at each path and saves those that are new.
func (c *importCommand) Run(ctx context.Context, env *Env) error {
	env.Caught() // sqlite3 is to end with this process
	from, err := env.importFrom(ctx, c.Words)
	if err != nil {
		return err
	}
	store, err := env.openStore()
	if err != nil {
		return err
	}
	target, err := store.Importer()
	if err != nil {
		return err
	}
	target.DryRun = c.DryRun
	run := &importRun{env: env, target: target, out: bufio.NewWriter(env.Stdout), dry: c.DryRun, ids: map[string]string{}}
	for _, f := range from {
		if err == nil && ctx.Err() == nil {
			err = run.read(ctx, f)
		}
	}
	return run.end(ctx, err)
}

// importRun is an import on its way.
type importRun struct {
	env    *Env
	target *session.Importer
	out    *bufio.Writer
	dry    bool
	tally  importTally
	shown  progress
	ids    map[string]string // the sessions of chats that others may branch off from
}

// read reads the chats at one path.
func (r *importRun) read(ctx context.Context, from importPath) error {
	for c, err := range importer.Read(ctx, from.source, from.path, r.env.Now()) {
		if err == nil {
			err = r.add(from.source, c)
		}
		if problem, ok := errors.AsType[*importer.Problem](err); ok {
			r.problem(problem)
		} else if err != nil {
			return err
		}
		r.shown.update(r.env, r.tally)
	}
	return nil
}

// add saves a chat, if it is new.
func (r *importRun) add(source string, c importer.Chat) error {
	chat := session.Import{Source: source, ID: c.ID, Title: c.Title, Time: c.Time}
	for _, m := range c.Messages {
		chat.Messages = append(chat.Messages, session.Message{Message: m.Message, Time: m.Time})
	}
	if b := c.Branch; b != nil && r.ids[b.ID] != "" {
		chat.ForkOf = &session.Fork{ID: r.ids[b.ID], Turn: b.Turn}
	}
	entry, outcome, err := r.target.Add(chat)
	if busy, ok := errors.AsType[*session.BusyError](err); ok {
		return &importer.Problem{Path: c.Title, What: busy.Error()}
	}
	if err != nil {
		return cannotImport(err)
	}
	if c.Branch == nil {
		clear(r.ids) // branches follow at once
		r.ids[c.ID] = entry.ID
	}
	r.tally.count(outcome)
	return r.list(source, c, entry, outcome)
}

// manyProblems is how many are said one by one.
const manyProblems = 20

// problem says what could not be read.
func (r *importRun) problem(p *importer.Problem) {
	r.tally.unread++
	if p.Refused {
		r.tally.refused++
	}
	r.shown.clear(r.env)
	switch n := r.tally.unread; {
	case n <= manyProblems:
		r.env.said.note(p.Error())
	case n == manyProblems+1:
		r.env.said.note("and more")
	}
}

// end makes what came in last, and says how it went.
func (r *importRun) end(ctx context.Context, err error) error {
	if flushed := r.target.Flush(); flushed != nil && err == nil {
		err = cannotImport(flushed)
	}
	r.shown.clear(r.env)
	if failed := r.out.Flush(); failed != nil && err == nil {
		err = outputError(failed)
	}
	if missing, ok := errors.AsType[*exec.Error](err); ok {
		return &report{
			what: missing.Name + " is not installed; this source is an SQLite database",
			hint: "sudo apt install sqlite3 (or brew, dnf, pacman), then once more", code: exitNothing, kind: "missing",
		}
	}
	what := r.tally.words(r.dry)
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		r.env.said.note(what)
		return context.Cause(ctx)
	case r.tally.refused > 0:
		return &report{what: what, code: exitUsage, kind: "refused"}
	case r.tally.unread > 0:
		return &report{what: what, code: exitNothing, kind: "damaged"}
	}
	r.env.said.note(what)
	return nil
}

// cannotImport says that the store takes no more.
func cannotImport(err error) error {
	return &report{what: "cannot save what is imported: " + plainError(err), hint: "what was saved before is whole; oax import goes on where it stopped", code: exitDisk, kind: "disk"}
}
