package prompt

import (
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
	text, _ := os.ReadFile(d.Path)
	return string(text)
}

// Save keeps a text, unless it is blank. The earlier draft is there, whole, until the new
// one is.
func (d Draft) Save(text string) error {
	if d.Path == "" || strings.TrimSpace(text) == "" {
		return nil
	}
	path, err := NewFile(filepath.Dir(d.Path), ".oax-*", text)
	if err == nil {
		err = os.Rename(path, d.Path)
	}
	if err != nil {
		os.Remove(path)
		return report.CannotWrite(d.Path, err)
	}
	return nil
}

// Remove removes the draft, if there is one.
func (d Draft) Remove() { os.Remove(d.Path) }
