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
	size    int64 // of the file when it was read; -1: it was not
	open    bool  // there was a journal then
	gone    bool  // the session was removed
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
	current := r.running != nil && r.size >= 0 || info.Size() == r.size && r.server.config.Store.Open()[r.entry.ID] == r.open
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
	info  os.FileInfo
	open  bool
	title string
	turns []turnView
	now   *turnView // whose answer arrives, of another process
}

func (r *room) load() (content, error) {
	open := r.server.config.Store.Open()[r.entry.ID]
	info, err := os.Stat(r.entry.Path)
	if err != nil {
		return content{}, err
	}
	s, err := r.server.config.Store.Load(r.entry)
	if err != nil {
		return content{}, err
	}
	r.server.index.take(s, info)
	turns, now := turnsOf(s)
	return content{info, open, titleOf(s), turns, now}, nil
}

// take takes over what was loaded. If another process is answering, its answer is followed.
// The room is locked.
func (r *room) take(c content) {
	r.size, r.open, r.title, r.turns = c.info.Size(), c.open, c.title, c.turns
	if r.running != nil {
		r.turns = slices.DeleteFunc(r.turns, func(t turnView) bool { return t.Turn == r.running.view.Turn })
	} else if c.now != nil {
		r.running = newRunning(*c.now, nil)
		go r.follow(r.running, session.Position{Turn: c.now.Turn})
	}
	r.change()
}

// follow takes the answer that another process writes.
func (r *room) follow(t *running, from session.Position) {
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
	if r.neverRead() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.running = nil
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

// neverRead reports whether nobody has looked at the session: then there is nothing to be
// brought up to date.
func (r *room) neverRead() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.size < 0 && len(r.turns) == 0 && !r.shown.Load()
}

func titleOf(s *session.Session) string {
	if s.Title != "" {
		return s.Title
	}
	for _, m := range s.Messages {
		if m.Role == chat.User {
			return session.TitleFromPrompt(m.Text)
		}
	}
	return ""
}

// viewer is somebody who watches a session: how far it has been told.
type viewer struct {
	room  *room
	html  bool
	at    position
	known bool   // at is a position in the session; else the last turn is told whole
	told  bool   // the turn at at was announced, or the client knew it
	final int    // blocks of the answer that the client has and that are final
	title string // as it was told

	typing   time.Time // until when; zero: not at all
	presence [2]int    // as it was told: viewers, others that type
}

// event is something that a client is told.
type event struct {
	name string
	id   string // a position, or empty
	data any
}

// watchFrom adds a viewer, who leaves before the room is let go of. after is what the client
// has: a position, or empty for the last
// turn from its start.
func (r *room) watchFrom(after string, given, html bool) (*viewer, *apiError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.viewers) >= maxViewers {
		return nil, errTooMany
	}
	r.shown.Store(true)
	if !r.watched {
		r.watched = true
		go r.watch()
	}
	v := &viewer{room: r, html: html, title: r.title}
	if !given {
		v.at = r.lastStart()
		v.known = true
	} else if p, ok := parsePosition(after); ok && r.has(p) {
		v.at, v.known, v.told = p, true, p.Turn != ""
	}
	r.viewers[v] = true
	r.change()
	return v, nil
}

func (v *viewer) leave() {
	v.room.mu.Lock()
	defer v.room.mu.Unlock()
	delete(v.room.viewers, v)
	v.room.change()
}

// count returns how many turns there are, and turn returns one of them. The one that runs is
// the last. The room is locked.
func (r *room) count() int {
	if r.running != nil {
		return len(r.turns) + 1
	}
	return len(r.turns)
}

func (r *room) turn(i int) *turnView {
	if i == len(r.turns) {
		return &r.running.view
	}
	return &r.turns[i]
}

// find returns the index of a turn, which is nearly always one of the last, or -1.
func (r *room) find(id string) int {
	i := r.count() - 1
	for i >= 0 && r.turn(i).Turn != id {
		i--
	}
	return i
}

// lastStart returns the position before the last turn.
func (r *room) lastStart() position {
	if n := r.count(); n > 0 {
		return startOf(r.turn(n - 1).Turn)
	}
	return position{}
}

// runs reports whether a turn is the one that runs.
func (r *room) runs(t *turnView) bool { return r.running != nil && t == &r.running.view }

// texts returns what there is of an answer.
func (r *room) texts(t *turnView) (text, reasoning, refusal string) {
	switch {
	case r.runs(t):
		reasoning, text, refusal = r.running.answer.Texts()
		return text, reasoning, refusal
	case t.Answer != nil:
		return t.Answer.Text, t.Answer.Reasoning, t.Answer.Refusal
	}
	return "", "", ""
}

// has reports whether a position is one of the session: a turn that there is, and no more
// of its answer than has come, in whole characters.
func (r *room) has(p position) bool {
	if p.Turn == "" {
		return true
	}
	i := r.find(p.Turn)
	if i < 0 {
		return false
	}
	t := r.turn(i)
	if p.end {
		return !r.runs(t)
	}
	text, reasoning, refusal := r.texts(t)
	return isIn(text, p.Text) && isIn(reasoning, p.Reasoning) && isIn(refusal, p.Refusal)
}

