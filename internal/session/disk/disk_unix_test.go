//go:build unix

package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What is no regular file is neither read, nor waited for, nor followed.
func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file, link, fifo := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "fifo")
	must(t, os.WriteFile(file, []byte("x"), 0o600))
	must(t, os.Symlink(file, link))
	must(t, syscall.Mkfifo(fifo, 0o600))
	for path, want := range map[string]string{link: Link, fifo: NotRegular, dir: NotRegular} {
		if _, err := ReadFile(path); err == nil || err.Error() != (&FileError{path, want}).Error() {
			t.Errorf("%s: %v", path, err)
		}
	}
	if data, err := ReadFile(file); err != nil || string(data) != "x" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := Create(link); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a link was followed to make a file: %v", err)
	}
}

// An exclusive lock keeps all others away, a shared one only exclusive ones.
func TestLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(path, nil, 0o600))
	for _, c := range []struct {
		name        string
		first, next func(string) (*Lock, error)
		want        error
	}{
		{"exclusive and exclusive", TryLock, TryLock, ErrLocked},
		{"exclusive and shared", TryLock, TryRLock, ErrLocked},
		{"shared and exclusive", TryRLock, TryLock, ErrLocked},
		{"shared and shared", TryRLock, TryRLock, nil},
	} {
		first, err := c.first(path)
		must(t, err)
		next, err := c.next(path)
		if err != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
		next.Unlock()
		first.Unlock()
	}
	l, err := TryLock(path)
	must(t, err)
	must(t, os.Remove(path))
	if err := l.Check(); err != ErrRemoved {
		t.Errorf("a file that was removed: %v", err)
	}
	l.Unlock()
	if _, err := TryLock(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
