// Package live shows sessions while answers arrive in them, to any number of viewers.
//
// A room is a session that somebody watches or that is answered here. It holds what there
// is of the session, and each viewer reads it at its own position: no viewer has a queue,
// so a slow one holds up nobody (viewer.go). Whoever takes an answer adds it to the room, once
// it is saved. What another process writes, such as oax in a terminal, comes in by looking at
// the files: its answer by session.Store.Tail, and that there is one by the size of the session.
//
// Turns, positions and events have the form in which the API tells them (turns.go, position.go);
// how they travel, and who asks, is not known here.
package live

import (
	"context"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/journal"
)

// linger is how long a room stays when nobody holds it: a page that opens a session reads it,
// and then follows it.
const linger = 10 * time.Second

// lookEvery is how often the session's file is looked at while somebody watches it.
const lookEvery = 100 * time.Millisecond

// Rooms are the rooms that there are. They may be used by any number of goroutines.
type Rooms struct {
	store   *session.Store
	now     func() time.Time
	context context.Context
	read    func(*session.Session, os.FileInfo)

	mu    sync.Mutex
	known map[string]*Room // by session ID
}

// NewRooms returns rooms of a store, which follow what other processes write until ctx ends.
// read gets each session that a room has read, with its file as it was before.
func NewRooms(ctx context.Context, store *session.Store, now func() time.Time, read func(*session.Session, os.FileInfo)) *Rooms {
	return &Rooms{store: store, now: now, context: ctx, read: read, known: map[string]*Room{}}
}

// Room is a session that somebody watches or that is answered here.
type Room struct {
	rooms *Rooms
	entry session.Entry

	mu      sync.Mutex
	changed chan struct{} // closed when there is something new
	turns   []Turn        // all but the one that runs
	running *Running
	last    *Running // the turn that ended last, if its answer came in here
	title   string
	size    int64  // of the file when it was read; -1: it was not
	journal string // session.Store.Turn then
	tools   bool   // another process ran tools then
	gone    bool   // the session was removed
	viewers map[*Viewer]bool
	present int             // viewers, as they are told
	watched bool            // watch runs
	context context.Context // ends when nobody holds the room
	cancel  context.CancelFunc

	reading sync.Mutex  // held from before the session is loaded until it is taken over
	shown   atomic.Bool // to a page
	leaves  *time.Timer // ends the room when nobody holds it
	users   int         // requests, subscriptions and turns that hold the room; guarded by Rooms.mu
}

// Open returns the room of a session, which Release must let go of. It has what is in the
// file now. The error is that of reading the session.
func (rs *Rooms) Open(e session.Entry) (*Room, error) {
	r := rs.Hold(e)
	if err := r.Read(); err != nil {
		r.Release()
		return nil, err
	}
	return r, nil
}

// Hold is Open without a look into the file: for a turn that nobody may ever watch.
func (rs *Rooms) Hold(e session.Entry) *Room {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r := rs.known[e.ID]
	if r == nil || r.isGone() {
		ctx, cancel := context.WithCancel(rs.context)
		r = &Room{rooms: rs, entry: e, changed: make(chan struct{}), viewers: map[*Viewer]bool{}, size: -1, context: ctx, cancel: cancel}
		rs.known[e.ID] = r
	}
	r.users++
	if r.leaves != nil {
		r.leaves.Stop()
	}
	return r
}

// Has reports whether there is a room of the session with an ID.
func (rs *Rooms) Has(id string) bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.known[id] != nil
}

// Entry returns the session's name and file.
func (r *Room) Entry() session.Entry { return r.entry }

func (r *Room) isGone() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gone
}

