package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/session"
)

// past is a session that goes on.
type past struct{ *session.Session }

func (p *past) entry() session.Entry { return session.Entry{ID: p.ID, Path: p.Path} }

// history returns what is sent of the session: all of it, or its last turns.
func (p *past) history(turns int) []chat.Message {
	if p == nil {
		return nil
	}
	return lastTurns(p.History(), turns)
}

// lastTurns keeps what the system said and the last prompts with their answers. 0
// keeps all.
func lastTurns(history []chat.Message, turns int) []chat.Message {
	system := 0
	for system < len(history) && history[system].Role == chat.System {
		system++
	}
	from := len(history) - 2*turns
	if turns <= 0 || from <= system {
		return history
	}
	return append(history[:system:system], history[from:]...)
}

// asked returns the profile and the model the session was last asked with.
func (p *past) asked() (profile, model string) {
	if p == nil {
		return "", ""
	}
	for _, m := range p.Messages {
		if m.Role == chat.User {
			profile, model = m.Profile, m.Model
		}
	}
	return profile, model
}

// configFile returns where the configuration is. It need not exist.
func configFile() string { return filepath.Join(configHome(), "oax", "config.toml") }

// file returns the configuration, read once, and says what is odd about it.
func (env *Env) file() (*config.File, error) {
	if env.config != nil {
		return env.config, nil
	}
	if err := env.checkHome(); err != nil {
		return nil, err
	}
	file, warnings, err := config.Load(configFile())
	if err != nil {
		return nil, err
	}
	for _, w := range warnings {
		env.said.note(w.String())
		env.said.hint(w.Hint)
	}
	env.config = file
	return file, nil
}

// checkHome refuses to guess: without a home directory the XDG directories would
// lie in the root of the file system.
func (env *Env) checkHome() error {
	if home, err := os.UserHomeDir(); err == nil && home != "" {
		return nil
	}
	if filepath.IsAbs(env.getenv("XDG_DATA_HOME")) && filepath.IsAbs(env.getenv("XDG_CONFIG_HOME")) {
		return nil
	}
	return &report{what: "cannot find a home directory", hint: "set XDG_DATA_HOME and XDG_CONFIG_HOME, or HOME", code: exitUsage, kind: "config"}
}

// openStore returns the store, after what dead processes left has been put right.
func (env *Env) openStore() (*session.Store, error) {
	file, err := env.file()
	if err != nil {
		return nil, err
	}
	store, err := session.New(session.Options{
		Dir:    filepath.Join(dataHome(), "oax", "sessions"),
		Name:   file.SessionName,
		Rescue: os.TempDir(),
		Now:    env.Now,
	})
	if err != nil || env.flags.NoSave {
		return store, err
	}
	recovered, err := store.Recover()
	if err != nil {
		env.said.note("cannot recover an unfinished answer: " + plainError(err))
	}
	env.sayRecovered(recovered)
	return store, nil
}

func (env *Env) sayRecovered(recovered []session.Recovered) {
	var ids []string
	for _, r := range recovered {
		ids = append(ids, r.ID)
		for _, note := range r.Notes {
			env.sayOf(r.ID, note)
		}
	}
	switch {
	case len(ids) == 0:
	case len(ids) > 5:
		env.said.note(fmt.Sprintf("recovered %d sessions: %s, ...", len(ids), strings.Join(ids[:5], ", ")))
	default:
		env.said.note(fmt.Sprintf("recovered %s %s", plural(len(ids), "session"), strings.Join(ids, ", ")))
	}
}

// load reads the session that ref names and says what is wrong with its file.
func (env *Env) load(store *session.Store, ref string) (*past, error) {
	entry, err := store.Find(ref)
	if err != nil {
		return nil, err
	}
	return env.loadEntry(store, entry)
}

func (env *Env) loadEntry(store *session.Store, entry session.Entry) (*past, error) {
	s, err := store.Load(entry)
	if err != nil {
		return nil, err
	}
	for _, note := range s.Notes {
		env.sayOf(s.ID, note)
	}
	return &past{s}, nil
}

// view reads a session that is not to be added to.
func (env *Env) view(store *session.Store, entry session.Entry) (*past, error) {
	viewed, err := env.loadEntry(store, entry)
	if err == nil && viewed.ReadOnly() {
		env.said.note("session " + viewed.ID + " was written by a newer oax; opened read-only")
	}
	return viewed, err
}

func (env *Env) sayOf(id, note string) { env.said.note("session " + id + ": " + note) }

// chosen returns the sessions that a command is about: those named, the one picked
// with -r, or the newest. Nothing is done about any if one of them is not there.
func (env *Env) chosen(ctx context.Context, store *session.Store, w which) ([]session.Entry, error) {
	if w.Recall {
		picked, err := env.pick(ctx, store, strings.Join(w.IDs, " "))
		if err != nil {
			return nil, err
		}
		return []session.Entry{picked.entry()}, nil
	}
	refs, err := env.refs(ctx, w.IDs)
	if err != nil {
		return nil, err
	}
	entries, errs := store.FindAll(refs)
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// refs returns the references that words are. For "-" those on standard input count,
// the first word of each line.
func (env *Env) refs(ctx context.Context, words []string) ([]string, error) {
	if len(words) == 0 {
		return []string{"@"}, nil
	}
	var refs []string
	for _, word := range words {
		if word != "-" {
			refs = append(refs, word)
			continue
		}
		text, err := await(ctx, func() ([]byte, error) { return io.ReadAll(env.Stdin) })
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			return nil, &report{what: "cannot read standard input: " + plainError(err), kind: "input", code: exitUsage}
		}
		for line := range strings.Lines(string(text)) {
			if fields := strings.Fields(line); len(fields) > 0 {
				refs = append(refs, fields[0])
			}
		}
	}
	if len(refs) == 0 {
		return nil, &report{what: "standard input names no session", hint: "oax ls | oax cat -", code: exitNothing, kind: "nothing"}
	}
	return refs, nil
}
