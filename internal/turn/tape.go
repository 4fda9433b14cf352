package turn

import (
	"context"
	"encoding/json"
	"iter"
	"sync"

	"oax/internal/chat"
)

// Tape holds an answer while it arrives. One goroutine adds to it; any number of others
// read it, each at its own pace: a slow reader costs nothing but the answer itself, and
// holds up nobody.
//
// A position on the tape is a number of bytes of reasoning, text and refusal, in the
// order in which they came.
type Tape struct {
	mu      sync.Mutex
	changed sync.Cond
	answer  chat.Turn
	runs    []run
	size    int             // of all texts
	sizes   [kinds]int      // of the texts of each kind
	usage   json.RawMessage // the last one
	usages  int             // how many have come
	usageAt int             // the position at which the last one came
	closed  bool
}

// run is a stretch of one kind of text, up to end bytes of the texts of that kind.
type run struct{ kind, end int }

// kinds is how many kinds of text there are; see chat.Delta.Texts.
const kinds = 3

// maxRuns bounds what an answer costs that jumps between the kinds with each byte. What
// comes after that many runs is read by kinds.
const maxRuns = 1 << 16

// NewTape returns an empty tape.
func NewTape() *Tape {
	t := new(Tape)
	t.changed.L = &t.mu
	return t
}

// Add takes a piece of the answer, and copies what it needs of it.
func (t *Tape) Add(d *chat.Delta) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answer.Add(d)
	for kind, text := range d.Texts() {
		t.extend(kind, len(*text))
	}
	if d.Usage != nil {
		t.usage, t.usageAt = d.Usage, t.size
		t.usages++
	}
	t.changed.Broadcast()
}

// extend adds n bytes of a kind to the last run, or begins another one.
func (t *Tape) extend(kind, n int) {
	if n == 0 {
		return
	}
	t.size += n
	t.sizes[kind] += n
	last := len(t.runs) - 1
	switch {
	case last >= 0 && t.runs[last].kind == kind:
		t.runs[last].end = t.sizes[kind]
	case len(t.runs) < maxRuns:
		t.runs = append(t.runs, run{kind, t.sizes[kind]})
	}
}

// Len returns the position behind all that has come.
func (t *Tape) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.size
}

// Close says that nothing more will come.
func (t *Tape) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.changed.Broadcast()
}

// Message returns the answer as far as it has come; see chat.Turn.End.
func (t *Tape) Message(why chat.Why) chat.Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.answer.End(why)
}

// Deltas yields what comes from a position on, in the order in which it came, until the
// tape is closed or ctx ends. A delta is short, has text of one kind or a usage, and is
// valid until the next one. Of several usages that a reader has not got the last counts.
func (t *Tape) Deltas(ctx context.Context, from int) iter.Seq[*chat.Delta] {
	return func(yield func(*chat.Delta) bool) {
		defer context.AfterFunc(ctx, func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.changed.Broadcast()
		})()
		r := reader{tape: t, from: from}
		for r.next(ctx) {
			if r.position > from || r.delta.Usage != nil {
				if !yield(&r.delta) {
					return
				}
			}
		}
	}
}

// reader is how far a reader of a tape has come.
type reader struct {
	tape     *Tape
	from     int        // what is before this position is passed over
	position int        // on the tape
	read     [kinds]int // of each kind
	run      int        // that is being read
	usages   int        // that the tape had when the last one was read
	delta    chat.Delta
	buffer   []byte
}

// maxDelta is the most text of a delta, in bytes.
const maxDelta = 64 << 10

// next waits for a delta. It returns false if there will be none.
func (r *reader) next(ctx context.Context) bool {
	t := r.tape
	t.mu.Lock()
	defer t.mu.Unlock()
	for ctx.Err() == nil {
		switch kind, end := r.unread(); {
		case r.usages < t.usages && t.usageAt <= r.position:
			r.usages = t.usages
			r.delta = chat.Delta{Usage: t.usage}
			return true
		case end > 0:
			r.take(kind, end)
			return true
		case t.closed:
			return false
		}
		t.changed.Wait()
	}
	return false
}

// unread returns the kind of what comes next, and where it ends in the texts of that
// kind; end is 0 if nothing has come yet.
func (r *reader) unread() (kind, end int) {
	t := r.tape
	for ; r.run < len(t.runs); r.run++ {
		if run := t.runs[r.run]; r.read[run.kind] < run.end {
			return run.kind, run.end
		}
		if r.run == len(t.runs)-1 && len(t.runs) < maxRuns { // it may grow
			return 0, 0
		}
	}
	if len(t.runs) == maxRuns {
		for kind, end := range t.sizes {
			if r.read[kind] < end {
				return kind, end
			}
		}
	}
	return 0, 0
}

// take makes a delta of the text that comes next, or passes over it up to from.
func (r *reader) take(kind, end int) {
	reasoning, text, refusal := r.tape.answer.Texts()
	rest := [kinds]string{reasoning, text, refusal}[kind][r.read[kind]:end]
	n := min(len(rest), r.from-r.position)
	if n <= 0 {
		room := maxDelta
		if r.usages < r.tape.usages {
			room = min(room, r.tape.usageAt-r.position)
		}
		if n = chat.Fitting(rest, room); n == 0 { // the usage came within a character of another kind
			n = chat.Fitting(rest, maxDelta)
		}
	}
	r.buffer = append(r.buffer[:0], rest[:n]...)
	r.read[kind] += n
	r.position += n
	r.delta = chat.Delta{}
	*r.delta.Texts()[kind] = r.buffer
}
