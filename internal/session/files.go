package session

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// createFile makes a new private file, whatever the umask.
func createFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND|guarded, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().Perm() != 0o600 {
		err = f.Chmod(0o600)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// openFile opens an existing regular file; anything else is a FileError.
func openFile(path string, flag int) (*os.File, error) {
	if guarded == 0 && isLink(path) {
		return nil, &FileError{path, "a symbolic link"}
	}
	f, err := os.OpenFile(path, flag|guarded, 0)
	if err != nil {
		if isLink(path) {
			err = &FileError{path, "a symbolic link"}
		}
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &FileError{path, "not a regular file"}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// isFree returns fs.ErrExist if there is something at path.
func isFree(path string) error {
	_, err := os.Lstat(path)
	if err == nil {
		err = &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return ifThere(err)
}

// closeFile closes a file. If that is interrupted, it is closed, and whether all of
// it was written is for a sync to say.
func closeFile(f *os.File) error {
	err := f.Close()
	if errors.Is(err, syscall.EINTR) {
		return nil
	}
	return err
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
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
		return changed, nil
	}
	if err == nil {
		err = os.Chmod(path, 0o700)
	}
	return append(changed, parent), err
}

// readNames returns the names in a directory, in no order; none if it does not exist.
func readNames(path string) ([]string, error) {
	dir, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.Readdirnames(-1)
}
