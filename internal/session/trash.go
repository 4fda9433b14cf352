package session

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"oax/internal/session/disk"
	"oax/internal/session/journal"
	"oax/internal/session/record"
)

// How sessions are removed, for a while or for good.

const (
	trashDir = "trash"
	trashAge = 30 * 24 * time.Hour
)

// Trash is where removed sessions are until they expire. What one Trash
// takes is one removal, which has a directory there, made as the store is. One
// goroutine at a time may use it. What it did may not outlast a power loss before
// Sync returns.
type Trash struct {
	store   *Store
	removal string          // where Take puts sessions; empty before the first
	changed map[string]bool // directories to sync
	rescues []string        // the names in the rescue directory, read once
}

// Trash returns the trash. It does no input or output.
func (st *Store) Trash() *Trash { return &Trash{store: st, changed: map[string]bool{}} }

// Take moves a session to the trash, after it has put into it what a dead writer left. A
// process killed in it leaves the session in one of the two places, whole. The
// error is a BusyError if another process has the session open, a NotFoundError, a
// FileError, or that of the system; the session is where it was then.
func (t *Trash) Take(e Entry) error {
	if err := checkRegular(e); err != nil {
		return err
	}
	if _, _, err := t.store.recoverLeft(e); errors.Is(err, disk.ErrLocked) {
		return t.store.busyError(e)
	} else if err != nil {
		return err
	}
	if t.removal == "" {
		now := t.store.now()
		t.removal = filepath.Join(t.dir(), record.FileStem(now, record.NewID(now)))
	}
	to := filepath.Join(t.removal, record.MonthIn(e.Path), filepath.Base(e.Path))
	if err := t.makeDir(filepath.Dir(to)); err != nil {
		return err
	}
	// The session goes first: what was cut from it never expires before it.
	if err := t.move(e.Path, to); err != nil {
		return notFound(e, err)
	}
	return t.moveBeside(e.Path, to)
}

// Restore moves a session from the trash to where it was. The error is fs.ErrExist if
// there is one again, a NotFoundError, a FileError or that of the system.
func (t *Trash) Restore(x Trashed) (Entry, error) {
	home := t.home(x.Entry)
	err := checkRegular(x.Entry)
	if err == nil {
		err = disk.IsFree(home.Path)
	}
	if err == nil {
		err = t.makeDir(filepath.Dir(home.Path))
	}
	if err == nil {
		err = t.moveBeside(x.Path, home.Path)
	}
	if err == nil {
		err = notFound(x.Entry, t.move(x.Path, home.Path))
	}
	if err != nil {
		return Entry{}, err
	}
	t.removeEmpty(filepath.Dir(x.Path))
	return home, nil
}

// Purge removes a session for good, whether it is in the trash or not, and all that was
// kept of it beside it: ends of writes, the journal of a dead writer, copies of answers in
// the rescue directory. Copies made of it stay. It removes the session itself last, so that
// a Purge that was killed can be repeated. The error is a BusyError, NotFoundError,
// FileError or that of the system.
func (t *Trash) Purge(e Entry) error {
	if err := checkRegular(e); err != nil {
		return err
	}
	// A writer that begins after this loses nothing: it finds the session removed and saves
	// its turn as a new one.
	l, err := journal.LockDead(t.store.journalPath(e))
	switch {
	case errors.Is(err, disk.ErrRemoved): // nothing was left
	case errors.Is(err, disk.ErrLocked):
		return t.store.busyError(e)
	case err != nil:
		return err
	case journal.ReadHead(l.Path).IsOf(e.Path):
		l.Discard()
	default: // another session has the ID
		l.Release()
	}
	home := t.home(e)
	if err := t.removeOrphan(e); err != nil {
		return err
	}
	if err := t.removeBeside(e.Path); err != nil {
		return err
	}
	for _, path := range append(t.rescued(e.ID), tempPath(home), e.Path) {
		if err := disk.IgnoreMissing(t.remove(path)); err != nil {
			return err
		}
	}
	if home.Path != e.Path {
		t.removeEmpty(filepath.Dir(e.Path))
	}
	return nil
}

// Expire purges what was removed more than 30 days ago, and returns how many
// sessions that was.
func (t *Trash) Expire() (n int, err error) {
	names, err := t.removals()
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		if t.store.now().Sub(removedAt(name)) <= trashAge {
			continue
		}
		expired, failed := t.expire(name)
		n, err = n+expired, errors.Join(err, failed)
	}
	return n, err
}

// Sync returns once all that was done is on the disk.
func (t *Trash) Sync() error {
	var failed error
	for dir := range t.changed {
		failed = errors.Join(failed, disk.IgnoreMissing(disk.SyncDir(dir)))
	}
	clear(t.changed)
	return failed
}

// Trashed is a session in the trash. Removal names what it was taken with.
type Trashed struct {
	Entry
	Removal string
	Removed time.Time
}

// All returns what is in the trash: the newest removal first, and in each the newest
// session. The error is that of a directory.
func (t *Trash) All() ([]Trashed, error) {
	var all []Trashed
	names, err := t.removals()
	for _, name := range names {
		found, failed := t.inRemoval(name)
		if failed != nil {
			return nil, failed
		}
		all = append(all, found...)
	}
	return all, err
}

