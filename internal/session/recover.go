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
	"time"

	"oax/internal/session/disk"
	"oax/internal/session/journal"
	"oax/internal/session/record"
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
	names, err := disk.ReadNames(filepath.Join(st.dir, journal.Dir))
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
		if !errors.Is(failed, disk.ErrLocked) {
			err = errors.Join(err, failed)
		}
	}
	return all, err
}

// recoverLeft puts what a dead writer left in the journal of a session into the session. did
// says whether there was something. The error is disk.ErrLocked if the writer lives.
func (st *Store) recoverLeft(e Entry) (notes []string, did bool, err error) {
	l, err := journal.LockDead(st.journalPath(e))
	if err != nil {
		if errors.Is(err, disk.ErrRemoved) {
			err = nil
		}
		return nil, false, err
	}
	if notes, did, err = st.recoverJournal(e, l.Path); err != nil {
		l.Release()
		return nil, false, err
	}
	l.Discard()
	return notes, did, nil
}

// lockRecovered locks a session to add to it, and puts what a dead writer left in its journal
// into the session.
func (st *Store) lockRecovered(e Entry, patience time.Duration) (l *journal.File, notes []string, err error) {
	l, err = st.lockSession(e, patience)
	if err != nil || l.IsEmpty() {
		return l, nil, err
	}
	if notes, _, err = st.recoverJournal(e, l.Path); err == nil {
		err = l.Clear()
	}
	if err != nil {
		l.Release()
		return nil, nil, err
	}
	return l, notes, nil
}

// recoverJournal puts what is in a journal that is locked into its session, which may be in
// the trash, or into a new one if the session is in neither place. If one of the places
// cannot be read, it does nothing.
func (st *Store) recoverJournal(e Entry, path string) (notes []string, did bool, err error) {
	_ = os.Remove(journal.NextJournal(path)) // only who has the lock makes one
	left, err := journal.Read(path)
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
func (st *Store) sessionOf(e Entry, left *journal.Contents) (found Entry, ok bool, err error) {
	var named, asked []Entry
	dir := filepath.Dir(e.Path)
	names, err := disk.ReadNames(dir)
	if err != nil {
		return Entry{}, false, err
	}
	for x := range entriesOf(dir, names) {
		switch {
		case x.ID != e.ID:
		case left.Head.IsOf(x.Path):
			named = append(named, x)
		case hasTurn(x, left.Head.Turn):
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
	c, err := record.Read(e.Path)
	return err == nil && slices.ContainsFunc(c.Records, func(r record.Record) bool { return r.Turn == turn })
}

// inTrash finds the session of a journal that was removed while its writer lived.
func (st *Store) inTrash(e Entry, left *journal.Contents) (found Entry, ok bool, err error) {
	all, err := st.Trash().All()
	if _, foreign := errors.AsType[*disk.FileError](err); foreign { // it is not our trash
		err = nil
	}
	for _, x := range all {
		if x.ID == e.ID && record.MonthIn(x.Path) == record.MonthIn(e.Path) && left.Head.IsOf(x.Path) {
			return x.Entry, true, nil
		}
	}
	return Entry{}, false, err
}

// recoverTo appends what is in a journal to its session, unless the session has it, and
// keeps beside it what cannot be read of it.
func (st *Store) recoverTo(e Entry, left *journal.Contents, path string) (notes []string, did bool, err error) {
	f, err := openSession(e, disk.ForAppend)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	if notes, err = st.mendFile(f, e.Path); err != nil {
		notes = nil
	}
	whole, err := disk.Whole(f)
	if err != nil {
		return notes, false, err
	}
	m, ok, err := left.Unsaved(whole)
	if err != nil || !ok && left.Head.Kind != "" {
		return notes, false, err
	}
	kept, err := keepLost(left, e, path)
	notes = append(notes, kept...)
	if err != nil || !ok {
		return notes, kept != nil, err
	}
	line, err := record.EncodeMessages(st.now(), nil, m)
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
func keepLost(j *journal.Contents, e Entry, path string) ([]string, error) {
	if j.Lost < 0 {
		return nil, nil
	}
	f, err := disk.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	whole, err := disk.Whole(f)
	if err != nil {
		return nil, err
	}
	kept, n := record.TornPath(e.Path), whole.Size()-j.Lost
	note := fmt.Sprintf("dropped %d damaged bytes of an answer (kept in %s)", n, filepath.Base(kept))
	return []string{note}, disk.AppendSynced(kept, io.NewSectionReader(f, j.Lost, n))
}

// revive makes a session of a journal whose session does not exist.
func (st *Store) revive(e Entry, left *journal.Contents, path string) (notes []string, did bool, err error) {
	if left.Empty() {
		return nil, false, nil
	}
	began := left.Head.Time
	if began.IsZero() {
		began = st.now()
	}
	dir := filepath.Dir(e.Path)
	for e.Path = ""; e.Path == "" || errors.Is(disk.IsFree(e.Path), fs.ErrExist); began = began.Add(time.Second) {
		e.Path = filepath.Join(dir, record.FileStem(began, e.ID)+record.Extension) // of another session with this ID, perhaps
	}
	data, err := record.EncodeMessages(began, []record.Record{record.NewHeader(e.ID, began, nil)}, left.Answer)
	if err != nil {
		return nil, false, err
	}
	changed, err := disk.MakeDir(dir)
	if err == nil {
		notes, err = keepLost(left, e, path)
	}
	if err == nil {
		err = st.writeNew(e, data)
	}
	if err == nil {
		err = disk.SyncFile(e.Path)
	}
	if err != nil {
		return nil, false, err
	}
	for _, name := range append(changed, dir) {
		err = errors.Join(err, disk.SyncDir(name))
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
	defer l.Release()
	f, err := disk.OpenFile(e.Path, disk.ForAppend)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return st.mendFile(f, e.Path)
}

// mendFile is mend for a session that is open and locked. A longer end than any record is
// left as it is.
func (st *Store) mendFile(f *os.File, path string) ([]string, error) {
	if _, ended, err := disk.End(f); ended || err != nil {
		return nil, err
	}
	l, err := disk.WaitLock(path)
	if err != nil {
		return nil, err
	}
	defer l.Unlock()
	size, _, err := disk.End(f)
	if err != nil {
		return nil, err
	}
	end, _ := (&record.Backward{File: f, At: size}).Next()
	last, err := end.Whole(f)
	if err != nil {
		return nil, err
	}
	c := record.Parse(last)
	if c.Torn < 0 {
		return nil, nil
	}
	kept, torn := record.TornPath(path), last[c.Torn:]
	if err := disk.AppendSynced(kept, bytes.NewReader(torn)); err != nil {
		return nil, err
	}
	note := fmt.Sprintf("dropped an unfinished record of %d bytes (kept in %s)", len(torn), filepath.Base(kept))
	return []string{note}, disk.Truncate(f, end.At+c.Torn)
}
