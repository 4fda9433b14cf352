package cli

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"
)

// draftFile holds what was typed in a conversation and not sent.
func draftFile() string { return filepath.Join(xdg.StateHome, "oax", "draft.txt") }

// readDraft returns what was typed the last time and not sent.
func readDraft() string {
	text, err := os.ReadFile(draftFile())
	if err != nil {
		return ""
	}
	return string(text)
}

// keepDraft keeps what was typed for the next conversation.
func (c *interactive) keepDraft(text string) {
	if strings.TrimSpace(text) == "" || c.env.flags.NoSave {
		return
	}
	if err := writeDraft(text); err != nil {
		c.env.said.note("cannot keep what was typed: " + plainError(err))
	}
}

// writeDraft puts the text in place whole: the old draft is there until the new one
// is.
func writeDraft(text string) error {
	path := draftFile()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".draft-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone by then if all went well
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func dropDraft() { os.Remove(draftFile()) }
