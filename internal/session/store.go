// Package session keeps chats on disk. Its promise: whatever a person has seen
// of an answer is on disk before they see it, whatever kills the process next,
// and nothing half-written is ever read as whole.
//
// A session is one file of JSON lines that only grows, in a directory for its
// month; each action is one write. Nothing in it is ever rewritten, so what this
// program does not know stays, and a line that cannot be read costs only itself.
//
//	2026-11/2026-11-21_23-45-12_k3f9q2ab.jsonl  a session
//	2026-11/2026-11-21_23-45-12_k3f9q2ab.torn   ends of writes that power loss cut
//	open/2026-11_k3f9q2ab.part                  the journal of a turn in progress
//	trash/2026-11-30_08-00-00_5xw2m1qz/2026-11  sessions that were removed together
//
// A part holds an answer while it arrives, and is locked by its writer from before
// the prompt is written until after the answer is: it is the claim to the session
// too. The lock goes with the process, so a part without a lock was left by a dead
// one. All parts lie in one directory because every start must find those,
// and must not have to list the sessions, of which there may be 100,000, for it.
//
// The part names where in the session the answer belongs. An answer that is
// found there makes the part void; otherwise the part is the answer.
package session

import (
	"container/heap"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Options say where sessions are. Rescue is a directory outside of Dir for a copy
// of an answer that Dir cannot take, or empty for none. Now is the clock, time.Now if
// nil.
type Options struct {
	Dir, Rescue string
	Now         func() time.Time
}

// Store is a directory of sessions. Any number of processes may use one at once.
type Store struct {
	dir, rescue  string
	now          func() time.Time
	lockless     atomic.Bool // the next writer is to say that there are no locks
	saidLockless atomic.Bool
}

// New returns the store in a directory, which need not exist. It does no input or
// output. The error is always nil.
func New(o Options) (*Store, error) {
	now := o.Now
	if now == nil {
		now = time.Now
	}
	st := &Store{dir: o.Dir, rescue: o.Rescue}
	// As in the names of files; and to find the local zone, files would have to be read.
	st.now = func() time.Time { return now().UTC() }
	return st, nil
}

// Entry is a session by name. The file may be damaged, or gone by now.
type Entry struct{ ID, Path string }

// month returns the name of the directory that the session is in.
func (e Entry) month() string { return filepath.Base(filepath.Dir(e.Path)) }

// Newest yields the sessions, newest first by their names, and looks at no file
// until it is asked for it. An error is that of one directory; others follow.
// A store that does not exist has no sessions.
func (st *Store) Newest() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		months, err := readNames(st.dir)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		months = slices.DeleteFunc(months, func(name string) bool { return !isMonth(name) })
		slices.Sort(months)
		for _, month := range slices.Backward(months) {
			for e, err := range st.inMonth(month) {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

// inMonth yields the sessions of one directory. The heap makes the first few of
// many cost little more than reading their names.
func (st *Store) inMonth(month string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		dir := filepath.Join(st.dir, month)
		names, err := readNames(dir)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		st.sweep(month, names)
		latest := newestFirst(names)
		heap.Init(&latest)
		for len(latest) > 0 {
			name := heap.Pop(&latest).(string)
			if id := idOf(name); id != "" && !yield(Entry{id, filepath.Join(dir, name)}, nil) {
				return
			}
		}
	}
}

// sweep removes what a killed process left of a session it had not finished
// making. Nothing was sent or printed for it.
func (st *Store) sweep(month string, names []string) {
	for _, name := range names {
		id, ok := strings.CutPrefix(name, tempPrefix)
		if ok && isRef(id) {
			st.sweepTemp(Entry{id, filepath.Join(st.dir, month, name)})
		}
	}
}

type newestFirst []string

func (n newestFirst) Len() int           { return len(n) }
func (n newestFirst) Less(i, j int) bool { return n[i] > n[j] }
func (n newestFirst) Swap(i, j int)      { n[i], n[j] = n[j], n[i] }
func (n *newestFirst) Push(name any)     { *n = append(*n, name.(string)) }
func (n *newestFirst) Pop() any {
	last := len(*n) - 1
	name := (*n)[last]
	*n = (*n)[:last]
	return name
}
