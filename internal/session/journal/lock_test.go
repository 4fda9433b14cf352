package journal

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oax/internal/session/disk"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Each holder removes the journal before it lets go; none may hold one that is gone.
func TestOneLockAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.part")
	var holders, taken atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				c, err := openJournal(path, disk.Create, disk.TryLock)
				if err != nil {
					continue
				}
				taken.Add(1)
				if holders.Add(1) != 1 {
					t.Error("two hold one lock")
				}
				holders.Add(-1)
				c.Discard()
			}
		})
	}
	wg.Wait()
	if taken.Load() < 10 {
		t.Errorf("only %d locks", taken.Load())
	}
}

func TestALockOfAJournalThatWasReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.part")
	replaced := func(path string) (*os.File, error) {
		f, err := disk.Create(path)
		must(t, err)
		must(t, os.Rename(path, path+".old"))
		must(t, os.WriteFile(path, []byte("of another"), 0o600))
		return f, err
	}
	if c, err := openJournal(path, replaced, disk.TryLock); !errors.Is(err, disk.ErrRemoved) {
		t.Errorf("%v, %v", c, err)
	}
	if other, err := os.ReadFile(path); err != nil || string(other) != "of another" {
		t.Error("the other journal was touched")
	}
}

// Where there are no locks a journal that exists belongs to another until it is stale.
func TestWithoutLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.part")
	must(t, os.WriteFile(path, []byte("words"), 0o600))
	lockless := func(string) (*disk.Lock, error) { return nil, nil }
	if _, err := openJournal(path, existing, lockless); !errors.Is(err, disk.ErrLocked) {
		t.Errorf("stale at once: %v", err)
	}
	past := time.Now().Add(-2 * staleAfter)
	must(t, os.Chtimes(path, past, past))
	j, err := openJournal(path, existing, lockless)
	must(t, err)
	if !j.Lockless {
		t.Error("that there are no locks is not said")
	}
	j.Release()
}

// Who only looks at a journal removes none: it could be the one of a writer that began
// meanwhile.
func TestWhoLooksAtAJournalRemovesNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.part")
	must(t, os.WriteFile(path, nil, 0o600)) // its writer has just made it
	one, err := HoldDead(path)
	must(t, err)
	other, err := HoldDead(path)
	must(t, err)
	one.Release()
	writer, err := Lock(path, 0)
	other.Release()
	if errors.Is(err, disk.ErrLocked) {
		writer, err = Lock(path, 0)
	}
	must(t, err)
	must(t, disk.IsAt(path, writer.file))
	writer.Discard()
}
