package session

import (
	"fmt"
	"path/filepath"
	"time"
)

// Origin says which chat of which program a session was brought in from. Hash is
// that of its messages as they came. Only the header holds it.
type Origin struct {
	Source string `json:"source"`
	ID     string `json:"id"`
	Hash   string `json:"hash"`
}

// Import is a whole chat from elsewhere. ID is what Source calls it, the same each
// time. Time is when it began. A message without a time is of the one before it.
type Import struct {
	Source, ID string
	Title      string // empty to have it made of the first prompt
	Time       time.Time
	ForkOf     *Fork
	Messages   []Message
}

// Outcome says what became of an Import.
type Outcome string

// The outcomes. A chat that grew in its source since it was brought in grows here
// too; if it went on differently here, it is added as a fork.
const (
	Added   Outcome = "added"
	Present Outcome = "present" // nothing in it is new
	Grown   Outcome = "grown"
	Forked  Outcome = "forked"
)

const (
	importVersions = 64  // chats that can go by one ID in their source
	importBatch    = 256 // sessions that are synced together
)

// Importer brings chats in. The name of a session is made of where it comes from, so
// that the same chat is found again; sessions appear whole, some at a time, by Flush.
type Importer struct {
	// DryRun has Add say what it would do, and do nothing.
	DryRun bool

	store   *Store
	known   map[string]string // where sessions are, by ID
	planned map[string]Origin // of a dry run, by ID
	pending []written
	changed map[string]bool // directories to sync
}

// written is a session that lies under a temporary name.
type written struct {
	Entry
	temp string
}

// Importer returns an Importer. It reads the names of all sessions. An error is that
// of a directory which cannot be read.
func (st *Store) Importer() (*Importer, error) {
	im := &Importer{store: st, known: map[string]string{}, planned: map[string]Origin{}, changed: map[string]bool{}}
	months, err := readNames(st.dir)
	if err != nil {
		return nil, err
	}
	for _, month := range months {
		if !isMonth(month) {
			continue
		}
		names, err := readNames(filepath.Join(st.dir, month))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if id := idOf(name); id != "" {
				im.known[id] = filepath.Join(st.dir, month, name)
			}
		}
	}
	return im, nil
}

// Add brings a chat in, unless it is there already. What it writes may not be found
// before Flush. The error is of the operating system, or a BusyError.
func (im *Importer) Add(c Import) (Entry, Outcome, error) {
	c.complete()
	if path, taken := im.known[c.ID]; taken && im.holds(Entry{c.ID, path}, c.Messages) {
		return Entry{c.ID, path}, Present, nil
	}
	origin := Origin{c.Source, c.ID, hashOf(c.Messages)}
	free, fork := "", (*Fork)(nil)
	for version := range importVersions {
		id := importID(c.Source, c.ID, version)
		path, taken := im.known[id]
		if !taken {
			if free == "" {
				free = id
			}
			continue
		}
		e := Entry{id, path}
		outcome, shared, err := im.compare(e, origin, c.Messages)
		if outcome != "" || err != nil {
			return e, outcome, err
		}
		if shared > 0 && fork == nil {
			fork = &Fork{id, shared}
		}
	}
	if free == "" {
		return Entry{}, "", fmt.Errorf("%d different chats go by the ID %s", importVersions, c.ID)
	}
	outcome := Added
	if fork != nil {
		c.ForkOf, outcome = fork, Forked
	}
	e := Entry{free, filepath.Join(im.store.dir, month(c.Time), stem(c.Time, free)+extension)}
	return e, outcome, im.write(e, origin, c)
}

// complete gives every message a time, and the chat one that a file name can have.
func (c *Import) complete() {
	c.Time = c.Time.UTC()
	last := c.Time
	for i := range c.Messages {
		if c.Messages[i].Time.IsZero() {
			c.Messages[i].Time = last
		}
		last = c.Messages[i].Time
	}
}
