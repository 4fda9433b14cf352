package cli

import (
	"context"

	"oax/internal/session"
)

// undo brings sessions back from the trash.
func (c *rmCommand) undo(ctx context.Context, env *Env, store *session.Store) error {
	trash := store.Trash()
	all, err := trash.All()
	if err != nil {
		return err
	}
	back, err := c.taken(ctx, env, all)
	if err != nil || len(back) == 0 {
		return err
	}
	if c.DryRun {
		return env.listAll(store, entriesOf(back))
	}
	from := map[session.Entry]session.Trashed{}
	for _, x := range back {
		from[x.Entry] = x
	}
	r := &removal{env: env, store: store, trash: trash, do: "bring back", did: "brought back", goOn: "oax rm --undo goes on"}
	return r.each(ctx, entriesOf(back), func(e session.Entry) error {
		_, err := trash.Restore(from[e])
		return err
	})
}

// taken returns those named, or what was removed last.
func (c *rmCommand) taken(ctx context.Context, env *Env, all []session.Trashed) ([]session.Trashed, error) {
	if len(c.IDs) > 0 {
		return c.named(ctx, env, all)
	}
	if len(all) == 0 {
		return nil, &report{what: "the trash is empty", kind: "nothing", code: exitNothing}
	}
	n := 0
	for n < len(all) && all[n].Removal == all[0].Removal {
		n++
	}
	return all[:n], nil
}

// named returns those that the IDs name.
func (c *rmCommand) named(ctx context.Context, env *Env, all []session.Trashed) ([]session.Trashed, error) {
	refs, err := env.refs(ctx, c.IDs)
	if err != nil {
		return nil, err
	}
	seen := map[session.Entry]bool{}
	var named []session.Trashed
	for _, ref := range refs {
		found, err := session.Named(all, ref)
		if missing(err) && c.Force {
			continue
		}
		if err != nil {
			return nil, notInTrash(ref, err)
		}
		if last := found[0]; !seen[last.Entry] {
			seen[last.Entry] = true
			named = append(named, last)
		}
	}
	return named, nil
}

func notInTrash(ref string, err error) error {
	if missing(err) {
		return &report{what: "no session " + ref + " in the trash", hint: "oax rm --purge --dry-run lists the trash", kind: "nothing", code: exitNothing}
	}
	return err
}

func entriesOf(all []session.Trashed) []session.Entry {
	var entries []session.Entry
	for _, x := range all {
		entries = append(entries, x.Entry)
	}
	return entries
}
