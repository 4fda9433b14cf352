package session

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// How records are added to the file of a session.

// openSession opens a session of a format that this program writes. The error is a
// NotFoundError, FileError, NewerError or that of the system.
func openSession(e Entry, flag int) (*os.File, error) {
	f, err := disk.OpenFile(e.Path, flag)
	if err != nil {
		return nil, notFound(e, err)
	}
	header, err := record.ReadHeader(f)
	if err == nil && header.Version > record.FormatVersion {
		err = &NewerError{e.ID, header.Version}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// appendTo adds records to a session with one write, or leaves it as it was. Its
// file must still be at path, or the error is disk.ErrRemoved.
func (st *Store) appendTo(f *os.File, path string, data []byte) error {
	l, err := disk.WaitLock(path)
	if errors.Is(err, disk.ErrLocked) {
		return &BusyError{ID: record.IDOf(filepath.Base(path))}
	}
	if err != nil {
		return disk.RemovedError(err)
	}
	defer l.Unlock()
	if err := disk.IsAt(path, f); err != nil {
		return err
	}
	size, ended, err := disk.End(f)
	if err != nil {
		return err
	}
	if !ended {
		data = append([]byte("\n"), data...)
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, disk.Truncate(f, size))
	}
	st.cache().Note(path, data)
	return nil
}

// notFound turns the errors for a session that is not there into a NotFoundError.
func notFound(e Entry, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, disk.ErrRemoved) {
		return &NotFoundError{e.ID}
	}
	return err
}
