package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oax/internal/chat"
	"oax/internal/session"
)

// purge removes sessions for good, wherever they are, or empties the trash.
func (c *rmCommand) purge(ctx context.Context, env *Env, store *session.Store) error {
	trash := store.Trash()
	all, err := trash.All()
	if err != nil {
		return err
	}
	entries, err := c.doomed(ctx, env, store, all)
	if err != nil || len(entries) == 0 {
		return err
	}
	if c.DryRun {
		return env.listAll(store, entries)
	}
	if err := c.ask(ctx, env, store, entries, "Remove %s for good, with no way back"); err != nil {
		return err
	}
	drafts := draftFiles()
	r := &removal{env: env, store: store, trash: trash, do: "purge", did: "purged"}
	err = r.each(ctx, entries, func(e session.Entry) error {
		dropDrafts(store, e, drafts)
		return trash.Purge(e)
	})
	if err != nil || c.trashAlone() {
		return err
	}
	return env.sayCopies(ctx, store, entries)
}

func (c *rmCommand) trashAlone() bool { return len(c.IDs) == 0 && !c.Recall && c.OlderThan == "" }

// doomed returns the sessions that are asked for with what is in the trash of them.
func (c *rmCommand) doomed(ctx context.Context, env *Env, store *session.Store, all []session.Trashed) ([]session.Entry, error) {
	switch {
	case c.trashAlone() && len(all) == 0:
		env.said.note("the trash is empty")
		return nil, nil
	case c.trashAlone():
		return entriesOf(all), nil
	case len(c.IDs) == 0 || c.Recall:
		return c.find(ctx, env, store)
	}
	refs, err := env.refs(ctx, c.IDs)
	if err != nil {
		return nil, err
	}
	entries, gone, err := c.look(store, refs)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if found, err := session.Named(all, e.ID); err == nil {
			entries = append(entries, entriesOf(found)...)
		}
	}
	for _, ref := range gone {
		found, err := session.Named(all, ref)
		switch {
		case missing(err) && c.Force:
		case err != nil:
			return nil, c.wrong(err)
		default:
			entries = append(entries, entriesOf(found)...)
		}
	}
	return once(entries), nil
}

// sayCopies says which sessions were copied from those that are gone, and so hold
// what was said there.
func (env *Env) sayCopies(ctx context.Context, store *session.Store, gone []session.Entry) error {
	const most = 10 // each takes a look at every session that began later
	var ids []string
	for _, e := range gone[:min(len(gone), most)] {
		forks, err := store.Forks(ctx, e)
		if err != nil {
			return err
		}
		for _, fork := range forks {
			ids = append(ids, fork.ID)
		}
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) > 0 {
		env.said.note("copied from there, and still here: " + strings.Join(ids, " "))
		env.said.hint("oax rm --purge " + strings.Join(ids, " "))
	}
	return nil
}

// draftFiles are what was typed and not sent, in a conversation or an editor.
func draftFiles() []string {
	edited, _ := filepath.Glob(filepath.Join(filepath.Dir(draftFile()), "message-*.md"))
	if readDraft() == "" {
		return edited
	}
	return append(edited, draftFile())
}

// dropDrafts removes the drafts of the prompts of a session.
func dropDrafts(store *session.Store, e session.Entry, drafts []string) {
	if len(drafts) == 0 {
		return
	}
	s, err := store.Load(e)
	if err != nil {
		return
	}
	for _, path := range drafts {
		text, _ := os.ReadFile(path)
		if slices.ContainsFunc(s.Messages, func(m session.Message) bool { return m.Role == chat.User && isDraftOf(string(text), m.Text) }) {
			os.Remove(path)
		}
	}
}

// isDraftOf reports whether a draft became a prompt: it is the same, or the prompt and
// more, if that is long enough not to be in it by chance.
func isDraftOf(draft, prompt string) bool {
	const long = 16
	draft, prompt = strings.TrimSpace(draft), strings.TrimSpace(prompt)
	return draft == prompt || len(prompt) >= long && strings.Contains(draft, prompt)
}
