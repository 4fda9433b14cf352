package session

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"oax/internal/chat"
)

// Each holder removes the journal before it lets go; none may hold one that is gone.
func TestOneLockAtATime(t *testing.T) {
	st := newStore(t, Options{})
	must(t, os.MkdirAll(filepath.Join(st.dir, openDir), 0o700))
	e := Entry{"k3f9q2ab", filepath.Join(st.dir, "2026-11", "x_k3f9q2ab.jsonl")}
	var holders, taken atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				c, err := st.tryLockJournal(st.journalPath(e), createFile, exclusive)
				if err != nil {
					continue
				}
				taken.Add(1)
				if holders.Add(1) != 1 {
					t.Error("two hold one lock")
				}
				holders.Add(-1)
				c.discard()
			}
		})
	}
	wg.Wait()
	if taken.Load() < 10 {
		t.Errorf("only %d locks", taken.Load())
	}
}

func TestALockOfAJournalThatWasReplaced(t *testing.T) {
	st := newStore(t, Options{})
	path := filepath.Join(t.TempDir(), "x.part")
	replaced := func(path string) (*os.File, error) {
		f, err := createFile(path)
		must(t, err)
		must(t, os.Rename(path, path+".old"))
		write(t, path, "of another")
		return f, err
	}
	if c, err := st.tryLockJournal(path, replaced, exclusive); !errors.Is(err, errRemoved) {
		t.Errorf("%v, %v", c, err)
	}
	if read(t, path) != "of another" {
		t.Error("the other journal was touched")
	}
}

func TestANewSessionReplacesNothing(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	before := read(t, e.Path)
	if err := st.writeNew(e, []byte("new")); !errors.Is(err, fs.ErrExist) || read(t, e.Path) != before {
		t.Error(err)
	}
	if names, _ := readNames(filepath.Dir(e.Path)); len(names) != 1 {
		t.Errorf("left %v", names)
	}
}

// A lock that nobody gives up is waited for, but not for ever; then the session
// says that it is busy, and the answer is not lost.
func TestALockHeldForLong(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	l, err := st.tryFlock(e.Path, exclusive)
	must(t, err)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := st.Continue(e, user("q2"))
		if busy, ok := errors.AsType[*BusyError](err); !ok || busy.ID != e.ID {
			t.Error(err)
		}
		if waited := time.Since(began); waited < appendPatience || waited > 2*appendPatience {
			t.Errorf("waited %v", waited)
		}
	})
	unflock(l, e.Path)
	w, err := st.Continue(e, user("q3"))
	must(t, err)
	l, err = st.tryFlock(e.Path, exclusive)
	must(t, err)
	synctest.Test(t, func(t *testing.T) {
		err := w.Finish(answer("a3"))
		if save, ok := errors.AsType[*SaveError](err); !ok || save.Stage != "answer" || read(t, save.Rescued) != "a3" {
			t.Errorf("%+v", err)
		}
	})
	unflock(l, e.Path)
	must(t, w.Close())
	recovered(t, st)
	if got := notesOf(load(t, st, e).History()); got != "u:q a:a u:q3 a:a3" {
		t.Error(got)
	}
}

func TestNoLocksIsSaidOnce(t *testing.T) {
	st := newStore(t, Options{})
	st.addNote("", lockless)
	for i, want := range []int{1, 0} {
		w, err := st.Create(user("q"))
		must(t, err)
		if n := w.Notes(); len(n) != want || want > 0 && !strings.Contains(n[0], "no locks") {
			t.Errorf("%d: %q", i, n)
		}
		must(t, w.Finish(answer("a")))
	}
}

// Where there are no locks a journal that exists belongs to another until it is stale.
func TestWithoutLocks(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	must(t, w.Journal(&chat.Delta{Text: []byte("words")}))
	path := w.lock.path
	must(t, w.Close())
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	if isStale(f) {
		t.Error("stale at once")
	}
	past := time.Now().Add(-2 * staleAfter)
	must(t, os.Chtimes(path, past, past))
	if !isStale(f) {
		t.Error("never stale")
	}
}
