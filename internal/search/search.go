// Package search finds text in sessions: all processors search, and the results come in
// order. It is as fast as it is because most of a session is never decoded: literal.go
// finds the sessions and lines in which a match is possible, match.go decodes only those.
//
// It reads the bytes of session files, and package session knows what a line of them says.
package search

import (
	"cmp"
	"context"
	"iter"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"oax/internal/chat"
	"oax/internal/session"
)

// Query says what to look for: lines of text that match Pattern, each by itself. Roles are
// those whose text counts; nil stands for all but Reasoning and session.Error. Max is how
// many hits of a session are wanted, 0 for all.
type Query struct {
	Pattern *regexp.Regexp
	Roles   []chat.Role
	Max     int

	also []*regexp.Regexp // some line of the session must match each of these
}

// Found is a session with hits, in the order of the file. Notes say what is wrong
// with it, a line each; a session may have these alone.
type Found struct {
	session.Entry
	Hits  []Hit
	Notes []string
}

// Sessions yields those of some sessions that a query finds, in their order, as soon as
// they are found. Answers that were asked for again count; one that still arrives does not.
// An error is that of one directory or file, or one among sessions, and others follow; or
// it is the cause of ctx, and the last.
func Sessions(ctx context.Context, sessions iter.Seq2[session.Entry, error], q Query) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		outer := ctx
		ctx, cancel := context.WithCancel(ctx)
		var workers sync.WaitGroup
		defer workers.Wait()
		defer cancel()

		todo, inOrder := make(chan *batch, maxWaiting), make(chan *batch, maxWaiting)
		workers.Go(func() {
			defer close(inOrder)
			defer close(todo)
			for b := range batches(sessions) {
				if !offer(ctx, inOrder, b) || !offer(ctx, todo, b) {
					return
				}
			}
		})
		for range runtime.GOMAXPROCS(0) {
			workers.Go(func() {
				m := newMatcher(q)
				for b := range todo {
					b.search(ctx, m)
					close(b.done)
				}
			})
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

// Words yields those of some sessions that hold all the words, ignoring case, each
// anywhere in the text of the messages or in the title; at most limit of them (0: all).
// Without words, these are all sessions. Errors are those of Sessions.
func Words(ctx context.Context, sessions iter.Seq2[session.Entry, error], words []string, limit int) iter.Seq2[session.Entry, error] {
	return func(yield func(session.Entry, error) bool) {
		n := 0
		for f, err := range Sessions(ctx, sessions, wordsQuery(words)) {
			if err == nil && f.Hits == nil {
				continue // there are only notes
			}
			if !yield(f.Entry, err) {
				return
			}
			if err != nil {
				continue
			}
			if n++; n == limit {
				return
			}
		}
	}
}

// wordsQuery returns the query for sessions with all words. It looks for the longest one
// first: that is likely to be the rarest.
func wordsQuery(words []string) Query {
	words = slices.SortedFunc(slices.Values(words), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	q := Query{Pattern: regexp.MustCompile(""), Max: 1}
	for i, word := range words {
		if pattern := regexp.MustCompile("(?i)" + regexp.QuoteMeta(strings.ToValidUTF8(word, "\ufffd"))); i == 0 {
			q.Pattern = pattern
		} else {
			q.also = append(q.also, pattern)
		}
	}
	return q
}

// batch is what a worker does at a time: some sessions of one directory.
type batch struct {
	dir     string
	entries []session.Entry
	results []result
	done    chan struct{} // closed when the results are there
}

type result struct {
	Found
	err error
}

const (
	maxHeld    = 16 << 20 // bytes of a session that are searched in memory, by each worker
	batchSize  = 64       // sessions: little of a whole search, but much more work than to hand them over
	maxWaiting = 64       // batches
)

func offer(ctx context.Context, to chan<- *batch, b *batch) bool {
	select {
	case to <- b:
		return true
	case <-ctx.Done():
		return false
	}
}

// batches yields batches of some sessions, in their order. The first ones are small: there
// may be few sessions, and long ones. An error is a batch that has only this result.
func batches(sessions iter.Seq2[session.Entry, error]) iter.Seq[*batch] {
	return func(yield func(*batch) bool) {
		var b *batch
		n := 0
		for e, err := range sessions {
			dir := filepath.Dir(e.Path)
			if b != nil && (err != nil || dir != b.dir || len(b.entries) >= min(1+n/8, batchSize)) {
				if !yield(b) {
					return
				}
				b = nil
			}
			if b == nil {
				b = &batch{dir: dir, done: make(chan struct{})}
			}
			if err != nil {
				b.results = []result{{err: err}}
				continue
			}
			b.entries = append(b.entries, e)
			n++
		}
		if b != nil {
			yield(b)
		}
	}
}

func (b *batch) search(ctx context.Context, m *matcher) {
	if len(b.entries) == 0 {
		return
	}
	dir, err := openFolder(b.dir)
	if err != nil {
		b.results = append(b.results, result{err: err})
		return
	}
	defer dir.close()
	for _, e := range b.entries {
		if ctx.Err() != nil {
			return
		}
		m.data, err = dir.read(m.data[:0], filepath.Base(e.Path))
		r := result{err: err}
		if err == nil {
			r.Hits, r.Notes, r.err = m.searchAll(ctx, e.Path, m.data)
		}
		if r.err != nil || r.Hits != nil || r.Notes != nil {
			r.Entry = e
			b.results = append(b.results, r)
		}
	}
}
