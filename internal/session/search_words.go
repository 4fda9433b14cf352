package session

import (
	"context"
	"iter"
	"strings"
)

// Holding yields the sessions whose messages hold all the words, large letters or
// small, each anywhere in the text of the chat; newest first, at most most of them
// (0: all). No words are held by all sessions. An error is that of one directory
// or file and others follow, or that of ctx, which is the last.
func (st *Store) Holding(ctx context.Context, words []string, most int) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		n := 0
		for e, err := range st.Newest() {
			if ctx.Err() != nil {
				yield(Entry{}, context.Cause(ctx))
				return
			}
			held := false
			if err == nil {
				held, err = holds(e, words)
			}
			if err == nil && !held {
				continue
			}
			if !yield(e, err) {
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

func holds(e Entry, words []string) (bool, error) {
	data, err := readFile(e.Path)
	if err != nil {
		return false, err
	}
	p := parse(data)
	var text strings.Builder
	for _, r := range p.records {
		text.WriteString(strings.ToLower(r.Text + r.Refusal + "\n"))
	}
	for _, word := range words {
		if !strings.Contains(text.String(), strings.ToLower(word)) {
			return false, nil
		}
	}
	return true, nil
}
