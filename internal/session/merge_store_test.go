package session

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oax/internal/session/record"
)

// later returns a clock that is some hours ahead.
func later(hours int) func() time.Time {
	now := clock()
	return func() time.Time { return now().Add(time.Duration(hours) * time.Hour) }
}

// twoCopies makes a store of two sessions and a copy of it, which grow apart.
func twoCopies(t *testing.T) (here, there *Store, e Entry) {
	t.Helper()
	here = newStore(t, Options{Now: clock()})
	e = save(t, here, "hi", "ho")
	save(t, here, "another", "chat")
	return here, copyStore(t, here, later(1)), e
}

func copyStore(t *testing.T, st *Store, now func() time.Time) *Store {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sessions")
	must(t, os.CopyFS(dir, os.DirFS(st.dir)))
	return newStore(t, Options{Dir: dir, Now: now})
}

// in returns the session of another copy of the store.
func (st *Store) in(e Entry) Entry {
	return Entry{e.ID, filepath.Join(st.dir, record.MonthIn(e.Path), filepath.Base(e.Path))}
}

func goOn(t *testing.T, st *Store, e Entry, prompt, text string) {
	t.Helper()
	var prompts []record.Message
	if prompt != "" {
		prompts = []record.Message{user(prompt)}
	}
	w, err := st.Continue(st.in(e), prompts...)
	must(t, err)
	must(t, w.Finish(answer(text)))
}

func addText(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	_, err = f.WriteString(text)
	must(t, err)
	must(t, f.Close())
}

// mergeAll merges copies and returns what became of them.
func mergeAll(t *testing.T, st *Store, paths ...string) (all []Merged) {
	t.Helper()
	im, err := st.Importer()
	must(t, err)
	for _, path := range paths {
		for m, err := range im.Merge(path) {
			must(t, err)
			all = append(all, m)
		}
	}
	must(t, im.Flush())
	return all
}

// sessionsOf returns what is in the session files of a store and beside them.
func sessionsOf(t *testing.T, st *Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	for path, text := range filesOf(t, st) {
		if name, _ := filepath.Rel(st.dir, path); record.IsMonth(filepath.Dir(name)) {
			all[name] = text
		}
	}
	return all
}

// apart are ways in which two copies of a store grow apart.
var apart = []struct {
	name     string
	change   func(t *testing.T, here, there *Store, e Entry)
	sessions int // that there are in the end
}{
	{"nothing", func(*testing.T, *Store, *Store, Entry) {}, 2},
	{"a new session on each side", func(t *testing.T, here, there *Store, _ Entry) {
		save(t, here, "new", "here")
		save(t, there, "new", "there")
	}, 4},
	{"one side goes on", func(t *testing.T, here, _ *Store, e Entry) { goOn(t, here, e, "and", "then") }, 2},
	{"both sides go on", func(t *testing.T, here, there *Store, e Entry) {
		goOn(t, here, e, "and here", "yes")
		goOn(t, there, e, "and there", "no")
		goOn(t, there, e, "and there again", "no")
	}, 3},
	{"both sides ask again", func(t *testing.T, here, there *Store, e Entry) {
		goOn(t, here, e, "", "ha")
		goOn(t, there, e, "", "he")
	}, 3},
	{"a title on one side, a turn on the other", func(t *testing.T, here, there *Store, e Entry) {
		must(t, here.Retitle(e, "Titled"))
		goOn(t, there, e, "and", "then")
	}, 2},
	{"a title on both sides", func(t *testing.T, here, there *Store, e Entry) {
		must(t, here.Retitle(e, "Here"))
		must(t, there.Retitle(there.in(e), "There"))
	}, 2},
	{"titles and turns on both sides", func(t *testing.T, here, there *Store, e Entry) {
		must(t, here.Retitle(e, "Here"))
		goOn(t, here, e, "and here", "yes")
		goOn(t, there, e, "and there", "no")
		must(t, there.Retitle(there.in(e), "There"))
	}, 3},
	{"a session is removed on one side", func(t *testing.T, here, there *Store, e Entry) {
		goOn(t, here, e, "and", "then")
		trash := there.Trash()
		must(t, trash.Take(there.in(e)))
		must(t, trash.Sync())
	}, 2},
	{"a torn last line", func(t *testing.T, here, there *Store, e Entry) {
		goOn(t, here, e, "and", "then")
		addText(t, there.in(e).Path, `{"kind":"message","time":"2026-11-22T`)
	}, 2},
	{"a journal on one side", func(t *testing.T, here, there *Store, e Entry) {
		w, err := there.Continue(there.in(e), user("and there"))
		must(t, err)
		leaveDead(t, w, "half an ", "answer")
		must(t, here.Retitle(e, "Here"))
	}, 2},
	{"a journal on one side, a turn on the other", func(t *testing.T, here, there *Store, e Entry) {
		w, err := there.Continue(there.in(e), user("and there"))
		must(t, err)
		leaveDead(t, w, "half an ", "answer")
		goOn(t, here, e, "and here", "yes")
	}, 3},
	{"lines of other programs", func(t *testing.T, here, there *Store, e Entry) {
		addText(t, e.Path, `{"kind":"request","time":"2026-11-22T00:00:00Z","id":7}`+"\nno JSON\n")
		addText(t, there.in(e).Path, `{"kind":"note","text":["x"]}`+"\n")
		goOn(t, there, e, "and", "then")
	}, 2},
	{"imported on both sides, of another length", func(t *testing.T, here, there *Store, _ Entry) {
		bring(t, here, foreign("a", "1", "2"))
		bring(t, there, foreign("a", "1", "2", "3", "4"))
	}, 3},
}

