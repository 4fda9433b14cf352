package session

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Continue adds a prompt to a session, or with none prepares to answer the last one
// again. What a dead writer left in the session is put right first. The error is a
// SaveError, BusyError, NewerError, NotFoundError or FileError; nothing of the
// prompt is saved then.
func (st *Store) Continue(e Entry, prompt ...Message) (*Writer, error) {
	w := &Writer{store: st, entry: e}
	if err := w.resume(prompt); err != nil {
		w.abandon()
		return nil, st.cannotSave("prompt", e.ID, err)
	}
	return w.ready(), nil
}

func (w *Writer) resume(prompt []Message) (err error) {
	e, st := w.entry, w.store
	if w.file, err = openFile(e.Path, os.O_RDWR|os.O_APPEND); err != nil {
		return missing(e, err)
	}
	if err = checkVersion(w.file, e.ID); err != nil {
		return err
	}
	if _, err = makeDir(filepath.Join(st.dir, openDir)); err != nil {
		return err
	}
	if w.claim, err = st.claim(e, claimPatience); err != nil {
		return err
	}
	if w.notes, err = st.mendFile(w.file, e.Path); err != nil {
		w.notes = nil // what is appended begins on a line of its own all the same
	}
	if err = w.takeOver(); err != nil {
		return err
	}
	return w.ask(prompt)
}

// ask writes the part, then the prompt.
func (w *Writer) ask(prompt []Message) error {
	now := w.store.now()
	data, err := encodeMessages(now, nil, prompt)
	if err != nil {
		return err
	}
	size, _, err := end(w.file)
	if err != nil {
		return err
	}
	if err := w.head(now, prompt, size+int64(len(data))); err != nil || len(data) == 0 {
		return err
	}
	err = w.store.appendTo(w.file, w.entry.Path, data)
	if errors.Is(err, errHeld) {
		return &BusyError{ID: w.entry.ID}
	}
	return missing(w.entry, err)
}

// takeOver puts what a dead writer left in its part into the session.
func (w *Writer) takeOver() error {
	if w.claim.empty() {
		return nil
	}
	left, err := readPart(w.claim.path)
	if err != nil {
		return err
	}
	notes, _, err := w.store.settle(w.file, w.entry, left)
	if err != nil {
		return err
	}
	w.notes = append(w.notes, notes...)
	return truncate(w.claim.file, 0)
}

func missing(e Entry, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errMoved) {
		return &NotFoundError{e.ID}
	}
	return err
}

// checkVersion returns a NewerError if a file's header names a newer format.
func checkVersion(f *os.File, id string) error {
	line, err := bufio.NewReader(io.NewSectionReader(f, 0, 1<<20)).ReadBytes('\n')
	if err != nil && err != io.EOF {
		return err
	}
	if header, _ := decode(line); header.Version > formatVersion {
		return &NewerError{id, header.Version}
	}
	return nil
}
