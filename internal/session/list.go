package session

import (
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"oax/internal/session/disk"
	"oax/internal/session/record"
	"oax/internal/session/used"
)

// Which sessions there are, in the order in which they were used. package used says what
// that is and where it is known from.

// Filter says which sessions are wanted: those that were used at Since or later and before
// Until, to the second; if Among is not nil only those of it; and those whose IDs begin with
// Prefix. A zero time sets no bound.
type Filter struct {
	Since, Until time.Time
	Among        []Entry
	Prefix       string
}

// wants reports whether a session is wanted that was used at a time, or may be, if nothing
// says when it was used.
func (f Filter) wants(e Entry, used time.Time) bool {
	inTime := used.IsZero() || !used.Before(f.Since.Truncate(time.Second)) && (f.Until.IsZero() || used.Before(f.Until))
	return inTime && strings.HasPrefix(e.ID, f.Prefix)
}

// List yields the sessions that are wanted, the one used last first, or in the order of
// Among. The first of 100,000 cost little more than to read the names of one month. An
// error is that of one directory; others follow. A store that does not exist has no
// sessions.
func (st *Store) List(f Filter) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, e := range f.Among {
			if f.wants(e, used.At(e.Path)) && !yield(e, nil) {
				return
			}
		}
		if f.Among != nil {
			return
		}
		months, err := st.months()
		if err != nil {
			yield(Entry{}, err)
			return
		}
		l := listing{Filter: f, store: st, uses: st.cache().Open(months, st.ReadOnly, st.pathsIn), yield: yield}
		defer l.uses.Close()
		for _, month := range months {
			if !f.Since.IsZero() && month < record.MonthOf(f.Since) {
				break
			}
			if (f.Until.IsZero() || month <= record.MonthOf(f.Until)) && !l.month(month) {
				return
			}
		}
		l.usedAfter(f.Since.Truncate(time.Second).Add(-1))
	}
}

// listing is a List that is being made of two sequences: the sessions that were used after
// they began, and all sessions by their names.
type listing struct {
	Filter
	store *Store
	uses  *used.Uses
	yield func(Entry, error) bool
}

// usedAfter yields the sessions that were used after a time and are not yielded yet. The
// result says whether to go on.
func (l *listing) usedAfter(t time.Time) bool {
	for {
		name, at, ok := l.uses.Next(t)
		if !ok {
			return true
		}
		e := Entry{record.IDOf(filepath.Base(name)), filepath.Join(l.store.dir, name)}
		if !l.wants(e, at) {
			continue
		}
		switch _, err := os.Lstat(e.Path); {
		case err == nil && !l.yield(e, nil):
			return false
		case disk.IgnoreMissing(err) != nil:
			l.uses.Forget(name) // its directory tells whether it is there
		}
	}
}

// month yields the sessions of a month, and before each of them those that were used after
// it began.
func (l *listing) month(month string) bool {
	var unnamed []Entry // an earlier oax let people choose a name that does not tell the time
	for e, err := range l.store.inMonth(month, l.Prefix) {
		began := record.TimeOf(e.Path)
		switch {
		case err != nil:
			if !l.yield(e, err) {
				return false
			}
			continue
		case began.IsZero():
			unnamed = append(unnamed, e)
			continue
		case began.Before(l.Since.Truncate(time.Second)): // if it was used since, the cache has it
			continue
		}
		if !l.usedAfter(began) || !l.named(e, began) {
			return false
		}
	}
	if len(unnamed) > 0 {
		l.uses.ReadAll() // which says when they were used
	}
	for _, e := range unnamed {
		if !l.named(e, time.Time{}) {
			return false
		}
	}
	return true
}

// named yields a session of which only the name is known.
func (l *listing) named(e Entry, began time.Time) bool {
	return l.uses.Returns(record.InStore(e.Path)) || !l.wants(e, began) || l.yield(e, nil)
}

// months returns the names of the directories of sessions, newest first.
func (st *Store) months() ([]string, error) {
	names, err := disk.ReadNames(st.dir)
	months := slices.DeleteFunc(names, func(name string) bool { return !record.IsMonth(name) })
	slices.Sort(months)
	slices.Reverse(months)
	return months, err
}

// inMonth yields the sessions of one directory whose IDs begin with a prefix, newest first,
// or its error.
func (st *Store) inMonth(month, prefix string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		dir := filepath.Join(st.dir, month)
		names, err := disk.ReadNames(dir)
		if err == nil && !st.ReadOnly {
			st.sweep(dir, names)
			if st.mergeConflicts(dir, names) {
				names, err = disk.ReadNames(dir)
			}
		}
		if err != nil {
			yield(Entry{}, err)
			return
		}
		if prefix != "" {
			names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(record.IDOf(name), prefix) })
		}
		for e := range entriesOf(dir, names) {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// pathsIn returns the paths of the sessions in a month. An error is for List to return.
func (st *Store) pathsIn(month string) (paths []string) {
	for e, err := range st.inMonth(month, "") {
		if err == nil {
			paths = append(paths, e.Path)
		}
	}
	return paths
}

func (st *Store) cache() used.Cache { return used.Cache{Dir: st.dir} }

// sweep removes what killed processes left of sessions that they had not finished
// making. Nothing was sent or printed for those.
func (st *Store) sweep(dir string, names []string) {
	for _, name := range names {
		if id, ok := strings.CutPrefix(name, tempPrefix); ok && record.IsRef(id) {
			st.sweepTemp(Entry{id, filepath.Join(dir, name)})
		}
	}
}

// entriesOf yields the sessions among the names in a directory, newest first. It reorders
// names.
func entriesOf(dir string, names []string) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for name := range newestFirst(names) {
			if id := record.IDOf(name); id != "" && !yield(Entry{id, filepath.Join(dir, name)}) {
				return
			}
		}
	}
}

// newestFirst yields names in descending order. It sorts them all only if more than a
// few are wanted: to list 20 of 100,000 sessions costs little more than to read their
// names.
func newestFirst(names []string) iter.Seq[string] {
	const few = 32
	descending := func(a, b string) int { return strings.Compare(b, a) }
	return func(yield func(string) bool) {
		first := make([]string, 0, few+1)
		for _, name := range names {
			if len(first) == few && name <= first[few-1] {
				continue
			}
			at, _ := slices.BinarySearchFunc(first, name, descending)
			first = slices.Insert(first, at, name)
			first = first[:min(len(first), few)]
		}
		for _, name := range first {
			if !yield(name) {
				return
			}
		}
		if len(names) <= few {
			return
		}
		slices.SortFunc(names, descending)
		for _, name := range names[few:] {
			if !yield(name) {
				return
			}
		}
	}
}
