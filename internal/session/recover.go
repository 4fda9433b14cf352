package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"oax/internal/chat"
)

// How what dead processes and power loss left is put right.

// Recovered is a session that got what a dead process had left of a turn.
type Recovered struct {
	ID    string
	Notes []string
}

// Recover puts what dead processes left into their sessions: an answer as far as it
// was journaled, or an error record where none had begun. It looks at one
// directory and never at sessions without a journal. An error is about journals
// that stay for a later try.
func (st *Store) Recover() ([]Recovered, error) {
	dir := filepath.Join(st.dir, openDir)
	names, err := readNames(dir)
	if err != nil {
		return nil, nil // whoever goes on to use the store meets it too, and says so
	}
	var all []Recovered
	for _, name := range names {
		month, id := cutLast(strings.TrimSuffix(name, journalExtension), '_')
		if !strings.HasSuffix(name, journalExtension) || !isMonth(month) || !isID(id) {
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

// recoverOne recovers the journal of one session, if its writer is dead. did says
// whether the session got something of it.
func (st *Store) recoverOne(month, id string) (r Recovered, did bool, err error) {
	e := Entry{ID: id, Path: filepath.Join(st.dir, month, id)}
	l, err := st.lockDead(st.journalPath(e))
	if errors.Is(err, errLocked) || errors.Is(err, errRemoved) {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	r.ID = id
	r.Notes, did, err = st.recoverJournal(e, l.path)
	if err != nil {
		l.release()
		return r, false, err
	}
	l.discard()
	return r, did, nil
}

// recoverJournal puts what is in a journal into its session, which may be in the trash, or
// into a new one if the session is in neither place. If one of the places cannot be read,
// it does nothing.
func (st *Store) recoverJournal(e Entry, path string) (notes []string, did bool, err error) {
	left, err := readJournal(path)
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
	if _, foreign := errors.AsType[*FileError](err); foreign { // it is not our trash
		err = nil
	}
	for _, x := range all {
		if x.ID == e.ID && x.month() == e.month() {
			return x.Entry, true, nil
		}
	}
	return Entry{}, false, err
}

func (st *Store) recoverTo(e Entry, left journal) (notes []string, did bool, err error) {
	f, err := openSession(e)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	if notes, err = st.mendFile(f, e.Path); err != nil {
		notes = nil
	}
	more, did, err := st.saveLeft(f, e, left)
	return append(notes, more...), did, err
}

// saveLeft appends what is in a journal to its session, unless the session has it, and
// keeps beside it what cannot be read of it.
func (st *Store) saveLeft(f *os.File, e Entry, left journal) (notes []string, did bool, err error) {
	data, err := readAll(f)
	if err != nil {
		return nil, false, err
	}
	c := parseFile(data)
	m, ok := left.unsaved(&c)
	if !ok && left.Kind != "" {
		return nil, false, nil
	}
	if notes, err = left.keepLost(e); err != nil || !ok {
		return notes, notes != nil, err
	}
	line, err := encodeMessages(st.now(), nil, m)
	if err == nil {
		err = st.appendTo(f, e.Path, line)
	}
	if err == nil {
		err = f.Sync()
	}
	return notes, err == nil, err
}

// keepLost puts what cannot be read of a journal into the .torn file of the session. It
// returns a note on it.
func (j *journal) keepLost(e Entry) ([]string, error) {
	if j.lost == nil {
		return nil, nil
	}
	kept := tornPath(e.Path)
	note := fmt.Sprintf("dropped %d damaged bytes of an answer (kept in %s)", len(j.lost), filepath.Base(kept))
	return []string{note}, appendSynced(kept, j.lost)
}

// unsaved returns what a session does not have yet of a journal.
func (j *journal) unsaved(c *contents) (m Message, ok bool) {
	switch {
	case j.Kind == "" && !c.endsInPrompt(): // nothing says where it belongs: it is the last answer, or another one
		return j.answer, !j.empty() && !c.endsWith(j.answer.Message)
	case j.Kind != "" && c.answers(j):
		return m, false
	case !j.empty():
		return j.answer, true
	}
	m = Message{Message: chat.Message{Role: Error, Why: chat.Killed, Text: "stopped before an answer came"}, Time: j.Time}
	if j.Why == chat.Disk {
		m.Why, m.Text = chat.Disk, "no word of the answer could be saved"
	}
	return m, c.endsInPrompt()
}

// revive makes a session of a journal whose session does not exist.
func (st *Store) revive(e Entry, left journal) (notes []string, did bool, err error) {
	if left.empty() {
		return nil, false, nil
	}
	began := left.Time
	if began.IsZero() {
		began = st.now()
	}
	dir := filepath.Dir(e.Path)
	e.Path = filepath.Join(dir, fileStem(began, e.ID)+fileExtension)
	data, err := encodeMessages(began, []record{headerRecord(e.ID, began, nil)}, left.answer)
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

// mend cuts off the record that a write to a session left unfinished, unless a process is
// writing to the session. It returns notes on it.
func (st *Store) mend(e Entry) ([]string, error) {
	l, err := st.lockSession(e, 0)
	if err != nil {
		return nil, err
	}
	defer l.release()
	f, err := openFile(e.Path, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return st.mendFile(f, e.Path)
}

// mendFile is mend for a session that is open and locked.
func (st *Store) mendFile(f *os.File, path string) ([]string, error) {
	if _, ended, err := fileEnd(f); ended || err != nil {
		return nil, err
	}
	l, err := st.waitFlock(path)
	if err != nil {
		return nil, err
	}
	defer unflock(l, path)
	data, err := readAll(f)
	if err != nil {
		return nil, err
	}
	c := parseFile(data)
	if c.torn < 0 {
		return nil, nil
	}
	kept := tornPath(path)
	if err := appendSynced(kept, data[c.torn:]); err != nil {
		return nil, err
	}
	note := fmt.Sprintf("dropped an unfinished record of %d bytes (kept in %s)", int64(len(data))-c.torn, filepath.Base(kept))
	return []string{note}, truncate(f, c.torn)
}
