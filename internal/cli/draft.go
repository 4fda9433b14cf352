package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// draftFile holds what was typed in a conversation and not sent.
func draftFile() string { return filepath.Join(stateHome(), "oax", "draft.txt") }

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
	return toFile(path, true, func(out io.Writer) error {
		_, err := io.WriteString(out, text)
		return err
	})
}

// writeState writes text to a new file in the state directory, which nobody else may
// read. The last * of pattern becomes something no other file has.
func writeState(pattern, text string) (path string, err error) {
	dir := filepath.Dir(draftFile())
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	return f.Name(), errors.Join(err, f.Close())
}

func dropDraft() { os.Remove(draftFile()) }
