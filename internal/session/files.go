package session

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// How files and directories are opened, made and read. All of them are private, and a
// symbolic link is never followed to a file.

// createFile makes a new private file, whatever the umask. Where modes cannot be set it has
// the mode that the file system gives it.
func createFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND|guarded, 0o600)
	if err != nil {
		return nil, err
	}
	if !isPrivate(f) {
		_ = f.Chmod(0o600)
	}
	return f, nil
}

// OpenFile opens a session to read it. If it is not a regular file, the error is a
// FileError.
func OpenFile(path string) (*os.File, error) { return openFile(path, os.O_RDONLY) }

func isPrivate(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().Perm() == 0o600
}

// openFile opens an existing regular file; anything else is a FileError.
func openFile(path string, flag int) (*os.File, error) {
	if guarded == 0 && isLink(path) {
		return nil, &FileError{path, Link}
	}
	f, err := os.OpenFile(path, flag|guarded, 0)
	if err != nil {
		if info, failed := os.Lstat(path); failed == nil {
			err = cmp.Or(isRegular(path, info), err)
		}
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = isRegular(path, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// isRegular returns a FileError if there is something else than a regular file at a path.
func isRegular(path string, info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		return &FileError{path, Link}
	case !mode.IsRegular():
		return &FileError{path, NotRegular}
	}
	return nil
}

// forAppend opens a file to read it and add to it.
const forAppend = os.O_RDWR | os.O_APPEND

// openSession opens a session of a format that this program writes. The error is a
// NotFoundError, FileError, NewerError or that of the system.
func openSession(e Entry, flag int) (*os.File, error) {
	f, err := openFile(e.Path, flag)
	if err != nil {
		return nil, notFound(e, err)
	}
	header, err := readHeader(f)
	if err == nil && header.Version > formatVersion {
		err = &NewerError{e.ID, header.Version}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// closeFile closes a file. If that is interrupted, the file is closed, and whether all of
// it was written is for a sync to say.
func closeFile(f *os.File) error {
	err := f.Close()
	if errors.Is(err, syscall.EINTR) {
		return nil
	}
	return err
}

// fileEnd returns the size of a file, and whether its last line has its newline.
func fileEnd(f *os.File) (size int64, ended bool, err error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return 0, true, err
	}
	last := []byte{0}
	_, err = f.ReadAt(last, info.Size()-1)
	return info.Size(), last[0] == '\n', err
}

func readFile(path string) ([]byte, error) {
	f, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f)
}

// readAll reads a file from its beginning.
func readAll(f *os.File) ([]byte, error) {
	whole, err := wholeOf(f)
	if err != nil {
		return nil, err
	}
	data := make([]byte, whole.Size())
	_, err = io.ReadFull(whole, data)
	return data, err
}

// wholeOf returns what is in a file now.
func wholeOf(f *os.File) (*io.SectionReader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return io.NewSectionReader(f, 0, info.Size()), nil
}

func sectionOf(data []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data)))
}

// appendSynced adds data to a file, which it makes if there is none. When it returns, the
// data outlasts a power loss.
func appendSynced(path string, data io.Reader) error {
	f, err := createFile(path)
	if errors.Is(err, fs.ErrExist) {
		f, err = openFile(path, os.O_WRONLY|os.O_APPEND)
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(f, data)
	return errors.Join(err, f.Sync(), closeFile(f), syncDir(filepath.Dir(path)))
}

// syncFile makes the content of a file outlast a power loss.
func syncFile(path string) error {
	f, err := openFile(path, os.O_RDWR)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), closeFile(f))
}

// makeDir makes a private directory and its parents. It returns the directories
// that got a new name in them and have to be synced for it to last.
func makeDir(path string) (changed []string, err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if changed, err = makeDir(parent); err != nil {
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

// readNames returns the names in a directory, in no order; none if it does not exist.
func readNames(path string) ([]string, error) {
	dir, err := os.Open(path)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	defer dir.Close()
	return dir.Readdirnames(-1)
}

// ownDirs returns the directories in dir whose names are as wanted, in descending order. A
// symbolic link is not part of the store.
func ownDirs(dir string, wanted func(name string) bool) ([]string, error) {
	if isLink(dir) {
		return nil, &FileError{dir, Link}
	}
	entries, err := os.ReadDir(dir)
	var names []string
	for _, entry := range slices.Backward(entries) {
		if entry.IsDir() && wanted(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names, ignoreMissing(err)
}

// tornPath returns the file for what was cut from a session.
func tornPath(path string) string { return strings.TrimSuffix(path, fileExtension) + ".torn" }

// What a FileError says of a file.
const (
	Link       = "a symbolic link"
	NotRegular = "not a regular file"
	tooLarge   = "too large for a journal"
)

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// isFree returns fs.ErrExist if there is something at path.
func isFree(path string) error {
	_, err := os.Lstat(path)
	if err == nil {
		err = &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return ignoreMissing(err)
}

// isAt returns errRemoved unless path is the name of an open file.
func isAt(path string, f interface{ Stat() (fs.FileInfo, error) }) error {
	opened, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(path)
	if err == nil && !os.SameFile(opened, named) {
		err = errRemoved
	}
	return removedError(err)
}

// ignoreMissing returns no error for a file that does not exist.
func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// removedError turns the error for a file that does not exist into errRemoved.
func removedError(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errRemoved
	}
	return err
}

// notFound turns the errors for a session that is not there into a NotFoundError.
func notFound(e Entry, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errRemoved) {
		return &NotFoundError{e.ID}
	}
	return err
}
