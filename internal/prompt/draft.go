package prompt

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"oax/internal/report"
)

// Draft is the file that keeps what was typed and not sent. With an empty Path nothing
// is kept.
type Draft struct{ Path string }

// Load returns the text that was not sent, or nothing.
func (d Draft) Load() string {
	if d.Path == "" {
		return ""
	}
	text, err := os.ReadFile(d.Path)
	if err != nil {
		return ""
	}
	return string(text)
}

// Save keeps a text, unless it is blank. The earlier draft is there, whole, until the new
// one is.
func (d Draft) Save(text string) error {
	if d.Path == "" || strings.TrimSpace(text) == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(d.Path), 0o700); err != nil {
		return report.CannotWrite(d.Path, err)
	}
	return ReplaceFile(d.Path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// Remove removes the draft, if there is one.
func (d Draft) Remove() {
	if d.Path != "" {
		os.Remove(d.Path)
	}
}

// ReplaceFile makes a file of what write writes, with mode 0600, in place of one that may
// exist. The old file is there, whole, until the new one is synced. An error of write
// itself is returned as it is; one of the file system is a *report.Error.
func ReplaceFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".oax-*")
	if err != nil {
		return report.CannotWrite(path, err)
	}
	defer os.Remove(f.Name()) // fails if it was renamed
	w := &errorWriter{to: f}
	if err := write(w); err != nil && w.err == nil {
		return errors.Join(err, f.Close())
	}
	err = w.err
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return report.CannotWrite(path, err)
	}
	return nil
}

// errorWriter remembers the error of writing, to tell it from other errors.
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
