package session

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

const (
	openDir       = "open"
	partExtension = ".part"

	// A reader holds a claim for a moment to see whether its writer lives.
	claimPatience = 200 * time.Millisecond
	// An append takes microseconds; this is for one whose process was stopped in it.
	appendPatience = 2 * time.Second
	pollInterval   = 5 * time.Millisecond

	// Where there are no locks, a part that did not grow for so long was left.
	staleAfter = time.Hour
)

var (
	errHeld  = errors.New("locked by another process")
	errMoved = errors.New("removed while it was being locked")
)

// claim is the right to add a turn to a session: its part, locked.
type claim struct {
	path string
	file *os.File
	lock *flock.Flock // nil where the file system has no locks
}

func (st *Store) partPath(e Entry) string {
	return filepath.Join(st.dir, openDir, e.month()+"_"+e.ID+partExtension)
}

// claim takes the claim of a session, or returns a BusyError.
func (st *Store) claim(e Entry, patience time.Duration) (*claim, error) {
	path := st.partPath(e)
	for end := time.Now().Add(patience); ; {
		c, err := st.tryClaim(path, createFile)
		held := errors.Is(err, errHeld)
		if !held && !errors.Is(err, errMoved) {
			return c, err
		}
		if time.Now().After(end) {
			return nil, busy(e.ID, path)
		}
		if held {
			time.Sleep(pollInterval)
		}
	}
}

// claimDead takes the claim of a part that exists and that no process holds.
func (st *Store) claimDead(path string) (*claim, error) {
	return st.tryClaim(path, func(string) (*os.File, error) { return nil, fs.ErrExist })
}

// tryClaim locks a part that create makes, or that exists already. errHeld
// means that another has it, errMoved that it was removed meanwhile.
func (st *Store) tryClaim(path string, create func(string) (*os.File, error)) (*claim, error) {
	file, err := create(path)
	fresh := err == nil
	if errors.Is(err, fs.ErrExist) {
		file, err = openFile(path, os.O_RDWR|os.O_APPEND)
		err = moved(err)
	}
	if err != nil {
		return nil, err
	}
	c := &claim{path: path, file: file}
	c.lock, err = st.tryLock(path)
	if err == nil {
		err = c.current()
	}
	if err == nil && c.lock == nil && !fresh && !stale(file) {
		err = errHeld
	}
	if err != nil {
		file.Close()
		unlock(c.lock, path)
		return nil, moved(err)
	}
	return c, nil
}

// moved tells a part that went away from other faults.
func moved(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errMoved
	}
	return err
}

// current returns errMoved unless the part is still the file that was locked: its
// last holder removed it before letting go.
func (c *claim) current() error {
	err := stillAt(c.path, c.file)
	if err == nil && c.lock != nil {
		err = stillAt(lockPath(c.path), c.lock)
	}
	return err
}

// stillAt returns errMoved unless an open file goes by path.
func stillAt(path string, f interface{ Stat() (fs.FileInfo, error) }) error {
	opened, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(path)
	if err == nil && !os.SameFile(opened, named) {
		err = errMoved
	}
	return moved(err)
}

// busy says who holds a part, as far as that can be read.
func busy(id, path string) error {
	held, _ := readPart(path)
	return &BusyError{id, held.PID}
}

func stale(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && time.Since(info.ModTime()) > staleAfter
}

func (c *claim) empty() bool {
	info, err := c.file.Stat()
	return err == nil && info.Size() == 0
}

// release lets go of the claim and leaves the part, unless there is nothing in it.
func (c *claim) release() {
	if c.empty() {
		c.discard()
		return
	}
	c.file.Close()
	unlock(c.lock, c.path)
}

// discard removes the part, whose text is in the session now, and lets go. A part
// that cannot be removed is void and the next start tries again.
func (c *claim) discard() {
	c.file.Close()
	_ = os.Remove(c.path)
	unlock(c.lock, c.path)
}

// tryLock takes the lock of a file, or returns errHeld. Where the file system
// has none the lock is nil.
func (st *Store) tryLock(path string) (*flock.Flock, error) {
	l := flock.New(lockPath(path), flock.SetFlag(lockFlag), flock.SetPermissions(0o600))
	ok, err := l.TryLock()
	for errors.Is(err, syscall.EINTR) { // a network file system may be slow to answer
		ok, err = l.TryLock()
	}
	switch {
	case err != nil && noLocks(err):
		st.lockless.Store(true)
		return nil, nil
	case err != nil:
		return nil, err
	case !ok:
		return nil, errHeld
	}
	return l, nil
}

// waitLock is tryLock with patience.
func (st *Store) waitLock(path string) (*flock.Flock, error) {
	for end := time.Now().Add(appendPatience); ; time.Sleep(pollInterval) {
		l, err := st.tryLock(path)
		if !errors.Is(err, errHeld) || time.Now().After(end) {
			return l, err
		}
	}
}

func unlock(l *flock.Flock, path string) {
	if l == nil {
		return
	}
	for errors.Is(l.Unlock(), syscall.EINTR) { // otherwise it ends with the process
	}
	dropLockFile(path)
}
