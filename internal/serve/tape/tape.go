// Package tape keeps the bytes of replies while they arrive, and for some minutes after, in
// memory: each reader reads at an offset of its own and waits for more. What a reply says and
// where it is saved is not known here.
package tape

import (
	"bytes"
	"sync"
	"time"
)

const (
	maxTape = 4 << 20  // bytes of a reply that are kept, the last ones
	maxAll  = 64 << 20 // bytes of all replies that are kept
	maxKept = 256      // replies, if some of them have ended
	age     = 5 * time.Minute
)

// Tapes are the replies that can be resumed, by what their clients call the conversation.
// They are kept in memory: a session has what an answer says, but not the bytes that it
// came in. The zero value has none. All together they have at most 64 MiB. Where that is too
// little, those that ended are forgotten, the one that began first before the others; then the
// longest one loses its first half.
type Tapes struct {
	mu    sync.Mutex // also of what is in a tape
	known map[string]*Tape
	size  int // bytes of all that are known
}

// Tape is the bytes of a reply. A nil tape keeps nothing.
type Tape struct {
	all   *Tapes
	id    string
	began time.Time
	stop  func()

	changed chan struct{} // closed when there is more, or the end
	dropped int           // bytes before data
	data    []byte        // what was handed out of it is never written to again
	ended   time.Time     // zero: it runs
	broken  bool          // it ended so
}

// Write takes the next bytes. Those of a tape that was forgotten are of no use.
func (t *Tape) Write(p []byte) {
	if t == nil || len(p) == 0 {
		return
	}
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	if t.all.known[t.id] != t {
		return
	}
	t.data = append(t.data, p...)
	t.all.size += len(p)
	if len(t.data) > 2*maxTape {
		t.drop(len(t.data) - maxTape)
	}
	for t.all.size > maxAll {
		if !t.all.forgetOldest() {
			longest := t.all.longest()
			longest.drop((len(longest.data) + 1) / 2)
		}
	}
	t.change()
}

// drop drops the first n bytes that there are.
func (t *Tape) drop(n int) {
	t.data, t.dropped = bytes.Clone(t.data[n:]), t.dropped+n
	t.all.size -= n
}

// End says that no more comes; broken is whether the reply was cut. Only the first call counts.
func (t *Tape) End(at time.Time, broken bool) {
	if t == nil {
		return
	}
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	if t.ended.IsZero() {
		t.ended, t.broken = at, broken
		t.change()
	}
}

func (t *Tape) change() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// After returns the bytes from an offset on; ok is whether they are still there. more is
// closed when there is more, nil at the end.
func (t *Tape) After(offset int) (piece []byte, more <-chan struct{}, broken, ok bool) {
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	at := offset - t.dropped
	if at < 0 || at > len(t.data) || t.all.known[t.id] != t {
		return nil, nil, false, false
	}
	if t.ended.IsZero() {
		more = t.changed
	}
	return t.data[at:len(t.data):len(t.data)], more, t.broken, true
}

// Begin returns the tape of a new reply, in place of one that the conversation had. stop ends
// the reply.
func (ts *Tapes) Begin(id string, now time.Time, stop func()) *Tape {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.expire(now)
	ts.forget(id)
	if len(ts.known) >= maxKept {
		ts.forgetOldest()
	}
	t := &Tape{all: ts, id: id, began: now, stop: stop, changed: make(chan struct{})}
	if ts.known == nil {
		ts.known = map[string]*Tape{}
	}
	ts.known[id] = t
	return t
}

// expire forgets what ended long ago. The tapes are locked.
func (ts *Tapes) expire(now time.Time) {
	for id, t := range ts.known {
		if !t.ended.IsZero() && now.Sub(t.ended) > age {
			ts.forget(id)
		}
	}
}

// forgetOldest forgets the tape that began first of those that have ended, and reports
// whether there was one. The tapes are locked.
func (ts *Tapes) forgetOldest() bool {
	var oldest *Tape
	for _, t := range ts.known {
		if !t.ended.IsZero() && (oldest == nil || t.began.Before(oldest.began)) {
			oldest = t
		}
	}
	return oldest != nil && ts.forget(oldest.id) != nil
}

// longest returns the tape with the most bytes. The tapes are locked.
func (ts *Tapes) longest() (longest *Tape) {
	for _, t := range ts.known {
		if longest == nil || len(t.data) > len(longest.data) {
			longest = t
		}
	}
	return longest
}

// forget returns the tape that was forgotten, or nil. The tapes are locked.
func (ts *Tapes) forget(id string) *Tape {
	t := ts.known[id]
	if t != nil {
		delete(ts.known, id)
		ts.size -= len(t.data)
		t.change() // its readers see that it is gone
	}
	return t
}

// Find returns the tape of a conversation, or nil.
func (ts *Tapes) Find(id string, now time.Time) *Tape {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.expire(now)
	return ts.known[id]
}

// Remove forgets the tape of a conversation and returns it, or nil.
func (ts *Tapes) Remove(id string) *Tape {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.forget(id)
}

// Stop ends the reply.
func (t *Tape) Stop() { t.stop() }

// State is what there is of a reply.
type State struct {
	Size  int // bytes, with those that are no longer kept
	Began time.Time
	Ended time.Time // zero: it runs
}

// State returns what there is of the reply.
func (t *Tape) State() State {
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	return State{t.dropped + len(t.data), t.began, t.ended}
}
