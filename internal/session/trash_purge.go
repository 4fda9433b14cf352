package session

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Purge removes a session for good, be it in the trash or not, and all that was kept
// of it beside it: ends of writes, the journal of a dead writer, copies of answers in
// the rescue directory. Copies made of it stay. The session itself goes last, so that
// a Purge that was killed can be repeated. The error is a BusyError, NotFoundError,
// FileError or that of the system.
func (t *Trash) Purge(e Entry) error {
	if err := t.regular(e.Path); err != nil {
		return missing(e, err)
	}
	c, err := t.claimLeft(e)
	if err != nil {
		return err
	}
	if c != nil {
		c.discard()
	}
	home := t.home(e)
	if err := t.removeOrphan(e); err != nil {
		return err
	}
	beside := append(t.rescued(e.ID), tornOf(e.Path), filepath.Join(filepath.Dir(home.Path), tempPrefix+e.ID))
	for _, path := range append(beside, e.Path) {
		if err := ifThere(t.remove(path)); err != nil {
			return err
		}
	}
	if home.Path != e.Path {
		t.emptied[filepath.Dir(e.Path)] = true
	}
	return nil
}

// Expire throws away what was removed more than 30 days ago, and returns how many
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
		thrown, failed := t.expire(name)
		n, err = n+thrown, errors.Join(err, failed)
	}
	return n, err
}

// expire throws away one removal.
func (t *Trash) expire(name string) (int, error) {
	all, err := t.in(name)
	if err != nil {
		return 0, err
	}
	for _, x := range all {
		if err := t.removeOrphan(x.Entry); err != nil {
			return 0, err
		}
	}
	t.changed[t.dir()] = true
	return len(all), os.RemoveAll(filepath.Join(t.dir(), name)) // it follows no links
}

// removeOrphan removes what a Take that was killed left of a session in the trash.
func (t *Trash) removeOrphan(e Entry) error {
	home := t.home(e)
	switch err := isFree(home.Path); {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return ifThere(t.remove(tornOf(home.Path)))
}

// rescued returns the copies of the answers of a session outside of the store.
func (t *Trash) rescued(id string) []string {
	if t.store.rescue == "" {
		return nil
	}
	if t.rescues == nil {
		t.rescues, _ = readNames(t.store.rescue)
	}
	var paths []string
	for _, name := range t.rescues {
		if strings.HasPrefix(name, "oax-"+id+"-") && strings.HasSuffix(name, ".txt") {
			paths = append(paths, filepath.Join(t.store.rescue, name))
		}
	}
	return paths
}

func (t *Trash) remove(path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	t.changed[filepath.Dir(path)] = true
	return nil
}

// tidy removes the directories of removals that are empty now.
func (t *Trash) tidy() {
	for month := range t.emptied {
		if t.remove(month) == nil {
			_ = t.remove(filepath.Dir(month))
		}
	}
	clear(t.emptied)
}
