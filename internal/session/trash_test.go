package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// trashed returns what is in the trash.
func trashed(t *testing.T, st *Store) []Trashed {
	t.Helper()
	all, err := st.Trash().All()
	must(t, err)
	return all
}

// tree returns every name in the store with what is in it.
func tree(t *testing.T, st *Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, filepath.WalkDir(st.dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == "cache" {
			return filepath.SkipDir
		}
		if err == nil && entry.Type().IsRegular() {
			all[path] = read(t, path)
		} else {
			all[path] = ""
		}
		return err
	}))
	return all
}

func TestTrash(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	a, b, c := save(t, st, "qa", "aa"), save(t, st, "qb", "ab"), save(t, st, "qc", "ac")
	write(t, record.TornPath(b.Path), "torn")
	before := tree(t, st)
	first := st.Trash()
	must(t, first.Take(b))
	must(t, first.Take(a))
	must(t, first.Sync())
	second := st.Trash()
	must(t, second.Take(c))
	must(t, second.Sync())
	if got := newest(t, st); len(got) > 0 {
		t.Errorf("still listed: %v", got)
	}
	all := trashed(t, st)
	if len(all) != 3 || all[0].ID != c.ID || all[1].ID != b.ID || all[2].ID != a.ID || all[1].Removal != all[2].Removal || all[0].Removal == all[1].Removal {
		t.Fatalf("%+v", all)
	}
	if at := all[0].Removed; at.Before(start) || at.After(start.Add(time.Hour)) {
		t.Errorf("removed at %v", at)
	}
	if mode := stat(t, filepath.Dir(all[0].Path)).Mode().Perm(); mode != 0o700 {
		t.Errorf("mode %v", mode)
	}
	back := st.Trash()
	for _, x := range all {
		if _, err := back.Restore(x); err != nil {
			t.Fatal(err)
		}
	}
	must(t, back.Sync())
	if after := tree(t, st); !sameTree(before, after, filepath.Join(st.dir, trashDir)) {
		t.Errorf("before %v\nafter %v", before, after)
	}
}

func stat(t *testing.T, path string) fs.FileInfo {
	t.Helper()
	info, err := os.Lstat(path)
	must(t, err)
	return info
}

// sameTree compares two trees but for some directories that may be empty.
func sameTree(a, b map[string]string, but ...string) bool {
	for path, text := range a {
		if got, ok := b[path]; !ok || got != text {
			return false
		}
	}
	return len(b)-len(a) <= len(but)
}

// A session is refused while another process adds to it.
func TestTrashBusy(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q1", "a1")
	w, err := st.Continue(e, user("q2"))
	must(t, err)
	for _, do := range []func(Entry) error{st.Trash().Take, st.Trash().Purge} {
		if busy, ok := errors.AsType[*BusyError](do(e)); !ok || busy.PID != os.Getpid() {
			t.Error("an open session was removed")
		}
	}
	must(t, w.Journal(&chat.Delta{Text: []byte("half")}))
	must(t, w.Close())
	must(t, st.Trash().Take(e)) // what the dead writer left goes along
	if p := journals(t, st); len(p) > 0 {
		t.Errorf("left %v", p)
	}
	back, err := st.Trash().Restore(trashed(t, st)[0])
	must(t, err)
	if got := notesOf(load(t, st, back).History()); got != "u:q1 a:a1 u:q2 a:half" {
		t.Error(got)
	}
}

// A writer that began too late to be seen loses nothing, whether it ends or is killed.
func TestTrashedWhileOpen(t *testing.T) {
	for _, killed := range []bool{false, true} {
		st := newStore(t, Options{})
		e := save(t, st, "q1", "a1")
		w, err := st.Continue(e, user("q2"))
		must(t, err)
		must(t, w.Journal(&chat.Delta{Text: []byte("half")}))
		tr := st.Trash()
		to := filepath.Join(st.dir, trashDir, "2026-11-21_23-45-12_00000000", record.MonthIn(e.Path), filepath.Base(e.Path))
		must(t, tr.makeDir(filepath.Dir(to)))
		must(t, tr.move(e.Path, to))
		if killed {
			must(t, w.Close())
			recovered, err := st.recover()
			if err != nil || len(recovered) != 1 || len(newest(t, st)) > 0 {
				t.Errorf("%v %v, listed %v", recovered, err, newest(t, st))
			}
			s := load(t, st, trashed(t, st)[0].Entry)
			if got := notesOf(s.History()); got != "u:q1 a:a1 u:q2 a:half" {
				t.Error(got)
			}
			continue
		}
		must(t, w.Finish(answer("a2")))
		s := load(t, st, Entry{w.ID(), w.Path()})
		if got := notesOf(s.History()); got != "u:q1 a:a1 u:q2 a:a2" || w.ID() == e.ID {
			t.Errorf("%s: %q", w.ID(), got)
		}
	}
}

