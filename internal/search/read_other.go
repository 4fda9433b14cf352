//go:build !linux

package search

import (
	"bytes"
	"io"
	"path/filepath"

	"oax/internal/session/disk"
)

// folder reads the sessions of one directory.
type folder struct{ path string }

func openFolder(path string) (folder, error) { return folder{path}, nil }

func (f folder) close() {}

// read reads a session into b, which grows as needed; of one larger than maxHeld it reads
// a byte more than that. If it is not a regular file, the error is a session.FileError.
func (f folder) read(b []byte, name string) ([]byte, error) {
	file, err := disk.Open(filepath.Join(f.path, name))
	if err != nil {
		return b, err
	}
	defer file.Close()
	into := bytes.NewBuffer(b)
	_, err = into.ReadFrom(io.LimitReader(file, maxHeld+1))
	return into.Bytes(), err
}
