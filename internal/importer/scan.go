package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// scan is one reading of a source.
type scan struct {
	ctx     context.Context
	now     time.Time
	yield   func(Chat, error) bool
	stopped bool // nobody wants more
	files   int
}

func (s *scan) done() bool { return s.stopped || s.ctx.Err() != nil }

// chat yields a chat, unless nothing was said in it.
func (s *scan) chat(c Chat) {
	c.clean()
	if !s.done() && len(c.Messages) > 0 {
		s.stopped = !s.yield(c, nil)
	}
}

// only yields the chat that is all of a file.
func (s *scan) only(path string, c Chat) {
	c.clean()
	if len(c.Messages) == 0 {
		s.broken(path, "", "no messages are in it")
	}
	s.chat(c)
}

func (s *scan) fail(err error) {
	if !s.done() {
		s.stopped = !s.yield(Chat{}, err)
	}
}

// broken says that a file cannot be read, or not from a place on.
func (s *scan) broken(path, place, what string, args ...any) {
	s.fail(&Problem{Path: path, Place: place, What: fmt.Sprintf(what, args...)})
}

// refused says that what is at path is left alone.
func (s *scan) refused(path, what string) {
	s.fail(&Problem{Path: path, What: what, Refused: true})
}

// file is a regular file that is being read.
type file struct {
	*os.File
	path string
	size int64
	time time.Time // when it was last changed
}

// open opens a regular file, or says why not. A FIFO does not hang, a device is not
// touched.
func (s *scan) open(path string) (*file, bool) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		s.refused(path, kindOf(info.Mode())+"; refused")
		return nil, false
	}
	var f *os.File
	if err == nil {
		f, err = os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	}
	if err == nil {
		if info, err = f.Stat(); err == nil && info.Mode().IsRegular() {
			return &file{f, path, info.Size(), info.ModTime()}, true
		}
		f.Close()
	}
	if err != nil {
		s.broken(path, "", "%s", reason(err))
	}
	return nil, false
}

// whole reads a file that may not be large.
func (s *scan) whole(path string) (data []byte, changed time.Time, ok bool) {
	f, ok := s.open(path)
	if !ok {
		return nil, time.Time{}, false
	}
	defer f.Close()
	if f.size > maxFile {
		s.refused(path, fmt.Sprintf("is over %d MiB (limit)", maxFile>>20))
		return nil, time.Time{}, false
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		s.broken(path, "", "%s", reason(err))
		return nil, time.Time{}, false
	}
	return data, f.time, true
}

// each calls read for a file, or for those in a directory and below that are wanted
// by their path from there. A symbolic link in a directory is refused: it may lead
// anywhere.
func (s *scan) each(path string, wanted func(name string) bool, read func(path, name string)) {
	info, err := os.Stat(path)
	if err != nil {
		s.broken(path, "", "%s", reason(err))
		return
	}
	if !info.IsDir() {
		read(path, filepath.Base(path))
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
			read(at, name)
		}
		return nil
	})
	if found == 0 {
		s.broken(path, "", "no chats are in this directory")
	}
}

// named returns a test for names that end so.
func named(extensions ...string) func(string) bool {
	return func(name string) bool {
		for _, ext := range extensions {
			if strings.EqualFold(filepath.Ext(name), ext) {
				return true
			}
		}
		return false
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

// reason returns the operating system's word without its wrapping.
func reason(err error) string {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err.Error()
	}
	return err.Error()
}

// stem returns the name of a file without directories and extension.
func stem(name string) string {
	base := filepath.Base(name)
	return strings.TrimSuffix(base, filepath.Ext(base))
}
