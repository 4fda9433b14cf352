package session

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"oax/internal/session/disk"
)

func TestANewSessionReplacesNothing(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	before := read(t, e.Path)
	if err := st.writeNew(e, []byte("new")); !errors.Is(err, fs.ErrExist) || read(t, e.Path) != before {
		t.Error(err)
	}
	if names, _ := disk.ReadNames(filepath.Dir(e.Path)); len(names) != 1 {
		t.Errorf("left %v", names)
	}
}

// A lock that nobody gives up is waited for, but not for ever; then the session
// says that it is busy, and the answer is not lost.
func TestALockHeldForLong(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	l, err := disk.TryLock(e.Path)
	must(t, err)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := st.Continue(e, user("q2"))
		if busy, ok := errors.AsType[*BusyError](err); !ok || busy.ID != e.ID {
			t.Error(err)
		}
		if waited := time.Since(began); waited < 2*time.Second || waited > 4*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
	l.Unlock()
	w, err := st.Continue(e, user("q3"))
	must(t, err)
	l, err = disk.TryLock(e.Path)
	must(t, err)
	synctest.Test(t, func(t *testing.T) {
		err := w.Finish(answer("a3"))
		if save, ok := errors.AsType[*SaveError](err); !ok || save.Stage != "answer" || read(t, save.Rescued) != "a3" {
			t.Errorf("%+v", err)
		}
	})
	l.Unlock()
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
