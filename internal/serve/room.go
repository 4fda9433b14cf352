package serve

import (
	"context"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"oax/internal/chat"
	"oax/internal/markdown"
	"oax/internal/session"
	"oax/internal/session/journal"
)

// A room is a session that somebody watches or that is answered here. It holds what there
// is of the session, and each viewer reads it at its own position: no viewer has a queue,
// so a slow one holds up nobody.
//
// What another process writes, such as oax in a terminal, comes in by looking at the files:
// its answer by session.Store.Tail, and that there is one by the size of the session.

// linger is how long a room stays when nobody holds it: a page that opens a session reads it,
// and then follows it.
const linger = 10 * time.Second

// lookEvery is how often the session's file is looked at while somebody watches it.
const lookEvery = 100 * time.Millisecond

type room struct {
	server *Server
	entry  session.Entry

	mu      sync.Mutex
	changed chan struct{} // closed when there is something new
	turns   []turnView    // all but the one that runs
	running *running
	last    *running // the turn that ended last, if its answer came in here
	title   string
	size    int64  // of the file when it was read; -1: it was not
	journal string // session.Store.Turn then
	tools   bool   // another process ran tools then
	gone    bool   // the session was removed
	viewers map[*viewer]bool
	watched bool            // watch runs
	context context.Context // ends when nobody holds the room
	cancel  context.CancelFunc

	reading sync.Mutex  // held from before the session is loaded until it is taken over
	shown   atomic.Bool // to a page
	leaves  *time.Timer // ends the room when nobody holds it
	users   int         // requests, subscriptions and turns that hold the room; guarded by Server.roomsMu
}

// running is a turn whose answer arrives.
type running struct {
	view   turnView
	answer chat.Turn // written to by who takes the answer, with the room locked
	stop   func()    // ends the turn; nil: it is another process's

	html     *markdown.HTML // of the text as far as it was rendered, for those who watch
	rendered int            // bytes of the text
	changed  int            // after the end: the first block that is not what it was
}

func newRunning(view turnView, stop func()) *running {
	return &running{view: view, stop: stop, html: markdown.NewHTML(), changed: -1}
}

// render renders what has come since the last time, and the end of the text if it has
// ended.
func (t *running) render(ended bool) *markdown.HTML {
	_, text, _ := t.answer.Texts()
	_, _ = t.html.Write([]byte(text[t.rendered:]))
	t.rendered = len(text)
	if ended && t.changed < 0 {
		t.changed = len(t.html.Final())
		if changed := t.html.Close(); len(changed) > 0 {
			t.changed = changed[0]
		}
	}
	return t.html
}

// room returns the room of a session, which release must let go of. It has what is in the
// file now. The error is that of reading the session.
func (s *Server) room(e session.Entry) (*room, error) {
	r := s.hold(e)
	if err := r.read(); err != nil {
		r.release()
		return nil, err
	}
	return r, nil
}

// hold is room without a look into the file: for a turn that nobody may ever watch.
func (s *Server) hold(e session.Entry) *room {
	s.roomsMu.Lock()
	defer s.roomsMu.Unlock()
	r := s.rooms[e.ID]
	if r == nil || r.isGone() {
		ctx, cancel := context.WithCancel(s.context)
		r = &room{server: s, entry: e, changed: make(chan struct{}), viewers: map[*viewer]bool{}, size: -1, context: ctx, cancel: cancel}
		s.rooms[e.ID] = r
	}
	r.users++
	if r.leaves != nil {
		r.leaves.Stop()
	}
	return r
}

func (r *room) isGone() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gone
}

// release lets go of a room, which then stays for a while if it was shown to somebody.
func (r *room) release() {
	r.server.roomsMu.Lock()
	defer r.server.roomsMu.Unlock()
	if r.users--; r.users > 0 {
		return
	}
	if r.shown.Load() {
		r.leaves = time.AfterFunc(linger, r.close)
	} else {
		r.end()
	}
}

// close ends a room that nobody has come back to.
func (r *room) close() {
	r.server.roomsMu.Lock()
	defer r.server.roomsMu.Unlock()
	if r.users == 0 {
		r.end()
	}
}

// end ends a room. Server.roomsMu is locked.
func (r *room) end() {
	if r.server.rooms[r.entry.ID] == r {
		delete(r.server.rooms, r.entry.ID)
	}
	r.cancel()
}

