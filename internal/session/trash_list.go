package session

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

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
		found, failed := t.in(name)
		if failed != nil {
			return nil, failed
		}
		all = append(all, found...)
	}
	return all, err
}

// Named returns those of all whose ID begins so, all of one ID, removed last first: a
// session can have been removed twice if it was brought back by hand. Errors are
// those of Store.Find.
func Named(all []Trashed, ref string) ([]Trashed, error) {
	if !isRef(ref) {
		return nil, &BadIDError{ref}
	}
	var found []Trashed
	var different []Entry
	for _, x := range all {
		if !strings.HasPrefix(x.ID, ref) {
			continue
		}
		found = append(found, x)
		if len(different) < mostNamed && !slices.ContainsFunc(different, func(e Entry) bool { return e.ID == x.ID }) {
			different = append(different, x.Entry)
		}
	}
	_, err := oneOf(different, ref, nil)
	if err != nil {
		return nil, err
	}
	return found, nil
}

// removals returns the names of the removals, newest first.
func (t *Trash) removals() ([]string, error) {
	names, err := t.own(t.dir(), func(name string) bool { return !removedAt(name).IsZero() })
	slices.Sort(names)
	slices.Reverse(names)
	return names, err
}

// in returns the sessions of one removal.
func (t *Trash) in(removal string) ([]Trashed, error) {
	dir := filepath.Join(t.dir(), removal)
	months, err := t.own(dir, isMonth)
	if err != nil {
		return nil, err
	}
	var all []Trashed
	for _, month := range months {
		names, err := readNames(filepath.Join(dir, month))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if id := idOf(name); id != "" {
				all = append(all, Trashed{Entry{id, filepath.Join(dir, month, name)}, removal, removedAt(removal)})
			}
		}
	}
	slices.SortFunc(all, func(a, b Trashed) int { return strings.Compare(b.Path, a.Path) })
	return all, nil
}

// own returns the directories of such names in dir: what links there is no part of
// the store.
func (t *Trash) own(dir string, named func(string) bool) ([]string, error) {
	if isLink(dir) {
		return nil, &FileError{dir, "a symbolic link"}
	}
	names, err := readNames(dir)
	return slices.DeleteFunc(names, func(name string) bool {
		if !named(name) {
			return true
		}
		info, failed := os.Lstat(filepath.Join(dir, name))
		err = errors.Join(err, ifThere(failed))
		return failed != nil || !info.IsDir()
	}), err
}

// removedAt returns the time in the name of a removal; the zero time if it is none.
func removedAt(name string) time.Time {
	at, id := cutLast(name, '_')
	removed, err := time.Parse(removalName, at)
	if err != nil || len(id) != idLen || !isRef(id) {
		return time.Time{}
	}
	return removed
}
