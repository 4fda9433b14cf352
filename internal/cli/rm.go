package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"oax/internal/session"
)

// rmCommand removes sessions, and brings them back.
type rmCommand struct {
	OlderThan string `placeholder:"WHEN" help:"Sessions that began so long ago or before a day: 30d, 2w, 6mo, 1y, 2026-01-31."`
	DryRun    bool   `help:"Show what would go, or with --undo come back, and change nothing."`
	Yes       bool   `short:"y" help:"Do not ask."`
	Force     bool   `short:"f" help:"Pass over sessions that are not there."`
	Undo      bool   `help:"Bring back what the last rm took, or these sessions."`
	Purge     bool   `help:"Remove for good, from the trash too; without an ID, all that is in the trash."`
	Recall    bool   `short:"r" help:"Pick the session with the fuzzy finder; IDs are then words to look for."`

	IDs []string `arg:"" optional:"" name:"id" help:"Sessions: IDs or their starts, @ the newest, @2 the one before. - reads IDs, one a line, from standard input."`
}

// Help says what becomes of what is removed.
func (c *rmCommand) Help() string {
	return "What is removed lies in the trash for 30 days, and is thrown away by the first rm after that."
}

// Run does one of the three things, to sessions that are all there.
func (c *rmCommand) Run(ctx context.Context, env *Env) error {
	if err := c.check(); err != nil {
		return err
	}
	store, err := env.openStore()
	if err != nil {
		return err
	}
	switch {
	case c.Undo:
		return c.undo(ctx, env, store)
	case c.Purge:
		return c.purge(ctx, env, store)
	}
	return c.remove(ctx, env, store)
}

// check refuses what does not go together.
func (c *rmCommand) check() error {
	named := len(c.IDs) > 0 || c.Recall
	what, hint := "", "see oax rm --help"
	switch {
	case c.Undo && (c.Purge || c.OlderThan != "" || c.Recall):
		what = "--undo goes with IDs alone"
	case c.OlderThan != "" && named:
		what = "IDs and --older-than do not go together"
	case !c.Undo && !c.Purge && !named && c.OlderThan == "":
		what, hint = "no session given", "oax rm @ removes the newest, oax rm -r lets you pick"
	default:
		return nil
	}
	return &report{what: what, hint: hint, kind: "usage", code: exitUsage}
}

// remove moves sessions to the trash, and throws away what is too old there.
func (c *rmCommand) remove(ctx context.Context, env *Env, store *session.Store) error {
	entries, err := c.find(ctx, env, store)
	if err != nil || len(entries) == 0 {
		return err
	}
	if c.DryRun {
		return env.listAll(store, entries)
	}
	if err := c.ask(ctx, env, store, entries, "Remove %s"); err != nil {
		return err
	}
	trash := store.Trash()
	r := &removal{env: env, store: store, trash: trash, do: "remove", did: "removed", undo: "oax rm --undo brings back what was removed last"}
	err = r.each(ctx, entries, trash.Take)
	if ctx.Err() == nil {
		c.expire(env, trash)
	}
	return err
}

func (c *rmCommand) expire(env *Env, trash *session.Trash) {
	if n, err := trash.Expire(); err != nil {
		env.said.note("cannot throw away what is too old in the trash: " + plainError(err))
	} else if n > 0 {
		env.said.note(fmt.Sprintf("threw away %s removed more than 30 days ago", counted(n, "session")))
	}
}

// find returns the sessions that are asked for; none only if there is nothing to do.
func (c *rmCommand) find(ctx context.Context, env *Env, store *session.Store) ([]session.Entry, error) {
	switch {
	case c.OlderThan != "":
		return c.older(env, store)
	case c.Recall:
		return env.chosen(ctx, store, which{Recall: true, IDs: c.IDs})
	}
	refs, err := env.refs(ctx, c.IDs)
	if err != nil {
		return nil, err
	}
	entries, gone, err := c.look(store, refs)
	if err != nil {
		return nil, err
	}
	if len(gone) > 0 && !c.Force {
		return nil, c.notFound(store, gone[0])
	}
	return entries, nil
}

// look returns the sessions that refs name, each once, and the refs that name none.
func (c *rmCommand) look(store *session.Store, refs []string) (entries []session.Entry, gone []string, err error) {
	found, errs := store.FindAll(refs)
	for i, entry := range found {
		switch {
		case missing(errs[i]):
			gone = append(gone, refs[i])
		case errs[i] != nil:
			return nil, nil, c.wrong(errs[i])
		default:
			entries = append(entries, entry)
		}
	}
	return once(entries), gone, nil
}

// once leaves out what was named before.
func once(entries []session.Entry) []session.Entry {
	seen := map[session.Entry]bool{}
	return slices.DeleteFunc(entries, func(e session.Entry) bool {
		again := seen[e]
		seen[e] = true
		return again
	})
}

func missing(err error) bool {
	_, is := errors.AsType[*session.NotFoundError](err)
	return is
}

// notFound says that a session is not there, and where it is.
func (c *rmCommand) notFound(store *session.Store, ref string) error {
	if all, err := store.Trash().All(); err == nil {
		if _, err := session.Named(all, ref); err == nil {
			return &report{what: "no session " + ref, hint: "it is in the trash: oax rm --undo " + ref, kind: "nothing", code: exitNothing}
		}
	}
	return c.wrong(&session.NotFoundError{Ref: ref})
}

// wrong says of a word that it names no session, and that perhaps it was to be asked.
func (c *rmCommand) wrong(err error) error {
	if strings.Join(c.IDs, " ") == "-" {
		return err
	}
	return mistyped(err, "rm", c.IDs)
}

// older returns the sessions that began before a time.
func (c *rmCommand) older(env *Env, store *session.Store) ([]session.Entry, error) {
	before, err := parseWhen(c.OlderThan, env.Now())
	if err != nil {
		return nil, err
	}
	var entries []session.Entry
	for entry, err := range store.Between(time.Time{}, before) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	if len(entries) == 0 {
		env.said.note("no session began before " + env.clock(before))
	}
	return entries, nil
}