func TestTrashRefuses(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q1", "a1")
	if _, ok := errors.AsType[*NotFoundError](st.Trash().Take(Entry{"gone0000", e.Path + "x"})); !ok {
		t.Error("what is not there was taken")
	}
	outside := filepath.Join(t.TempDir(), "2026-01")
	victim := filepath.Join(outside, "2026-01-01_00-00-00_victim00.jsonl")
	write(t, victim, "untouched")
	link := Entry{"link0000", filepath.Join(filepath.Dir(e.Path), "2026-11-21_00-00-00_link0000.jsonl")}
	dir := Entry{"dir00000", filepath.Join(filepath.Dir(e.Path), "2026-11-21_00-00-00_dir00000.jsonl")}
	must(t, os.Symlink(victim, link.Path))
	must(t, os.Mkdir(dir.Path, 0o700))
	must(t, os.Symlink(outside, filepath.Join(st.dir, "2026-01")))
	through := Entry{"victim00", filepath.Join(st.dir, "2026-01", filepath.Base(victim))}
	before := tree(t, st)
	for _, refused := range []Entry{link, dir, through} {
		for _, do := range []func(Entry) error{st.Trash().Take, st.Trash().Purge} {
			if _, ok := errors.AsType[*disk.FileError](do(refused)); !ok {
				t.Errorf("%s was removed", refused.ID)
			}
		}
	}
	if after := tree(t, st); !sameTree(before, after) || read(t, victim) != "untouched" {
		t.Errorf("%v", after)
	}
}

// A trash that is a link, or has links in it, leads nowhere.
func TestTrashFollowsNothing(t *testing.T) {
	const removal = "2026-01-01_00-00-00_00000000"
	outside := filepath.Join(t.TempDir(), removal)
	victim := filepath.Join(outside, "2026-01", "2026-01-01_00-00-00_victim00.jsonl")
	write(t, victim, "untouched")
	for name, link := range map[string]struct{ old, new string }{
		"trash":   {filepath.Dir(outside), "."},
		"removal": {outside, removal},
		"month":   {filepath.Dir(victim), removal + "/2026-01"},
		"session": {victim, removal + "/2026-01/" + filepath.Base(victim)},
	} {
		st := newStore(t, Options{})
		e := save(t, st, "q1", "a1")
		path := filepath.Join(st.dir, trashDir, link.new)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.Symlink(link.old, path))
		all, _ := st.Trash().All()
		for _, x := range all {
			if _, err := st.Trash().Restore(x); err == nil {
				t.Errorf("%s: restored %v", name, x)
			}
			if err := st.Trash().Purge(x.Entry); err == nil {
				t.Errorf("%s: purged %v", name, x)
			}
		}
		_, err := st.Trash().Expire()
		if isTrash := name == "trash"; (err != nil) != isTrash || (st.Trash().Take(e) != nil) != isTrash {
			t.Errorf("%s: %v", name, err)
		}
		if read(t, victim) != "untouched" {
			t.Fatalf("%s was followed", name)
		}
	}
}

func TestRestoreTakesNobodysPlace(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q1", "a1")
	must(t, st.Trash().Take(e))
	write(t, e.Path, "another")
	if _, err := st.Trash().Restore(trashed(t, st)[0]); !errors.Is(err, fs.ErrExist) || read(t, e.Path) != "another" || len(trashed(t, st)) != 1 {
		t.Error(err)
	}
	must(t, os.RemoveAll(filepath.Dir(e.Path)))
	back, err := st.Trash().Restore(trashed(t, st)[0])
	must(t, err)
	if got := notesOf(load(t, st, back).History()); got != "u:q1 a:a1" {
		t.Error(got)
	}
}

