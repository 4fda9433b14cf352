package session

import (
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

// Find returns the sessions in the trash whose IDs begin so, those removed last
// first. There is more than one of an ID only if it came back by other ways.
func (t *Trash) Find(ref string) ([]Trashed, error) {
	if !isRef(ref) {
		return nil, &BadIDError{ref}
	}
	all, err := t.All()
	found := slices.DeleteFunc(all, func(x Trashed) bool { return !strings.HasPrefix(x.ID, ref) })
	if err == nil && len(found) == 0 {
		err = &NotFoundError{ref}
	}
	return found, err
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
		info, err := os.Lstat(filepath.Join(dir, name))
		return err != nil || !info.IsDir()
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
