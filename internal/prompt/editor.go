package prompt

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"oax/internal/report"
)

// Editor is a person's text editor.
type Editor struct {
	Command       string   // as in $VISUAL or $EDITOR, options among it; empty: vi
	Stdin, Screen *os.File // the terminal
	Environ       []string // without keys
	Dir           string   // for the text while it is edited; made if it is not there
}

// EditorError says that the editor did not end well.
type EditorError struct{ Command, Outcome string }

func (e *EditorError) Error() string { return fmt.Sprintf("editor %q %s", e.Command, e.Outcome) }

// The last answer is below a line of ours, and five lines of ours follow it. Vim obeys
// commands in the first and the last five lines of a file (its modelines), and the words
// in an answer are the model's.
const (
	belowIsNotSent = "--- the last answer; from this line on nothing is sent ---"
	endOfAnswer    = "--- the end of the last answer ---"
	aboveAnswer    = "\n\n" + belowIsNotSent + "\n\n\n"
	belowAnswer    = "\n" + endOfAnswer + `
Write your message at the top of this file, then save it and leave the editor.
The line "--- the last answer ..." and all lines below it are left out.
To send nothing, leave the top of the file empty.
---
`
)

// Compose lets the person write a prompt that begins as text. The last answer, if there
// is one, is below it for reference.
func (e Editor) Compose(text, lastAnswer string) (string, error) {
	if lastAnswer == "" {
		return e.Edit(text)
	}
	quoted := "> " + strings.ReplaceAll(lastAnswer, "\n", "\n> ")
	edited, err := e.Edit(text + aboveAnswer + quoted + "\n" + belowAnswer)
	if err != nil {
		return "", err
	}
	edited, _, _ = strings.Cut(edited, belowIsNotSent)
	edited, _, _ = strings.Cut(edited, endOfAnswer) // the line above was deleted, to quote the answer
	edited = strings.TrimRight(edited, "\n")
	if strings.TrimSpace(edited) == "" {
		return "", report.Failed("editor", "an empty message; nothing sent", "")
	}
	return edited, nil
}

// Edit lets the person edit text and returns the result without the line breaks at its
// end. The error says where the text is kept, unless nothing could be written.
func (e Editor) Edit(text string) (string, error) {
	path, err := NewFile(e.Dir, "message-*.md", text) // it outlives a crash of the editor
	if err != nil {
		return "", report.CannotWrite(e.Dir, err)
	}
	notSent := func(what string) error {
		return report.Failed("editor", what+"; nothing sent", "the text is in "+path)
	}
	if err := e.Open(path); err != nil {
		return "", notSent(err.Error())
	}
	edited, err := os.ReadFile(path)
	if err != nil {
		return "", report.CannotRead(path, err)
	}
	if strings.TrimSpace(string(edited)) == "" || string(edited) == text {
		return "", notSent(fmt.Sprintf("editor %q left nothing new", e.command()))
	}
	os.Remove(path)
	return strings.TrimRight(string(edited), "\n"), nil
}

// NewFile makes a file that nobody else may read, and is on the disk, and the directory if
// that is not there yet. The * in the pattern becomes something new.
func NewFile(dir, pattern, text string) (path string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// Open runs the editor with a file, as git does: by the shell, since it may be a command
// with options. The error is an *EditorError.
func (e Editor) Open(path string) error {
	editor := e.command()
	cmd := exec.Command("sh", "-c", editor+` "$1"`, editor, path)
	if runtime.GOOS == "windows" {
		words := append(strings.Fields(editor), path)
		cmd = exec.Command(words[0], words[1:]...)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = e.Stdin, e.Screen, e.Screen, e.Environ
	err := cmd.Run()
	if err == nil {
		return nil
	}
	failed := &EditorError{editor, "failed: " + report.Cause(err)}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		failed.Outcome = fmt.Sprintf("exited %d", exit.ExitCode())
		if exit.ExitCode() == 127 { // how a shell reports it
			failed.Outcome = "cannot be found"
		}
	}
	return failed
}

func (e Editor) command() string { return cmp.Or(strings.TrimSpace(e.Command), "vi") }

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