func isIn(text string, n int) bool {
	return n == len(text) || n < len(text) && text[n]&0xc0 != 0x80
}

// next returns what the client is to be told now, and a channel that is closed when there
// is more.
func (v *viewer) next() ([]event, <-chan struct{}) {
	r := v.room
	r.mu.Lock()
	defer r.mu.Unlock()
	var events []event
	if r.gone {
		return []event{{"gone", "", struct{}{}}}, r.changed
	}
	at := r.find(v.at.Turn)
	if !v.known || v.at.Turn != "" && at < 0 {
		v.at, v.known, v.told, v.final = r.lastStart(), true, false, 0
		if at = r.find(v.at.Turn); at >= 0 {
			events = append(events, event{"reset", "", map[string]string{"turn": v.at.Turn}})
		}
	}
	for i := max(at, 0); i < r.count(); i++ {
		t := r.turn(i)
		if t.Turn != v.at.Turn {
			v.at, v.told, v.final = startOf(t.Turn), false, 0
		}
		events = append(events, v.turn(t)...)
	}
	if v.title != r.title {
		v.title = r.title
		events = append(events, event{"title", "", map[string]string{"title": r.title}})
	}
	return append(events, v.presenceEvent()...), r.changed
}

// turn returns what is new of one turn.
func (v *viewer) turn(t *turnView) (events []event) {
	r := v.room
	if v.at.end {
		return nil
	}
	if !v.told {
		v.told = true
		events = append(events, event{"turn", startOf(t.Turn).String(), turnEvent{turnView: *t}})
	}
	runs := r.runs(t)
	if d := v.delta(t, runs); d != nil {
		events = append(events, event{"delta", v.at.String(), d})
	}
	if runs {
		return events
	}
	v.at = endOf(t.Turn)
	end := endView{Turn: t.Turn, State: failed}
	if a := t.Answer; a != nil {
		end = endView{t.Turn, a.State, a.Why, a.FinishReason, a.Usage, a.ToolCalls}
	}
	return append(events, event{"end", v.at.String(), end})
}

// endView is how a turn ended, as the API has it.
type endView struct {
	Turn         string  `json:"turn"`
	State        string  `json:"state"`
	Why          *string `json:"why"`
	FinishReason *string `json:"finish_reason"`
	Usage        any     `json:"usage"`
	ToolCalls    any     `json:"tool_calls"`
}

// deltaView is more of an answer, as the API has it.
type deltaView struct {
	Turn      string     `json:"turn"`
	Text      string     `json:"text,omitempty"`
	Reasoning string     `json:"reasoning,omitempty"`
	Refusal   string     `json:"refusal,omitempty"`
	HTML      *htmlDelta `json:"html,omitempty"`
}

type htmlDelta struct {
	From   int      `json:"from"`
	Blocks []string `json:"blocks"`
}

// delta returns what the client lacks of an answer, or nil.
func (v *viewer) delta(t *turnView, runs bool) *deltaView {
	r := v.room
	text, reasoning, refusal := r.texts(t)
	d := &deltaView{
		Turn: t.Turn, Text: text[min(v.at.Text, len(text)):],
		Reasoning: reasoning[min(v.at.Reasoning, len(reasoning)):], Refusal: refusal[min(v.at.Refusal, len(refusal)):],
	}
	if v.html && text != "" {
		d.HTML = v.blocks(t, text, runs)
	}
	if d.Text == "" && d.Reasoning == "" && d.Refusal == "" && (runs || d.HTML == nil) {
		return nil
	}
	v.at.Text, v.at.Reasoning, v.at.Refusal = len(text), len(reasoning), len(refusal)
	return d
}

// blocks returns the blocks of HTML that the client lacks, or nil.
func (v *viewer) blocks(t *turnView, text string, runs bool) *htmlDelta {
	r := v.room
	isLast := func() bool {
		if r.last == nil || r.last.view.Turn != t.Turn {
			return false
		}
		_, came, _ := r.last.answer.Texts()
		return came == text
	}
	switch last := r.last; {
	case runs:
		html := r.running.render(false)
		from := v.final
		v.final = len(html.Final())
		blocks := append([]string{}, html.Final()[from:]...) // never null
		if open := html.Open(); open != "" {
			blocks = append(blocks, open)
		}
		return &htmlDelta{from, blocks}
	case isLast():
		final := last.render(true).Final()
		from := min(v.final, last.changed, len(final))
		return &htmlDelta{from, append([]string{}, final[from:]...)}
	}
	return &htmlDelta{0, htmlOf(text)}
}

// presenceEvent returns an event if the number of viewers, or that of others who type, has
// changed.
func (v *viewer) presenceEvent() []event {
	r := v.room
	typing := 0
	for other := range r.viewers {
		if other != v && !other.typing.IsZero() {
			typing++
		}
	}
	presence := [2]int{len(r.viewers), typing}
	if presence == v.presence {
		return nil
	}
	v.presence = presence
	return []event{{"presence", "", map[string]int{"viewers": presence[0], "typing": presence[1]}}}
}
