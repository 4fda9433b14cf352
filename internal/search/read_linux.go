package search

import (
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"

	"oax/internal/session"
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

// read reads a session into b, which grows as needed.
func (f folder) read(b []byte, name string) ([]byte, error) {
	fd, err := retry(func() (int, error) {
		return syscall.Openat(f.fd, name, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	})
	if err == syscall.ELOOP {
		return b, &session.FileError{Path: filepath.Join(f.path, name), What: session.Link}
	}
	if err != nil {
		return b, &fs.PathError{Op: "open", Path: filepath.Join(f.path, name), Err: err}
	}
	defer syscall.Close(fd)
	for {
		if len(b) == cap(b) {
			b = slices.Grow(b, max(len(b), 64<<10))
		}
		n, err := retry(func() (int, error) { return syscall.Read(fd, b[len(b):cap(b)]) })
		if err != nil {
			return b, &fs.PathError{Op: "read", Path: filepath.Join(f.path, name), Err: err}
		}
		b = b[:len(b)+n]
		if n == 0 || len(b) < cap(b) && b[len(b)-1] == '\n' { // nothing follows, or nothing yet
			return b, nil
		}
	}
}

// retry calls again what a signal cut short.
func retry(call func() (int, error)) (n int, err error) {
	for {
		if n, err = call(); err != syscall.EINTR {
			return n, err
		}
	}
}
