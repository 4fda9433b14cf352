//go:build unix

package disk

import (
	"errors"
	"os"
	"syscall"
)

// Guarded makes an open not follow a symbolic link, and not wait at a FIFO.
const Guarded = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// NFS locks only files that are open for writing.
const lockFlag = os.O_RDWR | Guarded

// lockPath is the file that is locked for path: the file itself.
func lockPath(path string) string { return path }

func dropLockFile(string) {}

// noLocks reports whether err says that the file system knows no locks.
func noLocks(err error) bool {
	return errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.EOPNOTSUPP) ||
		errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS)
}

// Truncate cuts a file that is open for appending.
func Truncate(f *os.File, size int64) error { return f.Truncate(size) }

// SyncDir makes the names in a directory outlast a power loss. A file system that cannot
// do that for directories returns EINVAL or ENOTSUP, which is not an error here.
func SyncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}