func TestNamed(t *testing.T) {
	var all []Trashed
	for i, id := range []string{"aab00000", "aab00000", "aac00000", "b0000000"} {
		all = append(all, Trashed{Entry: Entry{ID: id}, Removal: fmt.Sprint(i)})
	}
	for ref, want := range map[string]string{
		"aab": "aab00000 0 aab00000 1", "b": "b0000000 3", "aac00000": "aac00000 2",
		"aa": "aa begins several session ids: aab00000 aac00000", "c": "no session c", "../x": `not a session id: "../x"`, "@": `not a session id: "@"`,
	} {
		found, err := Named(all, ref)
		var got []string
		for _, x := range found {
			got = append(got, x.ID, x.Removal)
		}
		if err != nil {
			got = append(got, err.Error())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}

func TestPurge(t *testing.T) {
	const secret = "hunter2"
	for _, where := range []string{"store", "trash", "killed"} {
		st := newStore(t, Options{})
		other := save(t, st, "other", "a")
		e := save(t, st, "it is "+secret, "a1")
		w, err := st.Continue(e, user(secret))
		must(t, err)
		leaveDead(t, w, secret)
		write(t, record.TornPath(e.Path), secret)
		write(t, filepath.Join(filepath.Dir(e.Path), tempPrefix+e.ID), secret)
		st.rescueCopy(e.ID, answer(secret))
		before := tree(t, st)
		if where != "store" {
			must(t, st.Trash().Take(e))
			e = trashed(t, st)[0].Entry
		}
		if where == "killed" {
			tr := st.Trash()
			must(t, tr.move(record.TornPath(e.Path), record.TornPath(tr.home(e).Path)))
		}
		tr := st.Trash()
		must(t, tr.Purge(e))
		must(t, tr.Sync())
		for _, dir := range []string{st.dir, st.rescue} {
			must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
				if err == nil && entry.Type().IsRegular() && strings.Contains(read(t, path), secret) {
					t.Errorf("%s: it is in %s", where, path)
				}
				return err
			}))
		}
		if got := newest(t, st); !slices.Equal(got, []string{other.ID}) || read(t, other.Path) != before[other.Path] || len(trashed(t, st)) > 0 {
			t.Errorf("%s: %v is left", where, got)
		}
	}
}

func TestExpire(t *testing.T) {
	now := start
	st := newStore(t, Options{Now: func() time.Time { return now }})
	old, young := save(t, st, "old", "a"), save(t, st, "young", "a")
	write(t, record.TornPath(old.Path), "torn")
	must(t, st.Trash().Take(old))
	tr := st.Trash()
	must(t, tr.move(record.TornPath(trashed(t, st)[0].Path), record.TornPath(old.Path))) // as if killed
	now = start.Add(24 * time.Hour)
	must(t, st.Trash().Take(young))
	write(t, filepath.Join(st.dir, trashDir, "mine.txt"), "by the person")
	for _, c := range []struct {
		after time.Duration
		left  []string
	}{{trashAge, []string{young.ID, old.ID}}, {trashAge + time.Second, []string{young.ID}}, {trashAge + 48*time.Hour, nil}} {
		now = start.Add(c.after)
		tr := st.Trash()
		before := len(trashed(t, st))
		n, err := tr.Expire()
		must(t, err)
		must(t, tr.Sync())
		var left []string
		for _, x := range trashed(t, st) {
			left = append(left, x.ID)
		}
		if !slices.Equal(left, c.left) || n != before-len(left) {
			t.Errorf("after %v: %d were thrown away, left %v", c.after, n, left)
		}
	}
	if _, err := os.Lstat(record.TornPath(old.Path)); err == nil {
		t.Error("the end cut from the old session is left")
	}
	if read(t, filepath.Join(st.dir, trashDir, "mine.txt")) == "" {
		t.Error("what is no removal was thrown away")
	}
}
