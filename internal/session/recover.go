package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/term"
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
// that stay for a later try. If ctx ends first, the error is its cause; what was begun goes
// on until the process ends, and nothing is lost by that.
func (st *Store) Recover(ctx context.Context) ([]Recovered, error) {
	return term.Await(ctx, st.recover)
}

func (st *Store) recover() ([]Recovered, error) {
	names, err := readNames(filepath.Join(st.dir, openDir))
	if err != nil {
		return nil, nil // whoever goes on to use the store meets it too, and says so
	}
	st.sweepOutputs(names)
	var all []Recovered
	for _, e := range st.journals(names) {
		notes, did, failed := st.recoverLeft(e)
		if did {
			all = append(all, Recovered{e.ID, notes})
		}
		if !errors.Is(failed, errLocked) {
			err = errors.Join(err, failed)
		}
	}
	return all, err
}

// recoverLeft puts what a dead writer left in the journal of a session into the session. did
// says whether there was something. The error is errLocked if the writer lives.
func (st *Store) recoverLeft(e Entry) (notes []string, did bool, err error) {
	l, err := st.lockDead(e, exclusive)
	if err != nil {
		if errors.Is(err, errRemoved) {
			err = nil
		}
		return nil, false, err
	}
	if notes, did, err = st.recoverJournal(e, l.path); err != nil {
		l.release()
		return nil, false, err
	}
	l.discard()
	return notes, did, nil
}

// lockRecovered locks a session to add to it, and puts what a dead writer left in its journal
// into the session.
func (st *Store) lockRecovered(e Entry, patience time.Duration) (l *sessionLock, notes []string, err error) {
	l, err = st.lockSession(e, patience)
	if err != nil || l.empty() {
		return l, nil, err
	}
	if notes, _, err = st.recoverJournal(e, l.path); err == nil {
		err = truncate(l.file, 0)
	}
	if err != nil {
		l.release()
		return nil, nil, err
	}
	return l, notes, nil
}

// recoverJournal puts what is in a journal that is locked into its session, which may be in
// the trash, or into a new one if the session is in neither place. If one of the places
// cannot be read, it does nothing.
func (st *Store) recoverJournal(e Entry, path string) (notes []string, did bool, err error) {
	_ = os.Remove(nextJournal(path)) // only who has the lock makes one
	left, err := readJournal(path)
	if err != nil {
		return nil, false, err
	}
	found, ok, err := st.sessionOf(e, &left)
	switch {
	case err != nil:
		return nil, false, err
	case ok:
		return st.recoverTo(found, &left, path)
	}
	return st.revive(e, &left, path)
}

// sessionOf finds the session that a journal belongs to: of the files with its ID the one it
// names, or if its name is damaged, the one that has its prompt. An older oax did not say
// which file it is, and if there are several the error is an AmbiguousError.
func (st *Store) sessionOf(e Entry, left *journal) (found Entry, ok bool, err error) {
	var named, asked []Entry
	dir := filepath.Dir(e.Path)
	names, err := readNames(dir)
	if err != nil {
		return Entry{}, false, err
	}
	for x := range entriesOf(dir, names) {
		switch {
		case x.ID != e.ID:
		case left.head.isOf(x):
			named = append(named, x)
		case hasTurn(x, left.head.Turn):
			asked = append(asked, x)
		}
	}
	if named == nil {
		named = asked
	}
	if named == nil {
		return st.inTrash(e, left)
	}
	found, err = oneOf(named, e.ID, nil)
	return found, err == nil, err
}

// hasTurn reports whether a session that can be read has a record of a turn.
func hasTurn(e Entry, turn string) bool {
	c, err := contentsOf(e.Path)
	return err == nil && slices.ContainsFunc(c.records, func(r record) bool { return r.Turn == turn })
}

// inTrash finds the session of a journal that was removed while its writer lived.
func (st *Store) inTrash(e Entry, left *journal) (found Entry, ok bool, err error) {
	all, err := st.Trash().All()
	if _, foreign := errors.AsType[*FileError](err); foreign { // it is not our trash
		err = nil
	}
	for _, x := range all {
		if x.ID == e.ID && x.month() == e.month() && left.head.isOf(x.Entry) {
			return x.Entry, true, nil
		}
	}
	return Entry{}, false, err
}

