package session

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// Who may add to a session: the process that has its journal locked.

const (
	openDir          = "open"
	journalExtension = ".part"

	// A reader holds a lock for a moment to see whether its writer lives.
	lockPatience = 200 * time.Millisecond
	// An append takes microseconds; this is for a process that was stopped in it.
	appendPatience = 2 * time.Second
	pollInterval   = 5 * time.Millisecond

	// Where there are no locks, a journal that did not grow for so long was left.
	staleAfter = time.Hour
)

var (
	errLocked  = errors.New("locked by another process")
	errRemoved = errors.New("removed while it was being locked")
)

// sessionLock is the right to add a turn to a session: its journal, locked.
type sessionLock struct {
	path  string
	file  *os.File
	flock *flock.Flock // nil where the file system has no locks
}

func (st *Store) journalPath(e Entry) string {
	return filepath.Join(st.dir, openDir, e.month()+"_"+e.ID+journalExtension)
}

// journals returns the sessions that have a journal, of the names in openDir. Of their paths
// only the directory is right.
func (st *Store) journals(names []string) (all []Entry) {
	for _, name := range names {
		stem, ok := strings.CutSuffix(name, journalExtension)
		if month, id := cutLast(stem, '_'); ok && isMonth(month) && isID(id) {
			all = append(all, Entry{id, filepath.Join(st.dir, month, id)})
		}
	}
	return all
}

// lockSession locks a session, or returns a BusyError. It makes the journal if there is
// none.
func (st *Store) lockSession(e Entry, patience time.Duration) (*sessionLock, error) {
	if _, err := makeDir(filepath.Join(st.dir, openDir)); err != nil {
		return nil, err
	}
	for end := time.Now().Add(patience); ; {
		l, err := st.tryLockJournal(st.journalPath(e), createFile, exclusive)
		locked := errors.Is(err, errLocked)
		if !locked && !errors.Is(err, errRemoved) {
			return l, err
		}
		if time.Now().After(end) {
			return nil, st.busyError(e)
		}
		if locked {
			time.Sleep(pollInterval)
		}
	}
}

// The ways to lock a file. Any number of processes can have a shared lock, which is for
// looking whether a writer has the other one.
var (
	exclusive = (*flock.Flock).TryLock
	shared    = (*flock.Flock).TryRLock
)

// lockDead locks a session that has a journal which no process has locked. The error is
// errLocked, errRemoved or that of the system.
func (st *Store) lockDead(e Entry, try func(*flock.Flock) (bool, error)) (*sessionLock, error) {
	return st.tryLockJournal(st.journalPath(e), func(string) (*os.File, error) { return nil, fs.ErrExist }, try)
}

// tryLockJournal locks a journal that create makes, or that exists already. errLocked
// means that another process has it, errRemoved that it was removed meanwhile.
func (st *Store) tryLockJournal(path string, create func(string) (*os.File, error), try func(*flock.Flock) (bool, error)) (*sessionLock, error) {
	file, err := create(path)
	fresh := err == nil
	if fresh && guarded != 0 && !isPrivate(file) {
		st.addNote("", exposed)
	}
	if errors.Is(err, fs.ErrExist) {
		file, err = openFile(path, forAppend)
		err = removedError(err)
	}
	if err != nil {
		return nil, err
	}
	l := &sessionLock{path: path, file: file}
	l.flock, err = st.tryFlock(path, try)
	if err == nil { // its last holder may have removed it before unlocking it
		err = isAt(path, file)
	}
	if err == nil && l.flock != nil {
		err = isAt(lockPath(path), l.flock)
	}
	if err == nil && l.flock == nil && !fresh && !isStale(file) {
		err = errLocked
	}
	if err != nil {
		file.Close()
		unflock(l.flock, path)
		return nil, removedError(err)
	}
	return l, nil
}

// busyError says who has a session locked, as far as that can be read.
func (st *Store) busyError(e Entry) error { return &BusyError{e.ID, readHead(st.journalPath(e)).PID} }

func isStale(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && time.Since(info.ModTime()) > staleAfter
}

func (l *sessionLock) empty() bool {
	info, err := l.file.Stat()
	return err == nil && info.Size() == 0
}

// release unlocks the session and leaves the journal, unless there is nothing in it.
func (l *sessionLock) release() {
	if l.empty() {
		l.discard()
		return
	}
	l.file.Close()
	unflock(l.flock, l.path)
}

// discard removes the journal, whose text is in the session now, and unlocks the session.
// A journal that cannot be removed is void and the next start tries again.
func (l *sessionLock) discard() {
	l.file.Close()
	_ = os.Remove(l.path)
	unflock(l.flock, l.path)
}

// tryFlock takes the lock of a file, or returns errLocked. Where the file system
// has no locks, the result is nil.
func (st *Store) tryFlock(path string, try func(*flock.Flock) (bool, error)) (*flock.Flock, error) {
	l := flock.New(lockPath(path), flock.SetFlag(lockFlag), flock.SetPermissions(0o600))
	ok, err := try(l)
	for errors.Is(err, syscall.EINTR) { // a network file system may be slow to answer
		ok, err = try(l)
	}
	switch {
	case err != nil && noLocks(err):
		st.addNote("", lockless)
		return nil, nil
	case err != nil:
		return nil, err
	case !ok:
		return nil, errLocked
	}
	return l, nil
}

// waitFlock is tryFlock with patience.
func (st *Store) waitFlock(path string) (*flock.Flock, error) {
	for end := time.Now().Add(appendPatience); ; time.Sleep(pollInterval) {
		l, err := st.tryFlock(path, exclusive)
		if !errors.Is(err, errLocked) || time.Now().After(end) {
			return l, err
		}
	}
}

func unflock(l *flock.Flock, path string) {
	if l == nil {
		return
	}
	for errors.Is(l.Unlock(), syscall.EINTR) { // otherwise it ends with the process
	}
	dropLockFile(path)
}

// appendTo adds records to a session with one write, or leaves it as it was. Its
// file must still be at path, or the error is errRemoved.
func (st *Store) appendTo(f *os.File, path string, data []byte) error {
	l, err := st.waitFlock(path)
	if errors.Is(err, errLocked) {
		return &BusyError{ID: idOf(filepath.Base(path))}
	}
	if err != nil {
		return removedError(err)
	}
	defer unflock(l, path)
	if err := isAt(path, f); err != nil {
		return err
	}
	size, ended, err := fileEnd(f)
	if err != nil {
		return err
	}
	if !ended {
		data = append([]byte("\n"), data...)
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, truncate(f, size))
	}
	st.noteUse(Entry{Path: path}, data)
	return nil
}

// Interrupt asks the process that is adding a turn to a session to end it, as Ctrl-C does.
// It reports whether there was one. On Windows a process cannot be asked.
func (st *Store) Interrupt(e Entry) bool {
	l, err := st.lockDead(e, shared)
	if err == nil {
		l.release()
		return false
	}
	process, findErr := os.FindProcess(readHead(st.journalPath(e)).PID)
	return errors.Is(err, errLocked) && findErr == nil && process.Signal(os.Interrupt) == nil
}
