package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// appendTo adds records to a session with one write, or leaves it as it was. Its
// file must still go by path, or the error is errMoved.
func (st *Store) appendTo(f *os.File, path string, data []byte) error {
	l, err := st.waitLock(path)
	if errors.Is(err, errHeld) {
		return &BusyError{ID: idOf(filepath.Base(path))}
	}
	if err != nil {
		return moved(err)
	}
	defer unlock(l, path)
	if err := stillAt(path, f); err != nil {
		return err
	}
	size, ended, err := end(f)
	if err != nil {
		return err
	}
	if !ended {
		data = append([]byte("\n"), data...)
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, truncate(f, size))
	}
	return nil
}

// end returns the size of a file, and whether its last line has its newline.
func end(f *os.File) (size int64, ended bool, err error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return 0, true, err
	}
	last := []byte{0}
	_, err = f.ReadAt(last, info.Size()-1)
	return info.Size(), last[0] == '\n', err
}

// mend cuts off the record that a write to a session left unfinished, unless the
// session is being written. It returns what to say of it.
func (st *Store) mend(e Entry) ([]string, error) {
	c, err := st.claim(e, 0)
	if err != nil {
		return nil, err
	}
	defer c.release()
	f, err := openFile(e.Path, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return st.mendFile(f, e.Path)
}

// mendFile is mend for a session that is open and claimed.
func (st *Store) mendFile(f *os.File, path string) ([]string, error) {
	if _, ended, err := end(f); ended || err != nil {
		return nil, err
	}
	l, err := st.waitLock(path)
	if err != nil {
		return nil, err
	}
	defer unlock(l, path)
	data, err := readAll(f)
	if err != nil {
		return nil, err
	}
	p := parse(data)
	if p.torn < 0 {
		return nil, nil
	}
	kept := tornOf(path)
	if err := keep(kept, data[p.torn:]); err != nil {
		return nil, err
	}
	note := fmt.Sprintf("dropped an unfinished record of %d bytes (kept in %s)", int64(len(data))-p.torn, filepath.Base(kept))
	return []string{note}, truncate(f, p.torn)
}

// keep adds data to a file and makes it last.
func keep(path string, data []byte) error {
	f, err := createFile(path)
	if errors.Is(err, os.ErrExist) {
		f, err = openFile(path, os.O_WRONLY|os.O_APPEND)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), closeFile(f), syncDir(filepath.Dir(path)))
}

// readAll reads a file from its beginning.
func readAll(f *os.File) ([]byte, error) {
	size, _, err := end(f)
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	_, err = b.ReadFrom(io.NewSectionReader(f, 0, 1<<62))
	return b.Bytes(), err
}
