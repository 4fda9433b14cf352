package session

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/journal"
	"oax/internal/session/record"
)

func TestRetitle(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	e := save(t, st, "q1", "a1")
	before := read(t, e.Path)
	must(t, st.Retitle(e, "給\x1b[31m \"red\""))
	if got := load(t, st, e).Title; got != "給\x1b[31m \"red\"" {
		t.Errorf("%q", got)
	}
	must(t, st.Retitle(e, ""))
	if got := load(t, st, e).Title; got != "q1" {
		t.Errorf("taken away: %q", got)
	}
	after := read(t, e.Path)
	if !strings.HasPrefix(after, before) || strings.Count(after, "\n") != strings.Count(before, "\n")+2 || len(journals(t, st)) > 0 {
		t.Errorf("%s", after)
	}
	if sum, err := st.Summary(e); err != nil || sum.Title != "q1" || sum.Turns != 1 {
		t.Errorf("%+v %v", sum, err)
	}
}

// A title that comes while an answer is being written harms neither.
func TestRetitleWhileOpen(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q1", "a1")
	w, err := st.Continue(e, user("q2"))
	must(t, err)
	must(t, w.Journal(&chat.Delta{Text: []byte("half")}))
	must(t, st.Retitle(e, "given"))
	if s := load(t, st, e); s.Title != "given" || !s.Open || len(s.Messages) != 4 {
		t.Errorf("%q of %v", s.Title, texts(s))
	}
	must(t, w.Close()) // as if killed
	_, err = st.recover()
	must(t, err)
	s := load(t, st, e)
	if got := notesOf(s.History()); s.Title != "given" || got != "u:q1 a:a1 u:q2 a:half" {
		t.Errorf("%q of %q", s.Title, got)
	}
}

func TestRetitleATornSession(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q1", "a1")
	write(t, e.Path, read(t, e.Path)+`{"kind":"message","te`)
	must(t, os.RemoveAll(filepath.Join(st.dir, journal.Dir)))
	must(t, st.Retitle(e, "given"))
	if s := load(t, st, e); s.Title != "given" || len(s.Notes) > 0 || read(t, record.TornPath(e.Path)) != `{"kind":"message","te` {
		t.Errorf("%q, %v", s.Title, s.Notes)
	}
}

func TestRetitleRefused(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q1", "a1")
	newer := strings.Replace(read(t, e.Path), `"version":1`, `"version":2`, 1)
	write(t, e.Path, newer)
	if _, ok := errors.AsType[*NewerError](st.Retitle(e, "x")); !ok || read(t, e.Path) != newer {
		t.Error("written to a session of a newer program")
	}
	must(t, os.Remove(e.Path))
	if _, ok := errors.AsType[*NotFoundError](st.Retitle(e, "x")); !ok {
		t.Error("it is gone")
	}
	victim := filepath.Join(t.TempDir(), "victim")
	write(t, victim, "untouched\n")
	must(t, os.Symlink(victim, e.Path))
	if _, ok := errors.AsType[*disk.FileError](st.Retitle(e, "x")); !ok || read(t, victim) != "untouched\n" {
		t.Error("a link was followed")
	}
}
