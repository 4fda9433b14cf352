// Package journal keeps an answer while it arrives, in a file of its own for each session: the
// journal, which is written before anybody sees the answer. Its writer has it locked, which is
// the right to add a turn to the session; the lock ends with the process, so that a journal
// without one was left by a dead process. It holds how a journal is named, locked, written and
// read, and what a session lacks of it; to put that into the session is package session's.
package journal

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// How a session is locked, and by whom.

const (
	Dir              = "open" // the directory of all journals in a store
	journalExtension = ".part"

	// Where there are no locks, a journal that did not grow for so long was left.
	staleAfter = time.Hour
)

// File is a journal that this process has locked: the right to add a turn to its
// session.
type File struct {
	Path     string
	Exposed  bool // the file system did not take its mode
	Lockless bool // the file system has no locks

	file   *os.File
	lock   *disk.Lock
	shared bool  // others may have the lock too, and none of them may add a turn
	size   int64 // bytes that were written

	line                     []byte // reused
	model                    string // that was asked, or answers
	usage                    json.RawMessage
	text, reasoning, refusal int   // bytes of the answer that are in the journal
	err                      error // why nothing more is written of the answer
}

// Path returns the path of the journal of a session.
func Path(store, session, id string) string {
	return filepath.Join(store, Dir, record.MonthIn(session)+"_"+id+journalExtension)
}

// CutName returns of which session a name is the journal.
func CutName(name string) (month, id string, ok bool) {
	stem, ok := strings.CutSuffix(name, journalExtension)
	month, id = record.CutLast(stem, '_')
	return month, id, ok && record.IsMonth(month) && record.IsID(id)
}

// Lock locks the journal at path, which it makes with its directory if there is none.
// If it cannot for as long as patience says, the error is disk.ErrLocked.
func Lock(path string, patience time.Duration) (*File, error) {
	if _, err := disk.MakeDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	for end := time.Now().Add(patience); ; {
		j, err := openJournal(path, disk.Create, disk.TryLock)
		locked := errors.Is(err, disk.ErrLocked)
		switch {
		case !locked && !errors.Is(err, disk.ErrRemoved):
			return j, err
		case time.Now().After(end):
			return nil, disk.ErrLocked
		case locked:
			time.Sleep(disk.PollInterval)
		}
	}
}

// LockDead locks a journal that no process has locked. The error is disk.ErrLocked, disk.ErrRemoved if
// there is none, or that of the system.
func LockDead(path string) (*File, error) {
	return openJournal(path, existing, disk.TryLock)
}

// HoldDead is LockDead for any number of processes at once, which only read the journal.
func HoldDead(path string) (*File, error) {
	j, err := openJournal(path, existing, disk.TryRLock)
	if err == nil {
		j.shared = true
	}
	return j, err
}

// CheckDead returns the error of HoldDead.
func CheckDead(path string) error {
	j, err := HoldDead(path)
	if err == nil {
		j.Release()
	}
	return err
}

func existing(string) (*os.File, error) { return nil, fs.ErrExist }

// openJournal locks a journal that create makes, or that exists already. disk.ErrLocked means that
// another process has it, disk.ErrRemoved that it was removed meanwhile.
func openJournal(path string, create func(string) (*os.File, error), lock func(string) (*disk.Lock, error)) (*File, error) {
	file, err := create(path)
	fresh := err == nil
	if errors.Is(err, fs.ErrExist) {
		file, err = disk.OpenFile(path, disk.ForAppend)
		err = disk.RemovedError(err)
	}
	if err != nil {
		return nil, err
	}
	j := &File{Path: path, file: file, Exposed: fresh && disk.Guarded != 0 && !disk.IsPrivate(file)}
	j.lock, err = lock(path)
	j.Lockless = err == nil && j.lock == nil
	if err == nil { // its last holder may have removed it before unlocking it
		err = disk.IsAt(path, file)
	}
	if err == nil {
		err = j.lock.Check()
	}
	if err == nil && j.Lockless && !fresh && !isStale(file) {
		err = disk.ErrLocked
	}
	if err != nil {
		file.Close()
		j.lock.Unlock()
		return nil, disk.RemovedError(err)
	}
	return j, nil
}

func isStale(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && time.Since(info.ModTime()) > staleAfter
}

// IsEmpty reports whether there is nothing in the journal.
func (j *File) IsEmpty() bool {
	info, err := j.file.Stat()
	return err == nil && info.Size() == 0
}

// Clear empties the journal.
func (j *File) Clear() error {
	err := disk.Truncate(j.file, 0)
	j.size = 0
	return err
}

// Release unlocks the session and leaves the journal, unless this process may add to it and
// there is nothing in it.
func (j *File) Release() {
	// Beside other readers the one that is removed could be a new one, of a writer.
	if !j.shared && j.IsEmpty() {
		j.Discard()
		return
	}
	j.file.Close()
	j.lock.Unlock()
}

// Discard removes the journal, whose text is in the session now, and unlocks the session.
// A journal that cannot be removed is void and the next start tries again.
func (j *File) Discard() {
	j.file.Close()
	_ = os.Remove(j.Path)
	j.lock.Unlock()
}

// NextJournal returns the name that a journal has before it takes the place of another one.
func NextJournal(path string) string { return path + ".next" }

// Renew puts another journal, with this head, in the place of the old one. Nobody else can lock
// the session meanwhile, and who reads the old one learns that it has ended.
func (j *File) Renew(h Head) error {
	if disk.Guarded == 0 { // an open file cannot be replaced here
		err := j.Clear()
		if err == nil {
			err = j.Begin(h)
		}
		return err
	}
	temp := NextJournal(j.Path)
	_ = os.Remove(temp) // a dead process may have left one
	next, err := openJournal(temp, disk.Create, disk.TryLock)
	if err != nil {
		_ = os.Remove(temp)
		return err
	}
	if err = next.Begin(h); err == nil {
		err = os.Rename(temp, j.Path)
	}
	if err != nil {
		next.Discard()
		return err
	}
	next.Path = j.Path
	j.file.Close()
	j.lock.Unlock()
	*j = *next
	return nil
}
