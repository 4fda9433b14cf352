package disk

import (
	"errors"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// How a file is locked. A lock ends with its process.

const (
	// lockPatience is for a process that was stopped while it appended, which takes
	// microseconds.
	lockPatience = 2 * time.Second
	// pollInterval is how often a lock is tried that another process has.
	PollInterval = 5 * time.Millisecond
)

// Why a file could not be locked.
var (
	ErrLocked  = errors.New("locked by another process")
	ErrRemoved = errors.New("removed while it was being locked")
)

// Lock is the lock of a file, nil where the file system has none.
type Lock struct {
	path  string
	flock *flock.Flock
}

// TryLock locks a file, or returns ErrLocked. Where the file system has no locks, the result
// is nil.
func TryLock(path string) (*Lock, error) { return tryFlock(path, (*flock.Flock).TryLock) }

// TryRLock is tryLock for a lock that any number of processes can have, which is for looking
// whether a process has the other one.
func TryRLock(path string) (*Lock, error) { return tryFlock(path, (*flock.Flock).TryRLock) }

func tryFlock(path string, take func(*flock.Flock) (bool, error)) (*Lock, error) {
	l := flock.New(lockPath(path), flock.SetFlag(lockFlag), flock.SetPermissions(0o600))
	ok, err := take(l)
	for errors.Is(err, syscall.EINTR) { // a network file system may be slow to answer
		ok, err = take(l)
	}
	switch {
	case err != nil && noLocks(err):
		return nil, nil
	case err != nil:
		return nil, err
	case !ok:
		return nil, ErrLocked
	}
	return &Lock{path, l}, nil
}

// WaitLock is tryLock with the patience of two seconds.
func WaitLock(path string) (*Lock, error) {
	for end := time.Now().Add(lockPatience); ; time.Sleep(PollInterval) {
		l, err := TryLock(path)
		if !errors.Is(err, ErrLocked) || time.Now().After(end) {
			return l, err
		}
	}
}

// Check returns ErrRemoved if the file that is locked has lost its name.
func (l *Lock) Check() error {
	if l == nil {
		return nil
	}
	return IsAt(lockPath(l.path), l.flock)
}

// Unlock ends the lock.
func (l *Lock) Unlock() {
	if l == nil {
		return
	}
	for errors.Is(l.flock.Unlock(), syscall.EINTR) { // otherwise it ends with the process
	}
	dropLockFile(l.path)
}
