package recording

import (
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
)

// Which session does a request belong to? Programs repeat the whole chat with every
// request. The index knows, for each answer in a session, the hash of all that was said up
// to its end; the longest known beginning of a request's messages leads to the session.

// maxIndexed is how many sessions the index reads when the server starts, those used last.
const maxIndexed = 2000

// maxResponseID is how long an ID of a response may be, in bytes.
const maxResponseID = 256

// place is the end of an answer in a session.
type place struct {
	entry session.Entry
	turns int // up to here, with those that were asked again
	used  time.Time
}

// Index finds sessions by what was said in them. It may be used by any number of goroutines.
type Index struct {
	store *session.Store
	now   func() time.Time

	beginning sync.Mutex // held while it is decided which session a request belongs to

	mu        sync.Mutex
	places    map[digest]place  // by all that was said up to the end of an answer
	failed    map[digest]place  // by all that was said up to a prompt without an answer
	responses map[string]digest // of all that was said up to the end of a response, by its ID
	names     map[string]session.Entry
	keys      map[string]Key         // by the hash of an Idempotency-Key
	read      map[string]os.FileInfo // by session ID: the file as it was read
	refreshed time.Time              // when the last refresh began

	refreshing sync.Mutex // held by Refresh, from before mu
	seen       time.Time  // sessions used before that are in the index; guarded by refreshing
}

// NewIndex returns an index in which there is nothing yet; Refresh reads the store.
func NewIndex(store *session.Store, now func() time.Time) *Index {
	return &Index{store: store, now: now, places: map[digest]place{}, failed: map[digest]place{}, responses: map[string]digest{}, names: map[string]session.Entry{}, keys: map[string]Key{}, read: map[string]os.FileInfo{}}
}

// Take takes in a session that was read elsewhere, as its file was before.
func (x *Index) Take(s *session.Session, file os.FileInfo) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.isRead(s.Entry(), file) {
		x.add(s)
		x.read[s.ID] = file
	}
}

// Refresh takes in what was said since the last time, by whomever. While it reads sessions,
// the index can be used as it was. Of calls that wait for one another one reads for all.
func (x *Index) Refresh() {
	asked := x.now()
	x.refreshing.Lock()
	defer x.refreshing.Unlock()
	if x.isFresh(asked) {
		return
	}
	began := x.now()
	n := 0
	for e, err := range x.store.List(session.Filter{Since: x.seen}) {
		if err != nil {
			continue
		}
		if n++; n > maxIndexed {
			break
		}
		info, err := os.Stat(e.Path)
		if err != nil {
			continue
		}
		x.mu.Lock()
		known := x.isRead(e, info)
		x.mu.Unlock()
		if known {
			continue
		}
		if s, err := x.store.Load(e); err == nil {
			x.Take(s, info)
		}
	}
	x.seen = began.Add(-2 * time.Second) // times in file names have whole seconds
	x.mu.Lock()
	defer x.mu.Unlock()
	x.refreshed = began
}

// isRead reports whether a session is in the index as its file is now.
func (x *Index) isRead(e session.Entry, now os.FileInfo) bool {
	then := x.read[e.ID]
	return then != nil && then.Size() == now.Size() && then.ModTime().Equal(now.ModTime())
}

// add takes in a session.
func (x *Index) add(s *session.Session) {
	d := digest{}
	turns := spokenOf(s)
	for i, t := range turns {
		if s.Open && t.answer == nil && i == len(turns)-1 {
			break // it is being answered
		}
		for _, m := range t.messages {
			d = d.with(m)
		}
		d = x.put(d, place{s.Entry(), i, t.time}, t.answer)
	}
	for _, m := range s.Messages {
		if m.From.Name != "" {
			x.names[m.From.Name] = s.Entry()
		}
		if sum, content, ok := strings.Cut(m.From.Key, ":"); ok {
			x.keys[sum] = Key{content, s.ID, m.Turn, m.Time}
		}
	}
}

// put takes in a turn: what was said up to the end of its prompt, the place before it, and
// its answer, or nil if there is none. It returns what was said up to the end of the turn.
func (x *Index) put(prompt digest, p place, answer *chat.Message) digest {
	if answer == nil {
		x.failed[prompt] = p
		return prompt
	}
	if x.failed[prompt].entry.ID == p.entry.ID {
		delete(x.failed, prompt)
	}
	p.turns++
	end := prompt.with(*answer)
	if old, ok := x.places[end]; !ok || old.entry.ID == p.entry.ID || old.used.Before(p.used) {
		x.places[end] = p
	}
	return end
}

// said takes in a turn that was recorded, without reading the session again. answer is nil
// if there is none. response is the answer's ID, if its API has one: a later request may name
// this ID instead of repeating the history. Session files do not hold the ID, so it is
// forgotten when the server stops.
func (x *Index) said(m match, e session.Entry, answer *chat.Message, response string) {
	x.written(m, e)
	x.mu.Lock()
	defer x.mu.Unlock()
	history := x.put(m.history, place{e, m.turns, x.now()}, answer)
	if answer != nil && response != "" && len(response) <= maxResponseID {
		x.responses[response] = history
	}
	if m.name != "" {
		x.names[m.name] = e
	}
}

