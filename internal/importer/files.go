package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// scan is one reading of a source: it opens files, and yields chats and problems.
type scan struct {
	ctx     context.Context
	now     time.Time
	yield   func(Chat, error) bool
	stopped bool // the caller wants no more
	files   int  // seen in directories
}

func (s *scan) done() bool { return s.stopped || s.ctx.Err() != nil }

// chat yields a chat, unless it is empty.
func (s *scan) chat(c Chat) {
	c.clean()
	if !s.done() && len(c.Messages) > 0 {
		s.stopped = !s.yield(c, nil)
	}
	if c.cut {
		s.broken(c.ID, "", "the chat is over %d MiB (limit); the rest is left out", maxChat>>20)
	}
}

// onlyChat yields the chat of a file that holds one.
func (s *scan) onlyChat(f *file, c Chat) {
	c.clean()
	if len(c.Messages) == 0 {
		s.broken(f.path, "", "no messages are in it")
	}
	s.chat(c)
}

func (s *scan) fail(err error) {
	if !s.done() {
		s.stopped = !s.yield(Chat{}, err)
	}
}

// broken reports that a file cannot be read, or not from a position on.
func (s *scan) broken(path, position, what string, args ...any) {
	s.fail(&Problem{Path: path, Position: position, What: fmt.Sprintf(what, args...)})
}

// refused reports that what is at path is not read because of what it is.
func (s *scan) refused(path, what string) {
	s.fail(&Problem{Path: path, What: what, Refused: true})
}

// file is a regular file that is being read.
type file struct {
	*os.File
	path    string
	name    string // relative to the path of the scan
	size    int64
	changed time.Time
}

// stem returns the name of the file without directories and extension.
func (f *file) stem() string {
	base := filepath.Base(f.name)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// withFile calls read with a regular file, or reports why it cannot be opened. It does
// not hang at a FIFO, and does not touch a device. The default name is that of the path.
func (s *scan) withFile(path, name string, read func(*file)) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		s.refused(path, kindOf(info.Mode())+"; refused")
		return
	}
	var f *os.File
	if err == nil {
		f, err = os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	}
	if err == nil {
		defer f.Close()
		info, err = f.Stat()
	}
	switch {
	case err != nil:
		s.broken(path, "", "%s", reason(err))
	case info.Mode().IsRegular(): // still
		read(&file{f, path, cmp.Or(name, filepath.Base(path)), info.Size(), info.ModTime()})
	}
}

// readAll reads a file of at most max bytes.
func (s *scan) readAll(f *file, max int64) (data []byte, ok bool) {
	if f.size > max {
		s.refused(f.path, fmt.Sprintf("is over %d MiB (limit)", max>>20))
		return nil, false
	}
	data, err := io.ReadAll(io.LimitReader(f, max))
	if err != nil {
		s.broken(f.path, "", "%s", reason(err))
	}
	return data, err == nil
}

// each calls read for a file, or for those in a directory and below whose relative
// path is wanted. It refuses a symbolic link in a directory, which may lead anywhere.
func (s *scan) each(path string, wanted func(name string) bool, read func(*file)) {
	info, err := os.Stat(path)
	if err != nil {
		s.broken(path, "", "%s", reason(err))
		return
	}
	if !info.IsDir() {
		s.withFile(path, "", read)
		return
	}
	found := 0
	filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(path, at)
		s.files++
		switch {
		case s.done():
			return fs.SkipAll
		case s.files > maxFiles:
			s.refused(path, fmt.Sprintf("holds over %d files (limit)", maxFiles))
			return fs.SkipAll
		case err != nil:
			s.broken(at, "", "%s", reason(err))
		case d.IsDir() && strings.Count(name, string(filepath.Separator)) >= maxDepth:
			s.refused(at, "is too deep; refused")
			return fs.SkipDir
		case d.IsDir() || !wanted(name):
		case !d.Type().IsRegular():
			found++
			s.refused(at, kindOf(d.Type())+"; refused")
		default:
			found++
			s.withFile(at, name, read)
		}
		return nil
	})
	if found == 0 {
		s.broken(path, "", "no chats are in this directory")
	}
}

// hasExtension returns a test for names with one of the extensions.
func hasExtension(extensions ...string) func(string) bool {
	return func(name string) bool {
		return slices.Contains(extensions, strings.ToLower(filepath.Ext(name)))
	}
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "is a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "is a FIFO"
	case mode&fs.ModeDevice != 0:
		return "is a device"
	case mode&fs.ModeSocket != 0:
		return "is a socket"
	case mode.IsDir():
		return "is a directory"
	}
	return "is not a regular file"
}

// reason returns the operating system's words without the operation and the path.
func reason(err error) string {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err.Error()
	}
	return err.Error()
}

// catchPanic calls a decoder that may panic on what a stranger wrote.
func catchPanic(decode func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return decode()
}
