// Package config resolves which endpoint a request goes to and with which key.
//
// The file is TOML, read and never written. A flag wins over the environment, the
// environment over the file, the file over what is built in; (*File).Endpoint is the one
// function that knows this order. There are two exceptions. OPENAI_BASE_URL counts only
// if nothing has chosen a profile. And the key of a profile is what the profile itself
// says (key_command, else the variable that key_env names, else key); the usual variable
// of its service, as OPENAI_API_KEY, is used only if the profile gives no key, since a
// profile of one's own says more than a variable that every program reads.
//
// Three promises hold everywhere: a key is carried as a Secret, which prints as [key]; no
// error or warning holds a key, a password or any other value of the file; and an
// environment variable never sends the key of a profile to another host.
//
// Errors are structs of facts, with the line of the file that they are about. Names and
// paths in their text are as they were typed: whoever prints them makes control
// characters visible.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"
	"time"
)

// File is what a configuration file holds. The zero File is that of a person who has
// none.
type File struct {
	Path       string // where it is, or would be if there were one
	Profile    string // the profile to use when nothing else names one
	TimeFormat string // pattern of times in lists; empty if not set
	Serve      Serve
	Wrap       *int // columns of prose on a terminal at most, 0 for any number; nil if not set
	// Notify is how long an answer takes before the person is notified of its end; 0: they
	// never are.
	Notify time.Duration

	notify    duration // as it is in the file
	profiles  map[string]profile
	templates map[string]Template
	tools     map[string]Tool
	servers   map[string]Server
	positions func() map[string]Position // of the settings, found by parsing again
}

// Location is a line of the file. It is zero for what the file does not say.
type Location struct {
	Path string
	Position
}

// Position is a line and the byte in it, both from 1; 0 if not known.
type Position struct{ Line, Column int }

// String returns a location as editors and compilers write it: path, line and column,
// as far as they are known.
func (l Location) String() string {
	switch {
	case l.Line == 0:
		return l.Path
	case l.Column == 0:
		return fmt.Sprintf("%s:%d", l.Path, l.Line)
	}
	return fmt.Sprintf("%s:%d:%d", l.Path, l.Line, l.Column)
}

// prefix puts the location before a message, if there is one.
func (l Location) prefix(message string) string {
	if l.Path == "" {
		return message
	}
	return l.String() + ": " + message
}

// Warning is something about the file that a person should know and that does no harm
// to a run.
type Warning struct {
	Location
	Text string // what is wrong
	Hint string // what to do about it; may be empty
}

// String returns the warning in one line, without its hint.
func (w Warning) String() string {
	if w.Line == 0 {
		return w.Path + " " + w.Text
	}
	return w.prefix(w.Text)
}

// Load reads the file at path. A file that does not exist is an empty File. The error is
// a *FileError if the file cannot be read, or a *ParseError.
func Load(path string) (*File, []Warning, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &File{Path: path}, nil, nil
	}
	if err != nil {
		return nil, nil, &FileError{path, err}
	}
	if !info.Mode().IsRegular() { // checked before opening: a FIFO would wait for its writer
		return nil, nil, &FileError{path, nil}
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, &FileError{path, err}
	}
	file, warnings, err := parse(path, bytes.TrimPrefix(source, []byte("\ufeff")))
	if err != nil {
		return nil, nil, err
	}
	hasKey := slices.ContainsFunc(slices.Collect(maps.Values(file.profiles)), func(p profile) bool { return p.secret.Reveal() != "" })
	// Windows has no such mode bits.
	if hasKey && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		warnings = append(warnings, Warning{
			Location: Location{Path: path},
			Text:     fmt.Sprintf("is readable by other users (%04o)", info.Mode().Perm()),
			Hint:     "chmod 600 " + path,
		})
	}
	return file, warnings, nil
}

// Position returns where a setting, as profiles.work.model, is in the file.
func (f *File) Position(setting string) Position {
	if f.positions == nil {
		return Position{}
	}
	return f.positions()[setting]
}

// Location returns the file and the line of a setting. It is zero if the file does not
// have the setting.
func (f *File) Location(setting string) Location {
	line := f.Position(setting).Line
	if line == 0 {
		return Location{}
	}
	return Location{f.Path, Position{Line: line}}
}

// FileError says that the file cannot be read. Err is nil if it exists and is not a
// regular file.
type FileError struct {
	Path string
	Err  error
}

func (e *FileError) Error() string {
	if e.Err == nil {
		return e.Path + " is not a regular file"
	}
	return "cannot read " + e.Path + ": " + e.Err.Error()
}

func (e *FileError) Unwrap() error { return e.Err }
