package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
)

// rmCommand removes sessions, restores them, or purges them. rm_change.go has how it asks
// first, and how it reports what was done.
type rmCommand struct {
	OlderThan string `placeholder:"WHEN" help:"Remove sessions last used before then: 30d, 2w, 6mo, 1y, 2026-01-31."`
	DryRun    bool   `help:"Show what would be removed, or with --undo restored, and change nothing."`
	Yes       bool   `short:"y" help:"Do not ask."`
	Force     bool   `short:"f" help:"Ignore IDs that no session has."`
	Undo      bool   `help:"Bring back what the last rm removed, or these sessions."`
	Purge     bool   `help:"Remove for good, from the trash too; without an ID, everything in the trash."`
	Recall    bool   `short:"r" help:"Pick the session with the fuzzy finder; the IDs are then words to search for."`
	listFlags

	IDs []string `arg:"" optional:"" name:"id" help:"Sessions: IDs or their beginnings, @ for the one used last, @2 for the one before. - reads IDs, one a line, from standard input."`
}

// Help says where removed sessions are.
func (c *rmCommand) Help() string {
	return "Removed sessions are kept in the trash for 30 days. The first rm after that deletes them."
}

// Run does nothing to any session unless all that are named exist.
func (c *rmCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	if err := c.check(); err != nil {
		return err
	}
	lib, err := p.openLibrary(ctx, log, false)
	if err != nil {
		return err
	}
	r := &rmRun{rmCommand: c, library: lib, trash: lib.store.Trash()}
	if r.all, err = r.trash.All(); err != nil {
		return err
	}
	entries, err := r.find(ctx)
	switch {
	case err != nil || len(entries) == 0:
		return err
	case c.Undo:
		return r.undo(ctx, entries)
	case c.Purge:
		return r.purge(ctx, entries)
	}
	return r.remove(ctx, entries)
}

func (c *rmCommand) namesAny() bool { return len(c.IDs) > 0 || c.Recall || c.OlderThan != "" }

// check refuses flags that do not go together.
func (c *rmCommand) check() error {
	const hint = "see oax rm --help"
	switch {
	case c.Undo && (c.Purge || c.OlderThan != "" || c.Recall):
		return report.Usage("--undo takes only IDs", hint)
	case c.OlderThan != "" && (len(c.IDs) > 0 || c.Recall):
		return report.Usage("IDs and --older-than do not go together", hint)
	case !c.Undo && !c.Purge && !c.namesAny():
		return report.Usage("no session given", "oax rm @ removes the session used last, oax rm -r lets you pick")
	}
	return nil
}

// rmRun is one run of the command.
type rmRun struct {
	*rmCommand
	*library
	trash *session.Trash
	all   []session.Trashed // what is in the trash
}

// find returns the sessions that are meant. There are none only if there is nothing to do.
func (r *rmRun) find(ctx context.Context) ([]session.Entry, error) {
	switch {
	case r.OlderThan != "":
		return r.older()
	case r.Recall:
		return r.picker().Choose(ctx, true, r.IDs)
	case len(r.IDs) > 0:
		return r.named(ctx)
	case len(r.all) == 0 && r.Undo:
		return nil, report.Nothing("the trash is empty", "")
	case len(r.all) == 0:
		r.log.Note("the trash is empty")
		return nil, nil
	case r.Undo: // what was removed last
		return entriesOf(slices.DeleteFunc(slices.Clone(r.all), func(x session.Trashed) bool { return x.Removal != r.all[0].Removal })), nil
	}
	return entriesOf(r.all), nil
}

// older returns the sessions that were last used before a time.
func (r *rmRun) older() ([]session.Entry, error) {
	before, _, err := term.ParseSpan(r.OlderThan, r.Now())
	if err != nil {
		return nil, err
	}
	var entries []session.Entry
	for entry, err := range r.store.List(session.Filter{Until: before}) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	if len(entries) == 0 {
		r.log.Note("no session is older than " + term.Clock(before, r.file.TimeFormat))
	}
	return entries, nil
}

