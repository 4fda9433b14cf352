//go:build !unix

package session

import (
	"errors"
	"os"
)

const (
	guarded  = 0
	lockFlag = os.O_CREATE | os.O_RDWR
)

// lockPath is the file that is locked for path: one beside it, because here a
// lock keeps others from reading what it covers.
func lockPath(path string) string { return path + ".lock" }

// dropLockFile removes a lock file. It fails, as it must, while another process has it open.
func dropLockFile(path string) { _ = os.Remove(lockPath(path)) }

// noLocks reports whether err says that the file system knows no locks.
func noLocks(err error) bool { return errors.Is(err, errors.ErrUnsupported) }

// truncate goes by the name: a file opened to append cannot be cut here.
func truncate(f *os.File, size int64) error { return os.Truncate(f.Name(), size) }

func syncDir(string) error { return nil }
