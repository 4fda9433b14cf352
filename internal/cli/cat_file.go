package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// toFile writes what print prints to a new file, or with force in the place of an old
// one. The old one is there, whole, until the new one is.
func toFile(path string, force bool, print func(io.Writer) error) error {
	if _, err := os.Lstat(path); err == nil && !force {
		return &report{what: path + " exists (use --force)", kind: "usage", code: exitUsage}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".oax-*")
	if err != nil {
		return notWritten(path, err)
	}
	defer os.Remove(f.Name()) // gone by then if all went well
	written := &errorWriter{to: f}
	err = print(written)
	if err == nil || written.err != nil {
		err = errors.Join(written.err, f.Sync())
		if err != nil {
			err = notWritten(path, err)
		}
	}
	if closed := f.Close(); err == nil && closed != nil {
		err = notWritten(path, closed)
	}
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return notWritten(path, err)
	}
	return nil
}

// errorWriter remembers the error of writing, to tell it from others.
type errorWriter struct {
	to  io.Writer
	err error
}

func (w *errorWriter) Write(b []byte) (int, error) {
	n, err := w.to.Write(b)
	if err != nil {
		w.err = err
	}
	return n, err
}