// Two copies of a store that grew apart make the same store in either order. Nothing is
// lost, and to merge again adds nothing.
func TestMergeStores(t *testing.T) {
	t.Parallel()
	for _, c := range apart {
		t.Run(c.name, func(t *testing.T) {
			here, there, e := twoCopies(t)
			c.change(t, here, there, e)
			other := copyStore(t, here, clock()) // as here is now
			old := copyStore(t, there, clock())
			before := lines(sessionsOf(t, here), sessionsOf(t, there))

			_, err := here.recover()
			must(t, err)
			_, err = there.recover()
			must(t, err)
			mergeAll(t, here, old.dir)
			mergeAll(t, there, other.dir)
			got := sessionsOf(t, here)
			if !maps.Equal(got, sessionsOf(t, there)) {
				t.Errorf("one order\n%v\nthe other order\n%v", got, sessionsOf(t, there))
			}
			after := lines(got)
			for line := range before {
				if !after[line] {
					t.Errorf("%s is lost", line)
				}
			}
			if strings.Contains(c.name, "journal") && !strings.Contains(strings.Join(texts(load(t, here, e)), " ")+allTexts(got), "half an answer") {
				t.Errorf("the journal is lost: %v", got)
			}
			n := 0
			for name := range got {
				if strings.HasSuffix(name, record.Extension) {
					n++
				}
			}
			if n != c.sessions {
				t.Errorf("%d sessions: %v", n, got)
			}
			for _, m := range append(mergeAll(t, here, old.dir, other.dir, there.dir), mergeAll(t, there, old.dir, other.dir, here.dir)...) {
				if m.Outcome != Present {
					t.Errorf("again: %+v", m)
				}
			}
			if !maps.Equal(got, sessionsOf(t, here)) || !maps.Equal(got, sessionsOf(t, there)) {
				t.Errorf("merged again\n%v\nwas\n%v", sessionsOf(t, here), got)
			}
			if left := append(journals(t, here), journals(t, there)...); len(left) > 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

func allTexts(files map[string]string) (all string) {
	for _, text := range files {
		all += text
	}
	return all
}

// lines returns the lines in files; a last one without an end counts.
func lines(stores ...map[string]string) map[string]bool {
	all := map[string]bool{}
	for _, files := range stores {
		for _, text := range files {
			for line := range strings.SplitSeq(text, "\n") {
				all[line] = true
			}
		}
	}
	return all
}

// The later of two parts is a session that says which one it is a fork of, and both go on.
func TestMergeBranch(t *testing.T) {
	here, there, e := twoCopies(t)
	goOn(t, here, e, "and here", "yes")
	goOn(t, there, e, "and there", "no")
	for i, m := range mergeAll(t, here, there.dir) {
		if i == 0 && (m.Outcome != Forked || m.Branch.ID == "") || i > 0 && m.Outcome != Present {
			t.Fatalf("%+v", m)
		}
		if i > 0 {
			continue
		}
		branch := load(t, here, m.Branch)
		if branch.ForkOf == nil || *branch.ForkOf != (record.Fork{ID: e.ID, Turn: 1}) || len(branch.Notes) > 0 {
			t.Errorf("%+v, %v", branch.ForkOf, branch.Notes)
		}
		if got := strings.Join(texts(branch), "|"); got != "user: hi|assistant: ho|user: and there|assistant: no" {
			t.Error(got)
		}
		goOn(t, here, m.Branch, "more", "there")
	}
	if got := strings.Join(texts(load(t, here, e)), "|"); got != "user: hi|assistant: ho|user: and here|assistant: yes" {
		t.Error(got)
	}
	// The other machine has not heard of it, and goes on in its own copy.
	goOn(t, there, e, "still there", "yes")
	mergeAll(t, here, there.dir)
	mergeAll(t, there, here.dir)
	if got := sessionsOf(t, here); !maps.Equal(got, sessionsOf(t, there)) || len(got) != 4 {
		t.Errorf("%v\n%v", got, sessionsOf(t, there))
	}
}

// A conflict copy is merged when the store is listed, and removed when all of it is in a
// session. One that cannot be merged stays, and is said.
func TestMergeConflicts(t *testing.T) {
	here, there, e := twoCopies(t)
	goOn(t, here, e, "and here", "yes")
	goOn(t, there, e, "and there", "no")
	must(t, there.Retitle(there.in(e), "There"))
	stem := strings.TrimSuffix(e.Path, record.Extension)
	grown := read(t, there.in(e).Path)
	copies := []string{
		stem + ".sync-conflict-20261128-101112-ABCDEFG.jsonl", stem + ".jsonl.conflict1",
		stem + " (conflicted copy 2026-11-28 101112).jsonl",
	}
	for _, path := range copies {
		write(t, path, grown)
	}
	write(t, stem+".sync-conflict-20261128-101113-ABCDEFG.jsonl", grown+`{"kind":"message","time":"2027`)
	bad := stem + ".sync-conflict-20261128-101114-ABCDEFG.jsonl"
	write(t, bad, "no session\n")
	backup := stem + ".jsonl.bak"
	write(t, backup, grown)

	if ids := newest(t, here); len(ids) != 3 {
		t.Errorf("%v", ids)
	}
	for _, path := range copies {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
	if read(t, bad) != "no session\n" || read(t, backup) != grown || read(t, record.TornPath(e.Path)) != `{"kind":"message","time":"2027` {
		t.Error("something is gone")
	}
	s := load(t, here, e)
	notes := strings.Join(s.Notes, "|")
	if !strings.Contains(notes, "what came later is session ") || !strings.Contains(notes, "cannot merge "+filepath.Base(bad)+" (kept as is): it is not a session") {
		t.Error(notes)
	}
	before := filesOf(t, here)
	if newest(t, here); !maps.Equal(before, filesOf(t, here)) {
		t.Error("merged again")
	}
}

// A conflict copy whose session another process has open waits, and a copy without its
// session becomes it.
func TestMergeConflictsLater(t *testing.T) {
	here, there, e := twoCopies(t)
	goOn(t, there, e, "and there", "no")
	conflict := strings.TrimSuffix(e.Path, record.Extension) + ".sync-conflict-20261128-101112-ABCDEFG.jsonl"
	write(t, conflict, read(t, there.in(e).Path))
	w, err := here.Continue(e, user("here"))
	must(t, err)
	newest(t, here)
	if _, err := os.Lstat(conflict); err != nil || len(load(t, here, e).Notes) > 0 {
		t.Error(err, load(t, here, e).Notes)
	}
	must(t, w.Finish(answer("yes")))
	if ids := newest(t, here); len(ids) != 3 {
		t.Errorf("%v", ids)
	}
	must(t, os.Remove(e.Path))
	write(t, conflict, read(t, there.in(e).Path))
	newest(t, here)
	if read(t, e.Path) != read(t, there.in(e).Path) {
		t.Error(read(t, e.Path))
	}
	if left := journals(t, here); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// A dry run changes nothing, not even a conflict copy.
func TestMergeDryRun(t *testing.T) {
	here, there, e := twoCopies(t)
	goOn(t, here, e, "and here", "yes")
	goOn(t, there, e, "and there", "no")
	save(t, there, "new", "there")
	write(t, strings.TrimSuffix(e.Path, record.Extension)+".sync-conflict-20261128-101112-ABCDEFG.jsonl", read(t, there.in(e).Path))
	before := filesOf(t, here)
	im, err := here.Importer()
	must(t, err)
	im.DryRun = true
	var outcomes []Outcome
	for _, path := range []string{there.dir, here.dir} {
		for m, err := range im.Merge(path) {
			must(t, err)
			outcomes = append(outcomes, m.Outcome)
		}
	}
	must(t, im.Flush())
	wantOutcomes(t, outcomes, Forked, Present, Added, Forked)
	if !maps.Equal(before, filesOf(t, here)) {
		t.Error("something changed")
	}
}

// A dry run refuses what a merge refuses.
func TestMergeDryRunRefuses(t *testing.T) {
	here, there, e := twoCopies(t)
	goOn(t, there, e, "and there", "no")
	whole := read(t, e.Path)
	merging := func(dryRun bool) (problems []string) {
		im, err := here.Importer()
		must(t, err)
		im.DryRun = dryRun
		for _, err := range im.Merge(there.in(e).Path) {
			problems = append(problems, fmt.Sprint(err))
		}
		return problems
	}
	for name, change := range map[string]func(){
		"written by a newer oax": func() { write(t, e.Path, strings.Replace(whole, `"version":1`, `"version":99`, 1)) },
		"over 64 MiB": func() {
			must(t, os.Truncate(e.Path, maxMerged))
			addText(t, e.Path, "\n")
		},
	} {
		write(t, e.Path, whole)
		change()
		got, want := merging(true), merging(false)
		if !slices.Equal(got, want) || !strings.Contains(strings.Join(got, ""), name) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
