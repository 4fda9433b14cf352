// Package disk opens, makes, locks and syncs the files of the store. All of them are private; a
// symbolic link is never followed to a file, and what is no regular file is not read. It knows
// nothing of what is in them: that is package record.
package disk

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
)

// How files and directories are opened, made and read.

// Create makes a new private file, whatever the umask. Where modes cannot be set it has
// the mode that the file system gives it.
func Create(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND|Guarded, 0o600)
	if err != nil {
		return nil, err
	}
	if !IsPrivate(f) {
		_ = f.Chmod(0o600)
	}
	return f, nil
}

// Open opens a file to read it. If it is not a regular file, the error is a
// FileError.
func Open(path string) (*os.File, error) { return OpenFile(path, os.O_RDONLY) }

// IsPrivate reports whether only the user can read and write a file.
func IsPrivate(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().Perm() == 0o600
}

// OpenFile opens an existing regular file; anything else is a FileError.
func OpenFile(path string, flag int) (*os.File, error) {
	if Guarded == 0 && IsLink(path) {
		return nil, &FileError{path, Link}
	}
	f, err := os.OpenFile(path, flag|Guarded, 0)
	if err != nil {
		if info, failed := os.Lstat(path); failed == nil {
			err = cmp.Or(CheckRegular(path, info), err)
		}
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = CheckRegular(path, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// CheckRegular returns a FileError if there is something else than a regular file at a path.
func CheckRegular(path string, info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		return &FileError{path, Link}
	case !mode.IsRegular():
		return &FileError{path, NotRegular}
	}
	return nil
}

// ForAppend opens a file to read it and add to it.
const ForAppend = os.O_RDWR | os.O_APPEND

// Close closes a file. If that is interrupted, the file is closed, and whether all of
// it was written is for a sync to say.
func Close(f *os.File) error {
	err := f.Close()
	if errors.Is(err, syscall.EINTR) {
		return nil
	}
	return err
}

// End returns the size of a file, and whether its last line has its newline.
func End(f *os.File) (size int64, ended bool, err error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return 0, true, err
	}
	last := []byte{0}
	_, err = f.ReadAt(last, info.Size()-1)
	return info.Size(), last[0] == '\n', err
}

// ReadFile is os.ReadFile for a regular file.
func ReadFile(path string) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAll(f)
}

// ReadAll reads a file from its beginning.
func ReadAll(f *os.File) ([]byte, error) {
	whole, err := Whole(f)
	if err != nil {
		return nil, err
	}
	data := make([]byte, whole.Size())
	_, err = io.ReadFull(whole, data)
	return data, err
}

// Whole returns what is in a file now.
func Whole(f *os.File) (*io.SectionReader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return io.NewSectionReader(f, 0, info.Size()), nil
}

// AppendSynced adds data to a file, which it makes if there is none. When it returns, the
// data outlasts a power loss.
func AppendSynced(path string, data io.Reader) error {
	f, err := Create(path)
	if errors.Is(err, fs.ErrExist) {
		f, err = OpenFile(path, os.O_WRONLY|os.O_APPEND)
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(f, data)
	return errors.Join(err, f.Sync(), Close(f), SyncDir(filepath.Dir(path)))
}

// SyncFile makes the content of a file outlast a power loss.
func SyncFile(path string) error {
	f, err := OpenFile(path, os.O_RDWR)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), Close(f))
}

// MakeDir makes a private directory and its parents. It returns the directories
// that got a new name in them and have to be synced for it to last.
func MakeDir(path string) (changed []string, err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if changed, err = MakeDir(parent); err != nil {
			return nil, err
		}
	}
	err = os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrExist) { // another process was quicker
		return append(changed, parent), nil
	}
	if err == nil {
		_ = os.Chmod(path, 0o700) // the umask may have taken some of it
	}
	return append(changed, parent), err
}

// ReadNames returns the names in a directory, in no order; none if it does not exist.
func ReadNames(path string) ([]string, error) {
	dir, err := os.Open(path)
	if err != nil {
		return nil, IgnoreMissing(err)
	}
	defer dir.Close()
	return dir.Readdirnames(-1)
}

// OwnDirs returns the directories in dir whose names are as wanted, in descending order. A
// symbolic link is not part of the store.
func OwnDirs(dir string, wanted func(name string) bool) ([]string, error) {
	if IsLink(dir) {
		return nil, &FileError{dir, Link}
	}
	entries, err := os.ReadDir(dir)
	var names []string
	for _, entry := range slices.Backward(entries) {
		if entry.IsDir() && wanted(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names, IgnoreMissing(err)
}

// FileError says that at Path there is not a regular file but What. It was not followed.
type FileError struct{ Path, What string }

func (e *FileError) Error() string { return fmt.Sprintf("%s is %s; refused", e.Path, e.What) }

// What a FileError says of a file.
const (
	Link       = "a symbolic link"
	NotRegular = "not a regular file"
)

// IsLink reports whether there is a symbolic link at path.
func IsLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// IsFree returns fs.ErrExist if there is something at path.
func IsFree(path string) error {
	_, err := os.Lstat(path)
	if err == nil {
		err = &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return IgnoreMissing(err)
}

// IsAt returns ErrRemoved unless path is the name of an open file.
func IsAt(path string, f interface{ Stat() (fs.FileInfo, error) }) error {
	opened, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(path)
	if err == nil && !os.SameFile(opened, named) {
		err = ErrRemoved
	}
	return RemovedError(err)
}

// IgnoreMissing returns no error for a file that does not exist.
func IgnoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// RemovedError turns the error for a file that does not exist into ErrRemoved.
func RemovedError(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrRemoved
	}
	return err
}

// InParallel shares the numbers below n out to goroutines that do the work, and waits for
// them.
func InParallel(n int, work func(numbers iter.Seq[int])) {
	const workers = 2
	var all sync.WaitGroup
	for first := range workers {
		all.Go(func() {
			work(func(yield func(int) bool) {
				for i := first; i < n && yield(i); i += workers {
				}
			})
		})
	}
	all.Wait()
}
