package session

import (
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Which sessions there are, in the order in which they were used. used.go says what that is
// and where it is known from.

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
			if f.wants(e, lastUse(e)) && !yield(e, nil) {
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
		l := listing{Filter: f, store: st, uses: st.openUses(months), yield: yield}
		defer l.uses.close()
		for _, month := range months {
			if !f.Since.IsZero() && month < monthOf(f.Since) {
				break
			}
			if (f.Until.IsZero() || month <= monthOf(f.Until)) && !l.month(month) {
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
	uses  *uses
	yield func(Entry, error) bool
}

// usedAfter yields the sessions that were used after a time and are not yielded yet. The
// result says whether to go on.
func (l *listing) usedAfter(t time.Time) bool {
	after := nanoseconds(t)
	for {
		use, ok := l.uses.next(after)
		if !ok {
			return true
		}
		e := Entry{idOf(filepath.Base(use.name)), filepath.Join(l.store.dir, use.name)}
		if !l.wants(e, time.Unix(0, use.at)) {
			continue
		}
		switch _, err := os.Lstat(e.Path); {
		case err == nil && !l.yield(e, nil):
			return false
		case ignoreMissing(err) != nil:
			delete(l.uses.decided, use.name) // its directory tells whether it is there
		}
	}
}

// month yields the sessions of a month, and before each of them those that were used after
// it began.
func (l *listing) month(month string) bool {
	var unnamed []Entry // an earlier oax let people choose a name that does not tell the time
	for e, err := range l.store.inMonth(month, l.Prefix) {
		began := beganAt(e)
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
		l.uses.readAll() // which says when they were used
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
	return l.uses.decided[e.name()] || !l.wants(e, began) || l.yield(e, nil)
}

// months returns the names of the directories of sessions, newest first.
func (st *Store) months() ([]string, error) {
	names, err := readNames(st.dir)
	months := slices.DeleteFunc(names, func(name string) bool { return !isMonth(name) })
	slices.Sort(months)
	slices.Reverse(months)
	return months, err
}

// inMonth yields the sessions of one directory whose IDs begin with a prefix, newest first,
// or its error.
func (st *Store) inMonth(month, prefix string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		dir := filepath.Join(st.dir, month)
		names, err := readNames(dir)
		if err == nil && !st.ReadOnly {
			st.sweep(dir, names)
			if st.mergeConflicts(dir, names) {
				names, err = readNames(dir)
			}
		}
		if err != nil {
			yield(Entry{}, err)
			return
		}
		if prefix != "" {
			names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(idOf(name), prefix) })
		}
		for e := range entriesOf(dir, names) {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// sweep removes what killed processes left of sessions that they had not finished
// making. Nothing was sent or printed for those.
func (st *Store) sweep(dir string, names []string) {
	for _, name := range names {
		if id, ok := strings.CutPrefix(name, tempPrefix); ok && isRef(id) {
			st.sweepTemp(Entry{id, filepath.Join(dir, name)})
		}
	}
}

// entriesOf yields the sessions among the names in a directory, newest first. It reorders
// names.
func entriesOf(dir string, names []string) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for name := range newestFirst(names) {
			if id := idOf(name); id != "" && !yield(Entry{id, filepath.Join(dir, name)}) {
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

// beganAt returns when a session began by its name, to the second, or the zero time if the
// name does not tell.
func beganAt(e Entry) time.Time { return timeOf(filepath.Base(e.Path)) }
