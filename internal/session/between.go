package session

import (
	"iter"
	"slices"
	"time"
)

// Between yields the sessions that began at since or later and before until, newest
// first. A zero time sets no bound. It goes by the names of months and files, to the
// second, and opens only a file whose name tells nothing; other months are not even
// listed. Errors are those of Newest.
func (st *Store) Between(since, until time.Time) iter.Seq2[Entry, error] {
	q := Query{Since: since, Until: until}
	return func(yield func(Entry, error) bool) {
		months, err := readNames(st.dir)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		slices.Sort(months)
		for _, month := range slices.Backward(months) {
			if !isMonth(month) || !q.mayHave(month) {
				continue
			}
			for e, err := range st.inMonth(month) {
				if err == nil && !st.within(q, e.Path) {
					continue
				}
				if !yield(e, err) {
					return
				}
			}
		}
	}
}
