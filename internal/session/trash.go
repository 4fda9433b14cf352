package session

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	trashDir = "trash"
	trashAge = 30 * 24 * time.Hour

	removalName = "2006-01-02_15-04-05" // and "_" and letters as in an ID
)

// Trash is where removed sessions are until they are thrown away. What one Trash
// takes is one removal, which has a directory there, made as the store is. One
// goroutine at a time may use it. What it did may not outlast a power loss before
// Sync returns.
type Trash struct {
	store   *Store
	removal string          // where Take puts sessions; empty before the first
	checked map[string]bool // the directories of sessions that are no links
	changed map[string]bool // directories to sync
	emptied map[string]bool // directories in the trash that may be empty now
	rescues []string        // the names in the rescue directory
}

// Trash returns the trash. It does no input or output.
func (st *Store) Trash() *Trash {
	return &Trash{store: st, checked: map[string]bool{}, changed: map[string]bool{}, emptied: map[string]bool{}}
}

// Take moves a session to the trash, after what a dead writer left has been put into
// it. A process killed in it leaves the session in one of the two places, whole. The
// error is a BusyError if another process has the session open, a NotFoundError, a
// FileError, or that of the system; the session is where it was then.
func (t *Trash) Take(e Entry) error {
	if err := t.regular(e.Path); err != nil {
		return missing(e, err)
	}
	if err := t.settle(e); err != nil {
		return err
	}
	if t.removal == "" {
		now := t.store.now()
		t.removal = filepath.Join(t.dir(), now.UTC().Format(removalName)+"_"+newID(now))
	}
	to := filepath.Join(t.removal, e.month(), filepath.Base(e.Path))
	if err := t.makeDir(filepath.Dir(to)); err != nil {
		return err
	}
	// The session goes first: what was cut from it is never thrown away before it.
	if err := t.move(e.Path, to); err != nil {
		return missing(e, err)
	}
	return ifThere(t.move(tornOf(e.Path), tornOf(to)))
}

// Restore moves a session from the trash to where it was. The error is fs.ErrExist if
// there is one again, a NotFoundError, a FileError or that of the system.
func (t *Trash) Restore(x Trashed) (Entry, error) {
	if err := t.regular(x.Path); err != nil {
		return Entry{}, missing(x.Entry, err)
	}
	home := t.home(x.Entry)
	if err := isFree(home.Path); err != nil {
		return Entry{}, err
	}
	if err := t.makeDir(filepath.Dir(home.Path)); err != nil {
		return Entry{}, err
	}
	if err := ifThere(t.move(tornOf(x.Path), tornOf(home.Path))); err != nil {
		return Entry{}, err
	}
	if err := t.move(x.Path, home.Path); err != nil {
		return Entry{}, missing(x.Entry, err)
	}
	t.emptied[filepath.Dir(x.Path)] = true
	return home, nil
}

// Sync returns once all that was done is on the disk.
func (t *Trash) Sync() error {
	t.tidy()
	var failed error
	for dir := range t.changed {
		failed = errors.Join(failed, ifThere(syncDir(dir)))
	}
	clear(t.changed)
	return failed
}

func (t *Trash) dir() string { return filepath.Join(t.store.dir, trashDir) }

// home is where a session in the trash was.
func (t *Trash) home(e Entry) Entry {
	return Entry{e.ID, filepath.Join(t.store.dir, e.month(), filepath.Base(e.Path))}
}

// settle puts what a dead writer left into the session, whose own the part is.
func (t *Trash) settle(e Entry) error {
	c, err := t.claimLeft(e)
	if c == nil || err != nil {
		return err
	}
	left, err := readPart(c.path)
	if err == nil {
		_, _, err = t.store.recoverTo(e, left)
	}
	if err != nil {
		c.release()
		return err
	}
	c.discard()
	return nil
}

// claimLeft takes the claim of a session that a dead writer left, or returns nil if
// there is nothing to take. A writer that lives is a BusyError. One that begins after
// this loses nothing: it finds the session gone and saves its turn as a new one.
func (t *Trash) claimLeft(e Entry) (*claim, error) {
	path := t.store.partPath(e)
	c, err := t.store.claimDead(path)
	switch {
	case errors.Is(err, errMoved):
		return nil, nil
	case errors.Is(err, errHeld):
		return nil, busy(e.ID, path)
	}
	return c, err
}

// regular returns an error unless path is a file in a directory of the store's own.
func (t *Trash) regular(path string) error {
	dir := filepath.Dir(path)
	if !t.checked[dir] {
		if isLink(dir) {
			return &FileError{dir, "a symbolic link"}
		}
		t.checked[dir] = true
	}
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return &FileError{path, "a symbolic link"}
	case !info.Mode().IsRegular():
		return &FileError{path, "not a regular file"}
	}
	return nil
}

// makeDir makes a directory that sessions are to be moved to, and makes it last.
func (t *Trash) makeDir(path string) error {
	if t.checked[path] {
		return nil
	}
	for dir := path; len(dir) > len(t.store.dir); dir = filepath.Dir(dir) {
		if isLink(dir) {
			return &FileError{dir, "a symbolic link"}
		}
	}
	changed, err := makeDir(path)
	for _, dir := range changed {
		err = errors.Join(err, syncDir(dir))
	}
	t.checked[path] = err == nil
	return err
}

func (t *Trash) move(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	t.changed[filepath.Dir(from)], t.changed[filepath.Dir(to)] = true, true
	return nil
}

// tornOf is the file of what was cut from a session.
func tornOf(path string) string { return strings.TrimSuffix(path, extension) + ".torn" }

// ifThere returns no error for a file that does not exist.
func ifThere(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
