package session

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"oax/internal/session/disk"
	"oax/internal/session/journal"
)

// Who may add to a session: the process that has its journal locked.

// journalPatience is how long a lock is waited for that a reader may hold for a moment, to see
// whether the writer lives.
const journalPatience = 200 * time.Millisecond

// Notes on a store, which one writer gets.
const (
	lockless = "the file system has no locks; do not continue one session twice at once"
	exposed  = "the file system does not take file modes; other users may be able to read what is saved"
)

func (st *Store) journalPath(e Entry) string { return journal.Path(st.dir, e.Path, e.ID) }

// journals returns the sessions that have a journal, of the names in the directory of journals.
// Of their paths only the directory is right.
func (st *Store) journals(names []string) (all []Entry) {
	for _, name := range names {
		if month, id, ok := journal.CutName(name); ok {
			all = append(all, Entry{id, filepath.Join(st.dir, month, id)})
		}
	}
	return all
}

// lockSession locks a session, or returns a BusyError.
func (st *Store) lockSession(e Entry, patience time.Duration) (*journal.File, error) {
	j, err := journal.Lock(st.journalPath(e), patience)
	if errors.Is(err, disk.ErrLocked) {
		return nil, st.busyError(e)
	}
	if err != nil {
		return nil, err
	}
	if j.Exposed {
		st.addNote("", exposed)
	}
	if j.Lockless {
		st.addNote("", lockless)
	}
	return j, nil
}

// busyError says who has a session locked, as far as that can be read.
func (st *Store) busyError(e Entry) error {
	return &BusyError{e.ID, journal.ReadHead(st.journalPath(e)).PID}
}

// Interrupt asks the process that is adding a turn to a session to end it, as Ctrl-C does.
// It reports whether there was one. On Windows a process cannot be asked.
func (st *Store) Interrupt(e Entry) bool {
	err := journal.CheckDead(st.journalPath(e))
	process, findErr := os.FindProcess(journal.ReadHead(st.journalPath(e)).PID)
	return errors.Is(err, disk.ErrLocked) && findErr == nil && process.Signal(os.Interrupt) == nil
}