// Named returns those of all that have the ID which ref is or begins, removed last first: a
// session can have been removed twice if it was brought back by hand. Errors are those of
// Store.Find.
func Named(all []Trashed, ref string) (found []Trashed, err error) {
	e, err := findID(ref, func(yield func(Entry, error) bool) {
		seen := map[string]bool{}
		for _, x := range all {
			if !seen[x.ID] && !yield(x.Entry, nil) {
				return
			}
			seen[x.ID] = true
		}
	})
	for _, x := range all {
		if err == nil && x.ID == e.ID {
			found = append(found, x)
		}
	}
	return found, err
}

func (t *Trash) dir() string { return filepath.Join(t.store.dir, trashDir) }

// home returns where a session in the trash was.
func (t *Trash) home(e Entry) Entry {
	return Entry{e.ID, filepath.Join(t.store.dir, record.MonthIn(e.Path), filepath.Base(e.Path))}
}

// removals returns the names of the removals, newest first.
func (t *Trash) removals() ([]string, error) {
	return disk.OwnDirs(t.dir(), func(name string) bool { return !removedAt(name).IsZero() })
}

// removedAt returns the time in the name of a removal; the zero time if it is not one.
func removedAt(name string) time.Time {
	if _, id := record.CutLast(name, '_'); !record.IsID(id) {
		return time.Time{}
	}
	return record.TimeOf(name)
}

// inRemoval returns the sessions of one removal, newest first.
func (t *Trash) inRemoval(removal string) ([]Trashed, error) {
	dir := filepath.Join(t.dir(), removal)
	months, err := disk.OwnDirs(dir, record.IsMonth)
	if err != nil {
		return nil, err
	}
	var all []Trashed
	for _, month := range months {
		month = filepath.Join(dir, month)
		names, err := disk.ReadNames(month)
		if err != nil {
			return nil, err
		}
		for e := range entriesOf(month, names) {
			all = append(all, Trashed{e, removal, removedAt(removal)})
		}
	}
	return all, nil
}

// checkRegular returns an error unless a session is a file in a directory of the store's own.
func checkRegular(e Entry) error {
	if dir := filepath.Dir(e.Path); disk.IsLink(dir) {
		return &disk.FileError{Path: dir, What: disk.Link}
	}
	info, err := os.Lstat(e.Path)
	if err != nil {
		return notFound(e, err)
	}
	return disk.CheckRegular(e.Path, info)
}

// makeDir makes a directory that sessions are to be moved to, and makes it outlast a
// power loss.
func (t *Trash) makeDir(path string) error {
	for dir := path; len(dir) > len(t.store.dir); dir = filepath.Dir(dir) {
		if disk.IsLink(dir) {
			return &disk.FileError{Path: dir, What: disk.Link}
		}
	}
	changed, err := disk.MakeDir(path)
	for _, dir := range changed {
		err = errors.Join(err, disk.SyncDir(dir))
	}
	return err
}

func (t *Trash) move(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	t.changed[filepath.Dir(from)], t.changed[filepath.Dir(to)] = true, true
	return nil
}

func (t *Trash) remove(path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	t.changed[filepath.Dir(path)] = true
	return nil
}

// removeEmpty removes a month of a removal, and then the removal, if nothing is left there.
func (t *Trash) removeEmpty(month string) {
	if t.remove(month) == nil {
		_ = t.remove(filepath.Dir(month))
	}
}

// beside returns what can lie beside a session: a file with what was cut from it, and a
// directory with the outputs of its calls.
func beside(path string) []string { return []string{record.TornPath(path), record.OutputsOf(path)} }

// moveBeside moves what lies beside a session that moves.
func (t *Trash) moveBeside(from, to string) error {
	var failed error
	there := beside(to)
	for i, path := range beside(from) {
		failed = errors.Join(failed, disk.IgnoreMissing(t.move(path, there[i])))
	}
	return failed
}

// removeBeside removes what lies beside a session.
func (t *Trash) removeBeside(session string) error {
	var failed error
	for _, path := range beside(session) {
		failed = errors.Join(failed, os.RemoveAll(path))
		t.changed[filepath.Dir(path)] = true
	}
	return failed
}

// expire purges one removal.
func (t *Trash) expire(name string) (int, error) {
	all, err := t.inRemoval(name)
	for _, x := range all {
		if err == nil {
			err = t.removeOrphan(x.Entry)
		}
	}
	if err != nil {
		return 0, err
	}
	t.changed[t.dir()] = true
	return len(all), os.RemoveAll(filepath.Join(t.dir(), name)) // it follows no links
}

// removeOrphan removes what a Take that was killed left of a session in the trash.
func (t *Trash) removeOrphan(e Entry) error {
	home := t.home(e)
	switch err := disk.IsFree(home.Path); {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return t.removeBeside(home.Path)
}

// rescued returns the copies of the answers of a session outside of the store.
func (t *Trash) rescued(id string) []string {
	if t.rescues == nil {
		t.rescues, _ = disk.ReadNames(t.store.rescue) // none without such a directory
	}
	var paths []string
	for _, name := range t.rescues {
		if strings.HasPrefix(name, "oax-"+id+"-") && strings.HasSuffix(name, ".txt") {
			paths = append(paths, filepath.Join(t.store.rescue, name))
		}
	}
	return paths
}
