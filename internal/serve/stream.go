package serve

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A stream that its client lost can be resumed, as llama.cpp's page does it (llama.cpp,
// pull request 23226): a request with X-Conversation-Id goes on without its client, and
// GET /v1/stream sends the same bytes again from an offset on, then what comes.

const (
	maxTape     = 4 << 20  // bytes of a reply that are kept, the last ones
	maxTapesAll = 64 << 20 // bytes of all replies that are kept
	maxTapes    = 256      // replies, if some of them have ended
	tapeAge     = 5 * time.Minute
)

// tapes are the replies that can be resumed, by what their clients call the conversation.
// They are kept in memory: a session has what an answer says, but not the bytes that it
// came in. All together they have at most 64 MiB. Where that is too little, those that
// ended are forgotten, the one that began first before the others; then the longest one
// loses its first half.
type tapes struct {
	mu    sync.Mutex // also of what is in a tape
	known map[string]*tape
	size  int // bytes of all that are known
}

// tape is the bytes of a reply. A nil tape keeps nothing.
type tape struct {
	all   *tapes
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
func (t *tape) Write(p []byte) {
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
	for t.all.size > maxTapesAll {
		if !t.all.forgetOldest() {
			longest := t.all.longest()
			longest.drop((len(longest.data) + 1) / 2)
		}
	}
	t.change()
}

// drop drops the first n bytes that there are.
func (t *tape) drop(n int) {
	t.data, t.dropped = bytes.Clone(t.data[n:]), t.dropped+n
	t.all.size -= n
}

// end says that no more comes.
func (t *tape) end(at time.Time, broken bool) {
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

func (t *tape) change() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// after returns the bytes from an offset on; ok is whether they are still there. more is
// closed when there is more, nil at the end.
func (t *tape) after(offset int) (piece []byte, more <-chan struct{}, broken, ok bool) {
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

// begin returns the tape of a new reply, in place of one that the conversation had.
func (ts *tapes) begin(id string, now time.Time, stop func()) *tape {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.expire(now)
	ts.forget(id)
	if len(ts.known) >= maxTapes {
		ts.forgetOldest()
	}
	t := &tape{all: ts, id: id, began: now, stop: stop, changed: make(chan struct{})}
	if ts.known == nil {
		ts.known = map[string]*tape{}
	}
	ts.known[id] = t
	return t
}

// expire forgets what ended long ago. The tapes are locked.
func (ts *tapes) expire(now time.Time) {
	for id, t := range ts.known {
		if !t.ended.IsZero() && now.Sub(t.ended) > tapeAge {
			ts.forget(id)
		}
	}
}

// forgetOldest forgets the tape that began first of those that have ended, and reports
// whether there was one. The tapes are locked.
func (ts *tapes) forgetOldest() bool {
	var oldest *tape
	for _, t := range ts.known {
		if !t.ended.IsZero() && (oldest == nil || t.began.Before(oldest.began)) {
			oldest = t
		}
	}
	return oldest != nil && ts.forget(oldest.id) != nil
}

// longest returns the tape with the most bytes. The tapes are locked.
func (ts *tapes) longest() (longest *tape) {
	for _, t := range ts.known {
		if longest == nil || len(t.data) > len(longest.data) {
			longest = t
		}
	}
	return longest
}

// forget returns the tape that was forgotten, or nil. The tapes are locked.
func (ts *tapes) forget(id string) *tape {
	t := ts.known[id]
	if t != nil {
		delete(ts.known, id)
		ts.size -= len(t.data)
		t.change() // its readers see that it is gone
	}
	return t
}

func (ts *tapes) find(id string, now time.Time) *tape {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.expire(now)
	return ts.known[id]
}

func (ts *tapes) remove(id string) *tape {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.forget(id)
}

// resumeStream answers GET /v1/stream?conv_id=ID&from=OFFSET.
func (s *Server) resumeStream(w http.ResponseWriter, r *http.Request) *apiError {
	s.allowOrigin(w, r)
	query := r.URL.Query()
	at, err := strconv.Atoi(query.Get("from"))
	if query.Get("from") == "" {
		at, err = 0, nil
	}
	t := s.tapes.find(query.Get("conv_id"), s.config.Now())
	if t == nil {
		return &apiError{status: http.StatusNotFound, code: "no_stream", message: "there is no such stream"}
	}
	if _, _, _, ok := t.after(at); err != nil || !ok {
		return badRequest("from", "from must be an offset that is still kept; begin again")
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := newReplyWriter(w)
	if out.flush() != nil {
		return nil
	}
	for {
		piece, more, broken, ok := t.after(at)
		if !ok {
			panic(http.ErrAbortHandler) // a reader that fell behind what is kept
		}
		if len(piece) > 0 {
			if _, err := out.Write(piece); err != nil {
				return nil
			}
			at += len(piece)
			continue
		}
		if more == nil {
			if broken {
				panic(http.ErrAbortHandler)
			}
			return nil
		}
		select {
		case <-more:
		case <-r.Context().Done():
			return nil
		}
	}
}

// stopStream answers DELETE /v1/stream?conv_id=ID.
func (s *Server) stopStream(w http.ResponseWriter, r *http.Request) {
	s.allowOrigin(w, r)
	if t := s.tapes.remove(r.URL.Query().Get("conv_id")); t != nil {
		t.stop()
	}
	w.WriteHeader(http.StatusNoContent)
}

// lookUpStreams answers POST /v1/streams/lookup: which of the conversations that a client
// names can be resumed.
func (s *Server) lookUpStreams(w http.ResponseWriter, r *http.Request) *apiError {
	s.allowOrigin(w, r)
	type streamView struct {
		ID        string `json:"conversation_id"`
		Done      bool   `json:"is_done"`
		Size      int    `json:"total_bytes"`
		Started   int64  `json:"started_at"` // in milliseconds
		Completed int64  `json:"completed_at"`
	}
	var asked struct {
		IDs []string `json:"conversation_ids"`
	}
	body, failure := readBody(w, r)
	if failure == nil && json.Unmarshal(body, &asked) != nil {
		failure = badRequest("conversation_ids", "conversation_ids must be a list of names")
	}
	if failure != nil {
		return failure
	}
	found := []streamView{}
	for _, id := range asked.IDs {
		t := s.tapes.find(id, s.config.Now())
		if t == nil {
			continue
		}
		s.tapes.mu.Lock()
		v := streamView{ID: id, Done: !t.ended.IsZero(), Size: t.dropped + len(t.data), Started: t.began.UnixMilli()}
		if v.Done {
			v.Completed = t.ended.UnixMilli()
		}
		s.tapes.mu.Unlock()
		found = append(found, v)
	}
	writeJSON(w, http.StatusOK, found)
	return nil
}
