package session

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A session cut at any byte has every record before the cut; what was cut is kept.
func TestTornAtEveryByte(t *testing.T) {
	st := newStore(t, Options{})
	must(t, os.MkdirAll(filepath.Join(st.dir, openDir), 0o700))
	dir := filepath.Join(st.dir, "2026-11")
	e := Entry{"k3f9q2ab", filepath.Join(dir, "x_k3f9q2ab.jsonl")}
	few := strings.Index(fixture, `{"kind":"title"`)
	for i := 1; i <= few; i++ {
		tail := []string{"", "\x00", long(4096, "\x00")}[i%3]
		torn(t, st, e, fixture[:i], tail)
		must(t, os.RemoveAll(dir))
	}
}

func torn(t *testing.T, st *Store, e Entry, whole, tail string) {
	t.Helper()
	write(t, e.Path, whole+tail)
	last := whole[strings.LastIndexByte(whole, '\n')+1:]
	dropped := last + tail
	if strings.HasSuffix(last, "}") { // only its newline is gone
		dropped = tail
	}
	s := load(t, st, e)
	if want := said(parse([]byte(whole))); len(s.Messages)+1 < len(want)-1 {
		t.Fatalf("cut at %d: %v", len(whole), texts(s))
	}
	kept := strings.TrimSuffix(e.Path, extension) + ".torn"
	if dropped == "" {
		if _, err := os.Stat(kept); err == nil || len(s.Notes) > 0 && !s.Damaged {
			t.Fatalf("cut at %d: dropped something: %v", len(whole), s.Notes)
		}
		return
	}
	note := fmt.Sprintf("dropped an unfinished record of %d bytes (kept in x_k3f9q2ab.torn)", len(dropped))
	if !slices.Contains(s.Notes, note) || read(t, kept) != dropped || read(t, e.Path)+dropped != whole+tail {
		t.Fatalf("cut at %d: %q, kept %q, left %q", len(whole), s.Notes, read(t, kept), read(t, e.Path))
	}
	info, err := os.Stat(kept)
	must(t, err)
	if again := load(t, st, e); info.Mode().Perm() != 0o600 || slices.Contains(again.Notes, note) {
		t.Fatalf("cut at %d: mode %o, %q", len(whole), info.Mode().Perm(), again.Notes)
	}
}

func TestContinueMendsATornSession(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	write(t, e.Path, read(t, e.Path)+`{"kind":"mess`)
	w, err := st.Continue(e, user("q2"))
	must(t, err)
	must(t, w.Finish(answer("a2")))
	if n := w.Notes(); len(n) != 1 || !strings.HasPrefix(n[0], "dropped an unfinished record of 13 bytes") {
		t.Errorf("%q", n)
	}
	if s := load(t, st, e); notesOf(s.History()) != "u:q a:a u:q2 a:a2" || len(s.Notes) > 0 {
		t.Errorf("%v %v", texts(s), s.Notes)
	}
}

// A torn end is left where it is while another process has the session, or where
// there is no way to keep it.
func TestATornEndThatCannotBeMoved(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	data := read(t, e.Path) + `{"kind":"mess`
	must(t, os.Remove(e.Path))
	must(t, os.WriteFile(e.Path, []byte(data), 0o600))
	must(t, os.Mkdir(strings.TrimSuffix(e.Path, extension)+".torn", 0o700))
	s := load(t, st, e)
	if len(s.Messages) != 2 || !slices.Contains(s.Notes, "ends in an unfinished record of 13 bytes (left as is)") {
		t.Errorf("%v %v", texts(s), s.Notes)
	}
	c, err := st.claim(e, 0)
	must(t, err)
	defer c.release()
	if s := load(t, st, e); len(s.Messages) != 2 || len(s.Notes) > 0 || !s.Open {
		t.Errorf("%v %v", texts(s), s.Notes)
	}
	if read(t, e.Path) != data {
		t.Error("the file was changed")
	}
}

// The file of a damaged session stays as it is, and grows.
func TestDamageStays(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	data := strings.Replace(read(t, e.Path), `"role":"user"`, `"role":"us"er"`, 1)
	write(t, e.Path, data)
	w, err := st.Continue(e, user("q2"))
	must(t, err)
	must(t, w.Finish(answer("a2")))
	s := load(t, st, e)
	if len(s.Messages) != 3 || !slices.Equal(s.Notes, []string{"record 2 is damaged (kept as is)"}) {
		t.Errorf("%v %v", texts(s), s.Notes)
	}
	if !strings.HasPrefix(read(t, e.Path), data) {
		t.Error("what was there was changed")
	}
}
