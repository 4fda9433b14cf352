package session

import (
	"cmp"
	"context"
	"iter"
	"regexp"
	"slices"
	"strings"
)

// Holding yields the sessions that hold all the words, large letters or small, each
// anywhere in the text of the messages or in the title; newest first, at most most of
// them (0: all). No words are held by all sessions. An error is that of one directory
// or file, and others follow, or that of ctx, which is the last.
func (st *Store) Holding(ctx context.Context, words []string, most int) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		n := 0
		for f, err := range st.Search(ctx, holding(words)) {
			if err == nil && f.Hits == nil {
				continue // there are only notes
			}
			if !yield(f.Entry, err) {
				return
			}
			if err != nil {
				continue
			}
			if n++; n == most {
				return
			}
		}
	}
}

// holding is the query for sessions with all words. The longest is looked for first:
// it is likely to be the rarest.
func holding(words []string) Query {
	words = slices.SortedFunc(slices.Values(words), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	q := Query{Pattern: regexp.MustCompile(""), Most: 1}
	for i, word := range words {
		if pattern := regexp.MustCompile("(?i)" + regexp.QuoteMeta(strings.ToValidUTF8(word, "\ufffd"))); i == 0 {
			q.Pattern = pattern
		} else {
			q.also = append(q.also, pattern)
		}
	}
	return q
}
