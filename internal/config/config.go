// Package config settles which endpoint a request goes to and with which key.
//
// The file is TOML, read and never written. What a flag leaves open comes from
// the environment, then from the file, then from what is built in; Endpoint is
// the one place that knows this order. Three promises hold everywhere: a key is
// carried as a Secret, which prints as [key]; no error or warning holds a key,
// a password or any other value of the file; and an environment variable never
// sends the key of a profile to another host.
//
// Errors are structs of facts. Names and paths in their text are as they were
// given: who prints them makes control characters visible.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
)

// File is what a configuration file holds. The zero File is that of a person
// who has none.
type File struct {
	Profile     string // the profile to use when nothing else names one
	SessionName string // pattern of session file names; empty if not set
	TimeFormat  string // pattern of times in lists; empty if not set

	profiles  map[string]profile
	templates map[string]Template
	positions func() map[string]Position // found when somebody asks
}

// Warning is something about the file that a person should know and that keeps
// nothing from working.
type Warning struct {
	Path   string
	Line   int    // from 1; 0 if it is about the whole file
	Column int    // in bytes, from 1
	Text   string // what is the matter
	Hint   string // what to do about it; may be empty
}

// String returns the warning in one line, without its hint.
func (w Warning) String() string {
	if w.Line == 0 {
		return w.Path + " " + w.Text
	}
	return where(w.Path, Position{w.Line, w.Column}) + ": " + w.Text
}

// Load reads the file at path. A file that does not exist is an empty File. The
// error is a *FileError if the file cannot be read, or a *ParseError.
func Load(path string) (*File, []Warning, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &File{}, nil, nil
	}
	if err != nil {
		return nil, nil, &FileError{path, cause(err)}
	}
	if !info.Mode().IsRegular() { // asked before opening: a FIFO would wait for its writer
		return nil, nil, &FileError{path, nil}
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, &FileError{path, cause(err)}
	}
	file, warnings, err := parse(path, bytes.TrimPrefix(source, []byte("\ufeff")))
	if err != nil {
		return nil, nil, err
	}
	if exposed(info.Mode()) && file.holdsKey() {
		warnings = append(warnings, Warning{
			Path: path,
			Text: fmt.Sprintf("is readable by other users (%04o)", info.Mode().Perm()),
			Hint: "chmod 600 " + path,
		})
	}
	return file, warnings, nil
}

// exposed reports whether others than the owner may do anything with the file.
// Windows keeps no such bits.
func exposed(mode fs.FileMode) bool {
	return runtime.GOOS != "windows" && mode.Perm()&0o077 != 0
}

func (f *File) holdsKey() bool {
	for _, p := range f.profiles {
		if p.secret.Reveal() != "" {
			return true
		}
	}
	return false
}

// FileError says that the file cannot be read. Err is nil if it is there but is
// not a regular file.
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

// cause strips the operation and path that FileError says in its own words.
func cause(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}