// named returns the sessions that the IDs name, each once. With --undo only those in the
// trash count, and with --purge they count too.
func (r *rmRun) named(ctx context.Context) ([]session.Entry, error) {
	refs, err := r.picker().Refs(ctx, r.IDs)
	if err != nil {
		return nil, err
	}
	var entries []session.Entry
	stored, errs := r.store.FindAll(refs)
	for i, ref := range refs {
		err, id := errs[i], ref
		if err == nil && !r.Undo {
			entries, id = append(entries, stored[i]), stored[i].ID
		}
		trashed, trashErr := session.Named(r.all, id)
		switch {
		case r.Undo && trashErr == nil: // of one that was removed twice, what was removed last
			entries, err = append(entries, trashed[0].Entry), nil
		case r.Undo && isNotFound(trashErr) && !r.Force:
			err = report.Nothing("no session "+ref+" in the trash", "oax rm --purge --dry-run lists the trash")
		case r.Undo:
			err = trashErr
		case r.Purge && trashErr == nil:
			entries, err = append(entries, entriesOf(trashed)...), nil
		case r.Purge && isNotFound(err):
			err = trashErr
		case isNotFound(err) && trashErr == nil && !r.Force:
			err = report.Nothing("no session "+ref, "it is in the trash: oax rm --undo "+ref)
		}
		if err != nil && !(isNotFound(err) && r.Force) {
			return nil, orPrompt(err, append([]string{"rm"}, r.IDs...))
		}
	}
	seen := map[session.Entry]bool{}
	return slices.DeleteFunc(entries, func(e session.Entry) bool {
		again := seen[e]
		seen[e] = true
		return again
	}), nil
}

func isNotFound(err error) bool {
	_, is := errors.AsType[*session.NotFoundError](err)
	return is
}

// remove moves sessions to the trash, and deletes what has been there too long.
func (r *rmRun) remove(ctx context.Context, entries []session.Entry) error {
	if err := r.confirm(ctx, entries, "Remove %s"); err != nil {
		return err
	}
	err := r.change(ctx, entries, change{do: "remove", did: "removed", undoHint: "oax rm --undo brings back what was removed last", one: r.trash.Take})
	if r.DryRun || ctx.Err() != nil {
		return err
	}
	if n, expireErr := r.trash.Expire(); expireErr != nil {
		r.log.Note("cannot delete what has been in the trash for more than 30 days: " + report.Cause(expireErr))
	} else if n > 0 {
		r.log.Note("deleted " + report.Count(n, "session") + " removed more than 30 days ago")
	}
	return err
}

// purge removes sessions for good, wherever they are.
func (r *rmRun) purge(ctx context.Context, entries []session.Entry) error {
	if err := r.confirm(ctx, entries, "Remove %s for good, with no way back"); err != nil {
		return err
	}
	err := r.change(ctx, entries, change{do: "purge", did: "purged", one: r.trash.Purge})
	if err != nil || r.DryRun || !r.namesAny() {
		return err
	}
	return r.noteCopies(ctx, entries)
}

// noteCopies names the sessions that were copied from purged ones: they hold the same
// text.
func (r *rmRun) noteCopies(ctx context.Context, purged []session.Entry) error {
	const maxPurged = 10 // for each, every session that began later is read
	var ids []string
	for _, e := range purged[:min(len(purged), maxPurged)] {
		forks, err := r.store.Forks(ctx, e)
		if err != nil {
			return err
		}
		for _, fork := range forks {
			ids = append(ids, fork.ID)
		}
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) > 0 {
		r.log.Note("copies of what was purged still exist: " + strings.Join(ids, " "))
		r.log.Hint("oax rm --purge " + strings.Join(ids, " "))
	}
	return nil
}

// undo brings sessions back from the trash.
func (r *rmRun) undo(ctx context.Context, entries []session.Entry) error {
	from := map[session.Entry]session.Trashed{}
	for _, x := range r.all {
		from[x.Entry] = x
	}
	restore := func(e session.Entry) error {
		_, err := r.trash.Restore(from[e])
		return err
	}
	return r.change(ctx, entries, change{do: "bring back", did: "brought back", restHint: "oax rm --undo brings back the rest", one: restore})
}

func entriesOf(all []session.Trashed) []session.Entry {
	var entries []session.Entry
	for _, x := range all {
		entries = append(entries, x.Entry)
	}
	return entries
}
