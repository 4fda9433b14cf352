package session

import (
	"container/heap"
	"iter"
	"path/filepath"
	"slices"
	"strings"
)

// Beginning yields the sessions whose IDs begin so, newest first by their names. It
// only reads: unlike Newest it removes nothing that dead processes left, and passes
// over a directory that it cannot read.
func (st *Store) Beginning(ref string) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		months, _ := readNames(st.dir)
		slices.Sort(months)
		for _, month := range slices.Backward(months) {
			if isMonth(month) && !st.beginning(month, ref, yield) {
				return
			}
		}
	}
}

// beginning reports whether there may be more.
func (st *Store) beginning(month, ref string, yield func(Entry) bool) bool {
	dir := filepath.Join(st.dir, month)
	names, _ := readNames(dir)
	latest := newestFirst(slices.DeleteFunc(names, func(name string) bool {
		id := idOf(name)
		return id == "" || !strings.HasPrefix(id, ref)
	}))
	heap.Init(&latest)
	for len(latest) > 0 {
		name := heap.Pop(&latest).(string)
		if !yield(Entry{idOf(name), filepath.Join(dir, name)}) {
			return false
		}
	}
	return true
}
