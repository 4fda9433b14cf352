package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"oax/internal/chat"
)

// Recovered is a session that got what a dead process had left of a turn.
type Recovered struct {
	ID    string
	Notes []string
}

// Recover puts what dead processes left into their sessions: an answer as far as it
// was journaled, or an error record where none had begun. It looks at one
// directory and never at the sessions that nobody left. An error is about parts
// that stay for a later try.
func (st *Store) Recover() ([]Recovered, error) {
	dir := filepath.Join(st.dir, openDir)
	names, err := readNames(dir)
	if err != nil {
		return nil, nil // whoever goes on to use the store meets it too, and says so
	}
	var all []Recovered
	for _, name := range names {
		month, id := cutLast(strings.TrimSuffix(name, partExtension), '_')
		if !strings.HasSuffix(name, partExtension) || !isMonth(month) || len(id) != idLen || !isRef(id) {
			continue
		}
		r, did, failed := st.recoverOne(month, id)
		if did {
			all = append(all, r)
		}
		err = errors.Join(err, failed)
	}
	return all, err
}

// recoverOne settles the part of one session, if its writer is dead. did says
// whether the session got something of it.
func (st *Store) recoverOne(month, id string) (r Recovered, did bool, err error) {
	e := Entry{ID: id, Path: filepath.Join(st.dir, month, id)}
	c, err := st.claimDead(st.partPath(e))
	if errors.Is(err, errHeld) || errors.Is(err, errMoved) {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	r.ID = id
	r.Notes, did, err = st.recoverPart(e, c.path)
	if err != nil {
		c.release()
		return r, false, err
	}
	c.discard()
	return r, did, nil
}

// recoverPart puts what is in a part where it belongs. While one of the places where
// that may be cannot be read, it belongs nowhere else.
func (st *Store) recoverPart(e Entry, path string) (notes []string, did bool, err error) {
	left, err := readPart(path)
	if err != nil {
		return nil, false, err
	}
	found, ok, err := st.lookUp(e)
	if err == nil && !ok {
		found, ok, err = st.lookUpTrash(e)
	}
	switch {
	case err != nil:
		return nil, false, err
	case ok:
		return st.recoverTo(found, left)
	}
	return st.revive(e, left)
}

func (st *Store) lookUp(e Entry) (found Entry, ok bool, err error) {
	for found, err := range st.inMonth(e.month()) {
		if err != nil || found.ID == e.ID {
			return found, err == nil, err
		}
	}
	return Entry{}, false, nil
}

// lookUpTrash finds a session that was removed while its writer lived.
func (st *Store) lookUpTrash(e Entry) (found Entry, ok bool, err error) {
	all, err := st.Trash().All()
	if _, foreign := errors.AsType[*FileError](err); foreign { // no trash of ours
		err = nil
	}
	for _, x := range all {
		if x.ID == e.ID && x.month() == e.month() {
			return x.Entry, true, nil
		}
	}
	return Entry{}, false, err
}

func (st *Store) recoverTo(e Entry, left part) (notes []string, did bool, err error) {
	f, err := openFile(e.Path, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	if err := checkVersion(f, e.ID); err != nil {
		return nil, false, err
	}
	if notes, err = st.mendFile(f, e.Path); err != nil {
		notes = nil
	}
	more, did, err := st.settle(f, e, left)
	return append(notes, more...), did, err
}

// settle appends what is in a part to its session, unless the session has it, and
// keeps beside it what cannot be read of it.
func (st *Store) settle(f *os.File, e Entry, left part) (notes []string, did bool, err error) {
	data, err := readAll(f)
	if err != nil {
		return nil, false, err
	}
	p := parse(data)
	m, ok := left.remains(&p)
	if !ok && left.Kind != "" {
		return nil, false, nil
	}
	if notes, err = left.keepLost(e); err != nil || !ok {
		return notes, notes != nil, err
	}
	line, err := encodeMessages(st.now(), nil, []Message{m})
	if err == nil {
		err = st.appendTo(f, e.Path, line)
	}
	if err == nil {
		err = f.Sync()
	}
	return notes, err == nil, err
}

// keepLost puts what cannot be read of a part where ends of the session are kept
// that were cut off. It returns what to say of it.
func (p *part) keepLost(e Entry) ([]string, error) {
	if p.lost == nil {
		return nil, nil
	}
	kept := tornOf(e.Path)
	note := fmt.Sprintf("dropped %d damaged bytes of an answer (kept in %s)", len(p.lost), filepath.Base(kept))
	return []string{note}, keep(kept, p.lost)
}

// remains returns what a session has yet to get of a part.
func (p *part) remains(of *parsed) (m Message, ok bool) {
	switch {
	case p.Kind == "" && !of.waiting(): // nothing says where it belongs: it is the last answer, or another one
		return p.answer, !p.nothing() && !of.endsWith(p.answer.Message)
	case p.Kind != "" && of.answered(p):
		return m, false
	case !p.nothing():
		return p.answer, true
	}
	m = Message{Message: chat.Message{Role: Error, Why: chat.Killed, Text: "stopped before an answer came"}, Time: p.Time}
	if p.Why == chat.Disk {
		m.Why, m.Text = chat.Disk, "no word of the answer could be saved"
	}
	return m, of.waiting()
}

// revive makes a session of a part whose session is gone.
func (st *Store) revive(e Entry, left part) (notes []string, did bool, err error) {
	if left.nothing() {
		return nil, false, nil
	}
	began := left.Time
	if began.IsZero() {
		began = st.now()
	}
	dir := filepath.Dir(e.Path)
	e.Path = filepath.Join(dir, stem(began, e.ID)+extension)
	data, err := encodeMessages(began, []any{headerLine{kindSession, formatVersion, e.ID, began, nil}}, []Message{left.answer})
	if err != nil {
		return nil, false, err
	}
	if _, err := makeDir(dir); err != nil {
		return nil, false, err
	}
	if notes, err = left.keepLost(e); err != nil {
		return nil, false, err
	}
	if err := writeNew(e, data); err != nil {
		return nil, false, err
	}
	return notes, true, syncNew(e.Path)
}

func syncNew(path string) error {
	f, err := openFile(path, os.O_RDWR)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), closeFile(f), syncDir(filepath.Dir(path)))
}
