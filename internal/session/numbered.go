package session

import (
	"bufio"
	"bytes"
	"io"
	"iter"
	"os"
)

// Which sessions "@", "@2" and so on are.

// maxSkips is how many of the newest sessions are looked at for whether they count, so
// that a number costs the same however many sessions there are.
const maxSkips = 64

// Numbered yields the sessions that "@", "@2" and so on name, in this order: those of
// Newest, and after all others the ones in which nothing was ever answered and the last
// prompt failed. A person who asked with the wrong key means the chat before that. Only
// the newest few are looked at; errors are those of Newest.
func (st *Store) Numbered() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		skip := skipper{}
		var failed []Entry
		for e, err := range st.Newest() {
			if err == nil && skip.skips(e) {
				failed = append(failed, e)
				continue
			}
			if !yield(e, err) {
				return
			}
		}
		for _, e := range failed {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// skipper counts the sessions that were looked at.
type skipper struct{ looks int }

// skips reports whether a session does not count. Those that it is asked about must come
// in the order of Newest.
func (s *skipper) skips(e Entry) bool {
	s.looks++
	return s.looks <= maxSkips && unanswered(e)
}

// unanswered reports whether a session has an error record at its end and no answer. It
// reads no more than the end of one that has no such record. What it cannot read counts as
// answered.
func unanswered(e Entry) bool {
	f, err := openFile(e.Path, os.O_RDONLY)
	if err != nil {
		return false
	}
	defer f.Close()
	size, _, err := end(f)
	tail := make([]byte, min(size, 8<<10))
	if err == nil {
		_, err = f.ReadAt(tail, size-int64(len(tail)))
	}
	if err != nil {
		return false
	}
	tail = bytes.TrimRight(tail, "\n")
	last := tail[bytes.LastIndexByte(tail, '\n')+1:]
	if !bytes.HasPrefix(last, []byte(`{"kind":"error",`)) {
		return false
	}
	s := skimmer{file: f, in: bufio.NewReader(f)}
	for err == nil {
		err = s.next()
	}
	return err == io.EOF && s.answer.size == 0
}