// recoverTo appends what is in a journal to its session, unless the session has it, and
// keeps beside it what cannot be read of it.
func (st *Store) recoverTo(e Entry, left *journal, path string) (notes []string, did bool, err error) {
	f, err := openSession(e, forAppend)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	if notes, err = st.mendFile(f, e.Path); err != nil {
		notes = nil
	}
	whole, err := wholeOf(f)
	if err != nil {
		return notes, false, err
	}
	m, ok, err := left.unsaved(whole)
	if err != nil || !ok && left.head.Kind != "" {
		return notes, false, err
	}
	kept, err := left.keepLost(e, path)
	notes = append(notes, kept...)
	if err != nil || !ok {
		return notes, kept != nil, err
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
func (j *journal) keepLost(e Entry, path string) ([]string, error) {
	if j.lost < 0 {
		return nil, nil
	}
	f, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	whole, err := wholeOf(f)
	if err != nil {
		return nil, err
	}
	kept, n := tornPath(e.Path), whole.Size()-j.lost
	note := fmt.Sprintf("dropped %d damaged bytes of an answer (kept in %s)", n, filepath.Base(kept))
	return []string{note}, appendSynced(kept, io.NewSectionReader(f, j.lost, n))
}

// unsaved returns what a session does not have yet of a journal. It holds one record of the
// session at a time.
func (j *journal) unsaved(session *io.SectionReader) (m Message, ok bool, err error) {
	ended, asked, last := false, false, record{}
	c := contents{}
	err = EachWhole(session, func(line []byte, size int64) error {
		_ = c.add(line, size)
		for _, r := range c.records {
			ended = ended || j.head.endedBy(r)
			if r.Kind == kindMessage || r.Kind == kindError {
				asked = r.isPrompt() || r.Role == chat.Tool && r.Turn != "" && r.Turn == j.head.Turn
			}
			last = r
		}
		c.records = c.records[:0]
		return nil
	})
	switch {
	case err != nil:
		return m, false, err
	case j.head.Kind == "" && !asked: // nothing says where it belongs: it is the last answer, or another one
		return j.answer, !j.empty() && !last.beginsWith(j.answer), nil
	case j.head.Kind != "" && ended:
		return m, false, nil
	case !j.empty():
		return j.answer, true, nil
	}
	m = Message{Time: j.head.Time, Turn: j.head.Turn}
	m.Role, m.Why, m.Text = Error, chat.Killed, "stopped before an answer came"
	if j.head.Why == chat.Disk {
		m.Why, m.Text = chat.Disk, "no word of the answer could be saved"
	}
	if m.Usage = j.answer.Usage; m.Usage != nil {
		m.Model = j.answer.Model
	}
	return m, asked || m.Usage != nil, nil
}

// beginsWith reports whether each text of a record begins as that of m.
func (r record) beginsWith(m Message) bool {
	return strings.HasPrefix(r.Text, m.Text) && strings.HasPrefix(r.Reasoning, m.Reasoning) && strings.HasPrefix(r.Refusal, m.Refusal)
}

// revive makes a session of a journal whose session does not exist.
func (st *Store) revive(e Entry, left *journal, path string) (notes []string, did bool, err error) {
	if left.empty() {
		return nil, false, nil
	}
	began := left.head.Time
	if began.IsZero() {
		began = st.now()
	}
	dir := filepath.Dir(e.Path)
	for e.Path = ""; e.Path == "" || errors.Is(isFree(e.Path), fs.ErrExist); began = began.Add(time.Second) {
		e.Path = filepath.Join(dir, fileStem(began, e.ID)+fileExtension) // of another session with this ID, perhaps
	}
	data, err := encodeMessages(began, []record{headerRecord(e.ID, began, nil)}, left.answer)
	if err != nil {
		return nil, false, err
	}
	changed, err := makeDir(dir)
	if err == nil {
		notes, err = left.keepLost(e, path)
	}
	if err == nil {
		err = st.writeNew(e, data)
	}
	if err == nil {
		err = syncFile(e.Path)
	}
	if err != nil {
		return nil, false, err
	}
	for _, name := range append(changed, dir) {
		err = errors.Join(err, syncDir(name))
	}
	return notes, err == nil, err
}

// mend cuts off the record that a write to a session left unfinished, unless a process is
// writing to the session. It returns notes on it.
func (st *Store) mend(e Entry) ([]string, error) {
	l, err := st.lockSession(e, 0)
	if err != nil {
		return nil, err
	}
	defer l.release()
	f, err := openFile(e.Path, forAppend)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return st.mendFile(f, e.Path)
}

// mendFile is mend for a session that is open and locked. A longer end than any record is
// left as it is.
func (st *Store) mendFile(f *os.File, path string) ([]string, error) {
	if _, ended, err := fileEnd(f); ended || err != nil {
		return nil, err
	}
	l, err := st.waitFlock(path)
	if err != nil {
		return nil, err
	}
	defer unflock(l, path)
	size, _, err := fileEnd(f)
	if err != nil {
		return nil, err
	}
	end, _ := (&backward{file: f, at: size}).next()
	last, err := end.whole(f)
	if err != nil {
		return nil, err
	}
	c := parseFile(last)
	if c.torn < 0 {
		return nil, nil
	}
	kept, torn := tornPath(path), last[c.torn:]
	if err := appendSynced(kept, bytes.NewReader(torn)); err != nil {
		return nil, err
	}
	note := fmt.Sprintf("dropped an unfinished record of %d bytes (kept in %s)", len(torn), filepath.Base(kept))
	return []string{note}, truncate(f, end.at+c.torn)
}
