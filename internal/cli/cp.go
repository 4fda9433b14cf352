package cli

import (
	"context"
	"fmt"
	"strings"

	"oax/internal/session"
)

// cpCommand makes sessions of others.
type cpCommand struct {
	Recall bool `short:"r" help:"Pick the session with the fuzzy finder; all words are the title."`
	At     *int `placeholder:"N" help:"Only up to turn N and what was answered to it. Default: all turns."`

	ID    string   `arg:"" optional:"" help:"Session: its ID or the start of it, @ the newest, @2 the one before. - reads IDs, one a line, from standard input. Default: the newest."`
	Title []string `arg:"" optional:"" help:"What the copy is called. Default: as the original is."`
}

// Run prints the ID of each copy.
func (c *cpCommand) Run(ctx context.Context, env *Env) error {
	title, err := cleanTitle(strings.Join(c.words(), " "))
	if err != nil {
		return err
	}
	store, err := env.openStore()
	if err != nil {
		return err
	}
	entries, err := c.find(ctx, env, store)
	if err != nil {
		return err
	}
	turns := make([]int, len(entries))
	for i, entry := range entries {
		if turns[i], err = c.upTo(env, store, entry); err != nil {
			return err
		}
	}
	for i, entry := range entries {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		copied, err := store.Copy(entry, turns[i], title)
		if err != nil {
			return cannot("copy session "+entry.ID, err)
		}
		if err := env.printCopy(store, copied); err != nil {
			return err
		}
	}
	return nil
}

func (c *cpCommand) words() []string {
	if c.Recall && c.ID != "" {
		return append([]string{c.ID}, c.Title...)
	}
	return c.Title
}

func (c *cpCommand) find(ctx context.Context, env *Env, store *session.Store) ([]session.Entry, error) {
	var w which
	if c.Recall {
		w.Recall = true
	} else if c.ID != "" {
		w.IDs = []string{c.ID}
	}
	entries, err := env.chosen(ctx, store, w)
	if err != nil && len(w.IDs) > 0 && c.ID != "-" {
		err = mistyped(err, "cp", append(w.IDs, c.Title...))
	}
	return entries, err
}

// upTo returns the last turn to copy, and says what is wrong with the session.
func (c *cpCommand) upTo(env *Env, store *session.Store, entry session.Entry) (int, error) {
	s, err := env.loadEntry(store, entry)
	if err != nil {
		return 0, err
	}
	if s.Open {
		env.said.note("session " + s.ID + " is open in another oax; what is being answered there is not copied")
	}
	switch n := s.Turns(); {
	case c.At == nil:
		return 0, nil
	case *c.At < 1 || *c.At > n:
		return 0, &report{what: fmt.Sprintf("session %s has no turn %d; it has %d", s.ID, *c.At, n), hint: "oax cat " + s.ID, kind: "usage", code: exitUsage}
	}
	return *c.At, nil
}

func (env *Env) printCopy(store *session.Store, copied session.Entry) error {
	if !env.flags.JSON {
		return env.print(copied.ID + "\n")
	}
	return env.listAll(store, []session.Entry{copied})
}

// listAll prints sessions as ls does.
func (env *Env) listAll(store *session.Store, entries []session.Entry) error {
	list := env.lister(env.Stdout, store.Open())
	for _, entry := range entries {
		if err := list.add(env.summary(store, entry)); err != nil {
			return outputError(err)
		}
	}
	if err := list.end(); err != nil {
		return outputError(err)
	}
	return nil
}

// summary is what a list shows of a session; of one that cannot be read, its name.
func (env *Env) summary(store *session.Store, entry session.Entry) session.Summary {
	s, err := store.Summary(entry)
	if err != nil {
		return session.Summary{Entry: entry, Damaged: true}
	}
	return s
}
