package prompt

import (
	"errors"
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
	if err := replaceFile(d.Path, text); err != nil {
		return report.CannotWrite(d.Path, err)
	}
	return nil
}

// Remove removes the draft, if there is one.
func (d Draft) Remove() {
	if d.Path != "" {
		os.Remove(d.Path)
	}
}

// replaceFile makes a file of text, with mode 0600, in place of one that may exist. The
// old file is there, whole, until the new one is synced.
func replaceFile(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".oax-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails if it was renamed
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