// written says that the file of a session, of which all is in the index, has a turn more, or
// its prompt, and need not be read for that.
func (x *Index) written(m match, e session.Entry) {
	info, err := os.Stat(e.Path)
	x.mu.Lock()
	defer x.mu.Unlock()
	if err == nil && m.indexed && (m.session == nil || m.session.ID == e.ID) {
		x.read[e.ID] = info
	}
}

// Key is what a request with an Idempotency-Key led to.
type Key struct {
	Content       string // a hash of the request
	Session, Turn string // their IDs
	Time          time.Time
}

// keyAge is how long a key is known.
const keyAge = 24 * time.Hour

// Key returns what the request with a key, of which sum is the hash, led to within the last day.
func (x *Index) Key(sum string) (Key, bool) {
	x.Refresh()
	x.mu.Lock()
	defer x.mu.Unlock()
	k, ok := x.keys[sum]
	return k, ok && x.now().Sub(k.Time) < keyAge
}

// SetKey keeps what the request with a key led to.
func (x *Index) SetKey(sum string, k Key) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.keys[sum] = k
}

// match is where a request's messages go on.
type match struct {
	session *session.Session // nil: a new one
	turns   int              // the spoken turns that the messages begin with
	fresh   []chat.Message   // what follows them
	leading int              // how many of those are system messages that the request begins with
	retry   bool             // they are the last prompt again

	name    string // what the request's headers call the session
	history digest // of all its messages
	indexed bool   // the index has all that is in the session; also of a new one
}

// refreshEvery is how often the index looks for what other processes say while it knows the
// histories that it is asked for. What is said here is in it at once.
const refreshEvery = time.Second

// IsFresh reports whether Begin need not read the store within the next half second.
func (x *Index) IsFresh() bool { return x.isFresh(x.now().Add(-refreshEvery / 2)) }

// isFresh reports whether the last refresh of the index began after a time.
func (x *Index) isFresh(at time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.refreshed.After(at)
}

// knows reports whether the index need not be refreshed for a history, or a session with a
// name.
func (x *Index) knows(name string, history digest, answered bool) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	_, known := x.places[history]
	_, named := x.names[name]
	return (known || !answered) && (named || name == "") && x.now().Sub(x.refreshed) < refreshEvery
}

// before returns the digest of what was said up to the end of a response. Without a response,
// or with one that is not known, the digest is that of no session.
func (x *Index) before(response string) (d digest) {
	if response == "" {
		return d
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if d, known := x.responses[response]; known {
		return d
	}
	return d.with(chat.Message{Text: response})
}

// find returns where a request goes on.
func (x *Index) find(q Request) match {
	system, said := splitSystem(q.Messages)
	digests := make([]digest, len(said)+1)
	answered := 0 // the messages up to the last answer
	digests[0] = x.before(q.previous)
	for i, m := range said {
		digests[i+1] = digests[i].with(m)
		if m.Role == chat.Assistant {
			answered = i + 1
		}
	}
	if !x.knows(q.name, digests[answered], answered > 0) {
		x.Refresh()
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	entry, named := x.named(q.name)
	m := match{fresh: q.Messages, leading: len(system), name: q.name, history: digests[len(said)]}
	best := 0
	var at place // the start of the session, unless a beginning is known
	for n := len(said); n >= 0; n-- {
		if p, ok := x.places[digests[n]]; ok && (!named || p.entry.ID == entry.ID) {
			entry, best, at = p.entry, n, p
			break
		}
	}
	again, isAgain := x.failed[digests[len(said)]]
	if isAgain = isAgain && entry.ID == ""; isAgain {
		entry, at = again.entry, again
	}
	if entry.ID == "" {
		m.indexed = true
		return m
	}
	info, err := os.Stat(entry.Path)
	if err != nil {
		return m
	}
	s, err := x.store.Load(entry)
	if err != nil {
		return m
	}
	if q.helper && !named && !slices.Equal(system, systemOf(s)) {
		m.indexed = true
		return m // what is asked about a chat is no part of it
	}
	turns := spokenOf(s)
	if isAgain && (s.Open || len(turns) != at.turns+1 || turns[at.turns].answer != nil) {
		return m
	}
	m.session, m.turns, m.fresh, m.leading, m.indexed = s, at.turns, said[best:], 0, x.isRead(entry, info)
	if isAgain {
		m.retry = true
		return m
	}
	if rest := turns[min(m.turns, len(turns)):]; len(rest) == 1 {
		m.retry = len(rest[0].messages) == len(m.fresh) && digestOf(rest[0].messages) == digestOf(m.fresh)
	}
	if !slices.Equal(system, systemOf(s)) && !m.retry {
		m.fresh, m.leading = withSystem(system, m.fresh), len(system)
	}
	return m
}

// named returns the session that headers call so: by a name of theirs, or by its ID.
func (x *Index) named(name string) (e session.Entry, ok bool) {
	if e, ok = x.names[name]; ok || name == "" {
		return e, ok
	}
	if e, err := x.store.Find(name); err == nil && e.ID == name {
		return e, true
	}
	return session.Entry{}, false
}
