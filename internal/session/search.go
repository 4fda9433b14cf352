package session

import (
	"context"
	"iter"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"time"

	"oax/internal/chat"
)

// Query says what Search looks for: lines of text that match Pattern, each by itself.
// Roles are those whose text counts; nil stands for all but Reasoning and Error. Only
// sessions that began at Since or later and before Until count, and if Entries is not
// nil only those. Most is how many hits of a session are wanted, 0 for all.
type Query struct {
	Pattern      *regexp.Regexp
	Roles        []chat.Role
	Since, Until time.Time
	Entries      []Entry
	Most         int

	also []*regexp.Regexp // some line of the session has to match each of these
}

// Found is a session with hits, in the order of the file. Notes say what is wrong
// with it, a line each; a session may have these alone.
type Found struct {
	Entry
	Hits  []Hit
	Notes []string
}

// Search yields the sessions that a query finds, newest first, or in the order of
// Entries, as soon as they are found. Answers that were asked for again count; one
// that still arrives does not. An error is that of one directory or file, and others
// follow, or the last one, if ctx ends.
func (st *Store) Search(ctx context.Context, q Query) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		outer := ctx
		ctx, cancel := context.WithCancel(ctx)
		var workers sync.WaitGroup
		defer workers.Wait()
		defer cancel()

		todo, inOrder := make(chan *batch, waitingBatches), make(chan *batch, waitingBatches)
		workers.Go(func() {
			defer close(inOrder)
			defer close(todo)
			for b := range st.batches(q) {
				if !offer(ctx, inOrder, b) || !offer(ctx, todo, b) {
					return
				}
			}
		})
		for range runtime.GOMAXPROCS(0) {
			workers.Go(func() { st.work(ctx, q, todo) })
		}
		for b := range inOrder {
			select {
			case <-b.done:
			case <-ctx.Done():
			}
			if outer.Err() != nil {
				break
			}
			for _, r := range b.results {
				if !yield(r.Found, r.err) {
					return
				}
			}
		}
		if outer.Err() != nil {
			yield(Found{}, context.Cause(outer))
		}
	}
}

// batch is what a worker does at a time: some sessions of one directory.
type batch struct {
	dir     string
	names   []string
	results []result
	done    chan struct{} // closed when the results are there
}

type result struct {
	Found
	err error
}

const (
	batchSize      = 64 // sessions: little against a whole search, much against handing them over
	waitingBatches = 64
)

func offer(ctx context.Context, to chan<- *batch, b *batch) bool {
	select {
	case to <- b:
		return true
	case <-ctx.Done():
		return false
	}
}

// work does batches until there are no more.
func (st *Store) work(ctx context.Context, q Query, todo <-chan *batch) {
	s := newSearcher(q)
	for b := range todo {
		s.batch(ctx, b)
		close(b.done)
	}
}

func (s *searcher) batch(ctx context.Context, b *batch) {
	if len(b.names) == 0 {
		return
	}
	dir, err := openFolder(b.dir)
	if err != nil {
		b.results = append(b.results, result{err: err})
		return
	}
	defer dir.close()
	for _, name := range b.names {
		if ctx.Err() != nil {
			return
		}
		s.data, err = dir.read(s.data[:0], name)
		r := result{err: err}
		if err == nil {
			r.Hits, r.Notes = s.searchAll(ctx, s.data)
		}
		if r.err != nil || r.Hits != nil || r.Notes != nil {
			r.Entry = Entry{idOf(name), filepath.Join(b.dir, name)}
			b.results = append(b.results, r)
		}
	}
}
