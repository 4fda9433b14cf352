//go:build !unix

package disk

import (
	"errors"
	"os"
)

const (
	Guarded  = 0
	lockFlag = os.O_CREATE | os.O_RDWR
)

// lockPath is the file that is locked for path: one beside it, because here a
// lock keeps others from reading what it covers.
func lockPath(path string) string { return path + ".lock" }

// dropLockFile removes a lock file. It fails, as it must, while another process has it open.
func dropLockFile(path string) { _ = os.Remove(lockPath(path)) }

// noLocks reports whether err says that the file system knows no locks.
func noLocks(err error) bool { return errors.Is(err, errors.ErrUnsupported) }

// Truncate cuts a file that is open for appending. It goes by the name: a file opened to append
// cannot be cut here.
func Truncate(f *os.File, size int64) error { return os.Truncate(f.Name(), size) }

// SyncDir does nothing: here no directory can be synced.
func SyncDir(string) error { return nil }