// watch looks for what other processes do to the session, until nobody watches it.
func (r *room) watch() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-r.context.Done():
			return
		}
		r.mu.Lock()
		r.expireTyping()
		r.watched = len(r.viewers) > 0
		watched := r.watched
		r.mu.Unlock()
		if !watched { // whoever comes next has it read
			return
		}
		if err := r.read(); os.IsNotExist(err) { // what else cannot be read is looked at again
			r.mu.Lock()
			if !r.gone {
				r.gone = true
				r.change()
			}
			r.mu.Unlock()
		}
	}
}

// expireTyping ends the typing of those who have stopped. The room is locked.
func (r *room) expireTyping() {
	for v := range r.viewers {
		if !v.typing.IsZero() && !v.typing.After(r.server.config.Now()) {
			v.typing = time.Time{}
			r.change()
		}
	}
}

// change wakes the viewers. The room is locked.
func (r *room) change() {
	if len(r.viewers) == 0 {
		return
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// read takes the session from its file if that has changed, unless a turn runs.
func (r *room) read() error {
	r.reading.Lock()
	defer r.reading.Unlock()
	info, err := os.Stat(r.entry.Path)
	if err != nil {
		return err
	}
	r.mu.Lock()
	current := r.running != nil && r.size >= 0 || info.Size() == r.size && r.server.config.Store.Turn(r.entry) == r.journal
	r.mu.Unlock()
	if current {
		return nil
	}
	content, err := r.load()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && (r.running == nil || r.size < 0) {
		r.take(content)
	}
	return err
}

// content is what there is in the file of a session.
type content struct {
	info    os.FileInfo
	journal string
	tools   bool
	title   string
	turns   []turnView
	now     *turnView // whose answer arrives, of another process
}

func (r *room) load() (content, error) {
	journal := r.server.config.Store.Turn(r.entry)
	info, err := os.Stat(r.entry.Path)
	if err != nil {
		return content{}, err
	}
	s, err := r.server.config.Store.Load(r.entry)
	if err != nil {
		return content{}, err
	}
	r.server.index.Take(s, info)
	turns, now := turnsOf(s)
	return content{info, journal, s.RunsTools(), s.Title, turns, now}, nil
}

// take takes over what was loaded. If another process is answering, its answer is followed.
// The room is locked.
func (r *room) take(c content) {
	r.size, r.journal, r.tools, r.title, r.turns = c.info.Size(), c.journal, c.tools, c.title, c.turns
	if r.running != nil {
		r.turns = slices.DeleteFunc(r.turns, func(t turnView) bool { return t.Turn == r.running.view.Turn })
	} else if c.now != nil {
		r.running = newRunning(*c.now, nil)
		go r.follow(r.running, journal.Position{Turn: c.now.Turn})
	}
	r.change()
}

// follow takes the answer that another process writes.
func (r *room) follow(t *running, from journal.Position) {
	for d, err := range r.server.config.Store.Tail(r.context, r.entry, from) {
		if err != nil {
			break
		}
		if !r.add(t, d) {
			return
		}
	}
	if r.context.Err() == nil {
		_, _ = r.server.config.Store.Recover(r.context) // its writer may have been killed
		r.ended(t)
	}
}

// add takes more of an answer. It reports whether the turn is still the one that runs: one
// that began here may have looked for a moment like another process's.
func (r *room) add(t *running, d *chat.Delta) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	t.answer.Add(d)
	if r.running != t {
		return false
	}
	if d.Model != "" {
		t.view.Model = orNull(d.Model)
	}
	r.change()
	return true
}

// begin takes a turn that begins here.
func (r *room) begin(t *running) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = t
	r.change()
}

// ended takes the end of a turn: what the session holds of it counts. There is no moment in
// which viewers see the session without the turn.
func (r *room) ended(t *running) {
	r.reading.Lock()
	defer r.reading.Unlock()
	if r.endedUnseen(t) {
		return
	}
	content, err := r.load()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running != t {
		return
	}
	r.running, r.last = nil, t
	if err == nil {
		r.take(content)
		return
	}
	r.turns = append(slices.Clip(r.turns), t.view)
	r.size = -1 // it is read again
	r.change()
}

// endedUnseen takes the end of a turn of a session that nobody has looked at, and reports
// whether it is one: then there is nothing to be brought up to date.
func (r *room) endedUnseen(t *running) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	unseen := r.size < 0 && len(r.turns) == 0 && !r.shown.Load()
	if unseen && r.running == t {
		r.running = nil
	}
	return unseen
}
