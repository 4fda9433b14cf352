package session

import (
	"iter"
	"path/filepath"
	"slices"
	"time"

	"oax/internal/term"
)

// batches yields the sessions that a query is about, newest first, unread.
func (st *Store) batches(q Query) iter.Seq[*batch] {
	return func(yield func(*batch) bool) {
		if q.Entries != nil {
			st.batchesOf(q, yield)
			return
		}
		months, err := readNames(st.dir)
		if err != nil {
			yield(failed(err))
			return
		}
		slices.Sort(months)
		for _, month := range slices.Backward(months) {
			if isMonth(month) && q.mayHave(month) && !st.batchesIn(month, q, yield) {
				return
			}
		}
	}
}

func (st *Store) batchesOf(q Query, yield func(*batch) bool) {
	for _, e := range q.Entries {
		if st.within(q, e.Path) && !yield(newBatch(filepath.Dir(e.Path), filepath.Base(e.Path))) {
			return
		}
	}
}

// batchesIn yields the sessions of one month. It reports whether more are wanted.
func (st *Store) batchesIn(name string, q Query, yield func(*batch) bool) bool {
	dir := filepath.Join(st.dir, name)
	names, err := readNames(dir)
	if err != nil {
		return yield(failed(err))
	}
	edge := !q.Since.IsZero() && name == month(q.Since) || !q.Until.IsZero() && name == month(q.Until)
	names = slices.DeleteFunc(names, func(name string) bool {
		return idOf(name) == "" || edge && !st.within(q, filepath.Join(dir, name))
	})
	slices.Sort(names)
	slices.Reverse(names)
	for some := range slices.Chunk(names, batchSize) {
		if !yield(newBatch(dir, some...)) {
			return false
		}
	}
	return true
}

func newBatch(dir string, names ...string) *batch {
	return &batch{dir: dir, names: names, done: make(chan struct{})}
}

// failed is a batch that is done already.
func failed(err error) *batch {
	b := newBatch("")
	b.results = []result{{err: err}}
	return b
}

// mayHave reports whether some session of a month began within the query's time.
func (q Query) mayHave(m string) bool {
	return (q.Since.IsZero() || m >= month(q.Since)) && (q.Until.IsZero() || m <= month(q.Until))
}

// within reports whether a session began within the query's time. One of which nobody
// knows when it began did.
func (st *Store) within(q Query, path string) bool {
	if q.Since.IsZero() && q.Until.IsZero() {
		return true
	}
	began := st.began(path)
	if began.IsZero() {
		return true
	}
	return !began.Before(q.Since.Truncate(time.Second)) && (q.Until.IsZero() || began.Before(q.Until))
}

// began returns when a session began, to the second if its name says it.
func (st *Store) began(path string) time.Time {
	stem, _ := cutLast(filepath.Base(path), '_')
	if t, err := term.ParseTime(stem, timeInName); err == nil {
		return t
	}
	s, err := st.Summary(Entry{Path: path})
	if err != nil {
		return time.Time{}
	}
	return s.Time
}