// Release lets go of a room, which then stays for a while if it was shown to somebody.
func (r *Room) Release() {
	r.rooms.mu.Lock()
	defer r.rooms.mu.Unlock()
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
func (r *Room) close() {
	r.rooms.mu.Lock()
	defer r.rooms.mu.Unlock()
	if r.users == 0 {
		r.end()
	}
}

// end ends a room. Rooms.mu is locked.
func (r *Room) end() {
	if r.rooms.known[r.entry.ID] == r {
		delete(r.rooms.known, r.entry.ID)
	}
	r.cancel()
}

// watch looks for what other processes do to the session, until nobody watches it. It counts the
// viewers too: if each who comes were told to all at once, it would be a flood.
func (r *Room) watch() {
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
		if r.present != len(r.viewers) {
			r.present = len(r.viewers)
			r.change()
		}
		r.watched = len(r.viewers) > 0
		watched := r.watched
		r.mu.Unlock()
		if !watched { // whoever comes next has it read
			return
		}
		if err := r.Read(); os.IsNotExist(err) { // what else cannot be read is looked at again
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
func (r *Room) expireTyping() {
	for v := range r.viewers {
		if !v.typing.IsZero() && !v.typing.After(r.rooms.now()) {
			v.typing = time.Time{}
			r.change()
		}
	}
}

// change wakes the viewers. The room is locked.
func (r *Room) change() {
	if len(r.viewers) == 0 {
		return
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// Read takes the session from its file if that has changed, unless a turn runs.
func (r *Room) Read() error {
	r.reading.Lock()
	defer r.reading.Unlock()
	info, err := os.Stat(r.entry.Path)
	if err != nil {
		return err
	}
	r.mu.Lock()
	current := r.running != nil && r.size >= 0 || info.Size() == r.size && r.rooms.store.Turn(r.entry) == r.journal
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
	turns   []Turn
	now     *Turn // whose answer arrives, of another process
}

func (r *Room) load() (content, error) {
	journal := r.rooms.store.Turn(r.entry)
	info, err := os.Stat(r.entry.Path)
	if err != nil {
		return content{}, err
	}
	s, err := r.rooms.store.Load(r.entry)
	if err != nil {
		return content{}, err
	}
	r.rooms.read(s, info)
	turns, now := Turns(s)
	return content{info, journal, s.RunsTools(), s.Title, turns, now}, nil
}

// take takes over what was loaded. If another process is answering, its answer is followed.
// The room is locked.
func (r *Room) take(c content) {
	r.size, r.journal, r.tools, r.title, r.turns = c.info.Size(), c.journal, c.tools, c.title, c.turns
	if r.running != nil {
		r.turns = slices.DeleteFunc(r.turns, func(t Turn) bool { return t.Turn == r.running.view.Turn })
	} else if c.now != nil {
		r.running = NewRunning(*c.now, nil)
		go r.follow(r.running, journal.Position{Turn: c.now.Turn})
	}
	r.change()
}

// follow takes the answer that another process writes.
func (r *Room) follow(t *Running, from journal.Position) {
	for d, err := range r.rooms.store.Tail(r.context, r.entry, from) {
		if err != nil {
			break
		}
		if !r.Add(t, d) {
			return
		}
	}
	if r.context.Err() == nil {
		_, _ = r.rooms.store.Recover(r.context) // its writer may have been killed
		r.End(t)
	}
}

// Add takes more of an answer. It reports whether the turn is still the one that runs: one
// that began here may have looked for a moment like another process's.
func (r *Room) Add(t *Running, d *chat.Delta) bool {
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

// Begin takes a turn that begins here.
func (r *Room) Begin(t *Running) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = t
	r.change()
}

// End takes the end of a turn: what the session holds of it counts. There is no moment in
// which viewers see the session without the turn.
func (r *Room) End(t *Running) {
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
func (r *Room) endedUnseen(t *Running) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	unseen := r.size < 0 && len(r.turns) == 0 && !r.shown.Load()
	if unseen && r.running == t {
		r.running = nil
	}
	return unseen
}

// Content returns the turns of the session with what has come of the answer that arrives, the
// position at its end, and whether a turn runs or another process runs tools. The room stays for
// a while: who reads a session often watches it then.
func (r *Room) Content() (turns []Turn, at Position, answering bool) {
	r.shown.Store(true)
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.count()
	turns = make([]Turn, n)
	for i := range turns {
		turns[i] = *r.turn(i)
	}
	switch {
	case n == 0:
		return turns, at, r.tools
	case r.running == nil:
		return turns, EndOf(turns[n-1].Turn), r.tools
	}
	last := &turns[n-1]
	text, reasoning, refusal := r.texts(r.turn(n - 1))
	at = Position{Position: journal.Position{Turn: last.Turn, Text: len(text), Reasoning: len(reasoning), Refusal: len(refusal)}}
	if len(text)+len(reasoning)+len(refusal) > 0 {
		last.Answer = &Answer{Text: text, Reasoning: reasoning, Refusal: refusal, State: Answering, Position: at.String()}
	}
	return turns, at, true
}

// Stop stops a turn, whoever runs it. One that has ended is left as it is. known is whether the
// session has the turn.
func (r *Room) Stop(turn string) (known bool) {
	r.mu.Lock()
	t := r.running
	known = r.find(turn) >= 0
	r.mu.Unlock()
	switch {
	case !known || t == nil || t.view.Turn != turn:
	case t.stop != nil:
		t.stop()
	default:
		r.rooms.store.Interrupt(r.entry)
	}
	return known
}
