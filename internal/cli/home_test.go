package cli

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/record"
)

// home is the home directory of a person, and the environment and files of the runs in it.
type home struct {
	t     *testing.T
	dir   string
	env   map[string]string
	stdin string
}

// newHome returns an empty one.
func newHome(t *testing.T) *home {
	t.Helper()
	dir := t.TempDir()
	return &home{t: t, dir: dir, env: map[string]string{
		"HOME": dir, "XDG_DATA_HOME": filepath.Join(dir, "data"), "XDG_CONFIG_HOME": filepath.Join(dir, "config"),
		"XDG_STATE_HOME": filepath.Join(dir, "state"), "XDG_CACHE_HOME": filepath.Join(dir, "cache"),
	}}
}

// write makes a file below the home directory and returns its path.
func (h *home) write(name, text string) string {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// config writes the configuration file.
func (h *home) config(text string) { h.write("config/oax/config.toml", text) }

// now is the time of all runs.
var now = time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)

// chat saves a session of one turn, begun so many hours before now, and returns its ID.
func (h *home) chat(hours int, prompt, answer string) string {
	h.t.Helper()
	at := now.Add(-time.Duration(hours) * time.Hour)
	store := session.New(session.Options{Dir: filepath.Join(h.dir, "data", "oax", "sessions"), Now: func() time.Time { return at }})
	w, err := store.Create(record.Message{Message: chat.Message{Role: chat.User, Text: prompt}})
	if err != nil {
		h.t.Fatal(err)
	}
	defer w.Close()
	if err := w.Finish(chat.Message{Role: chat.Assistant, Text: answer, State: chat.Complete}); err != nil {
		h.t.Fatal(err)
	}
	return w.ID()
}

// process returns one with empty streams.
func (h *home) process() *Process {
	p := &Process{Now: func() time.Time { return now }, Version: "v1.2.3"}
	for name, value := range h.env {
		p.Environ = append(p.Environ, name+"="+value)
	}
	return p
}

// ran is what a run left.
type ran struct {
	stdout, stderr string
	exit           Exit
}

// run runs one command line in this process.
func (h *home) run(args ...string) ran {
	h.t.Helper()
	p := h.process()
	streams := make([]*os.File, 3)
	for i, name := range []string{"stdin", "stdout", "stderr"} {
		f, err := os.OpenFile(filepath.Join(h.t.TempDir(), name), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			h.t.Fatal(err)
		}
		defer f.Close()
		streams[i] = f
	}
	if _, err := streams[0].WriteString(h.stdin); err != nil {
		h.t.Fatal(err)
	}
	if _, err := streams[0].Seek(0, 0); err != nil {
		h.t.Fatal(err)
	}
	p.Stdin, p.Stdout, p.Stderr = streams[0], streams[1], streams[2]
	r := ran{exit: Run(h.t.Context(), p, args)}
	for i, into := range []*string{&r.stdout, &r.stderr} {
		text, err := os.ReadFile(streams[i+1].Name())
		if err != nil {
			h.t.Fatal(err)
		}
		*into = string(text)
	}
	return r
}
