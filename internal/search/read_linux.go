package search

import (
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"

	"oax/internal/session/disk"
)

// folder reads the sessions of one directory with as few system calls as possible: a
// search reads every session there is.
type folder struct {
	path string
	fd   int
}

func openFolder(path string) (folder, error) {
	fd, err := retry(func() (int, error) {
		return syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_DIRECTORY, 0)
	})
	if err != nil {
		return folder{}, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return folder{path, fd}, nil
}

func (f folder) close() { syscall.Close(f.fd) }

// read reads a session into b, which grows as needed; of one larger than maxHeld it reads
// a little more than that. If it is not a regular file, the error is a session.FileError.
func (f folder) read(b []byte, name string) ([]byte, error) {
	path := filepath.Join(f.path, name)
	fd, err := retry(func() (int, error) {
		return syscall.Openat(f.fd, name, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	})
	if err == syscall.ELOOP {
		return b, &disk.FileError{Path: path, What: disk.Link}
	}
	if err != nil {
		return b, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer syscall.Close(fd)
	for len(b) <= maxHeld {
		if len(b) == cap(b) {
			b = slices.Grow(b, max(len(b), 64<<10))
		}
		n, err := retry(func() (int, error) { return syscall.Pread(fd, b[len(b):cap(b)], int64(len(b))) })
		begun := len(b) > 0
		b = b[:len(b)+max(n, 0)]
		// What begins and ends as a session does is no device; nor does one say where it is.
		looksRight := err == nil && n > 0 && b[0] == '{' && !begun
		if !looksRight && !isRegular(fd) {
			return b, &disk.FileError{Path: path, What: disk.NotRegular}
		}
		if err != nil {
			return b, &fs.PathError{Op: "read", Path: path, Err: err}
		}
		if n == 0 || len(b) < cap(b) && b[len(b)-1] == '\n' { // nothing follows, or nothing yet
			break
		}
	}
	return b, nil
}

func isRegular(fd int) bool {
	var stat syscall.Stat_t
	return syscall.Fstat(fd, &stat) == nil && stat.Mode&syscall.S_IFMT == syscall.S_IFREG
}

// retry calls again what a signal cut short.
func retry(call func() (int, error)) (n int, err error) {
	for {
		if n, err = call(); err != syscall.EINTR {
			return n, err
		}
	}
}
