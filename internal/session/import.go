package session

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// How chats of other programs become sessions.

// Origin says which chat of which program a session was imported from. Hash is
// that of its messages as they came. Only the header holds it.
type Origin struct {
	Source string `json:"source"`
	ID     string `json:"id"`
	Hash   string `json:"hash"`
}

// Import is a whole chat from elsewhere. ID is what Source calls it, the same each
// time. Time is when it began. A message without a time gets that of the one before it.
type Import struct {
	Source, ID string
	Title      string // empty to have it made of the first prompt
	Time       time.Time
	ForkOf     *record.Fork
	Messages   []record.Message
}

// Outcome says what became of an Import.
type Outcome string

// The outcomes. A chat that grew in its source since it was imported grows here
// too; if it went on differently here, it is added as a fork.
const (
	Added   Outcome = "added"
	Present Outcome = "present" // nothing in it is new
	Grown   Outcome = "grown"
	Forked  Outcome = "forked"
)

const (
	maxVersions = 64  // chats that can have one ID in their source
	importBatch = 256 // sessions that are synced together
)

// Importer imports chats. It makes the ID of a session from where the chat comes from, so
// that it finds the same chat again; sessions appear whole, several at a time, by Flush.
type Importer struct {
	// DryRun makes Add only say what it would do.
	DryRun bool

	store    *Store
	patience time.Duration     // with a session that another process has open
	known    map[string]string // paths of sessions, by ID
	planned  map[string]Origin // of a dry run, by ID
	pending  []pendingSession
	changed  map[string]bool // directories to sync
}

// pendingSession is a session that has a temporary name until Flush.
type pendingSession struct {
	Entry
	temp string
}

// Importer returns an Importer. It reads the names of all sessions, and leaves conflict
// copies for Merge. An error is that of a directory which cannot be read.
func (st *Store) Importer() (*Importer, error) {
	im := st.newImporter(journalPatience)
	months, err := st.months()
	for _, month := range months {
		dir := filepath.Join(st.dir, month)
		names, failed := disk.ReadNames(dir)
		err = errors.Join(err, failed)
		for e := range entriesOf(dir, names) {
			im.known[e.ID] = e.Path
		}
	}
	if err != nil {
		return nil, err
	}
	return im, nil
}

func (st *Store) newImporter(patience time.Duration) *Importer {
	return &Importer{store: st, patience: patience, known: map[string]string{}, planned: map[string]Origin{}, changed: map[string]bool{}}
}

// Add imports a chat, unless it is there already. What it writes may not be found
// before Flush. The error is of the operating system, or a BusyError.
func (im *Importer) Add(c Import) (Entry, Outcome, error) {
	c.complete()
	if path, taken := im.known[c.ID]; taken && im.holds(Entry{c.ID, path}, c.Messages) {
		return Entry{c.ID, path}, Present, nil
	}
	origin := Origin{c.Source, c.ID, hashOf(c.Messages)}
	free, fork := "", (*record.Fork)(nil)
	for version := range maxVersions {
		id := record.ImportID(c.Source, c.ID, version)
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
			fork = &record.Fork{ID: id, Turn: shared}
		}
	}
	if free == "" {
		return Entry{}, "", fmt.Errorf("%d different chats go by the ID %s", maxVersions, c.ID)
	}
	outcome := Added
	if fork != nil {
		c.ForkOf, outcome = fork, Forked
	}
	e := Entry{free, im.store.pathOf(c.Time, free)}
	return e, outcome, im.write(e, origin, c)
}

// complete gives every message a time, and makes that of the chat UTC.
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

// hashOf returns a hash of what was said, whenever that was.
func hashOf(messages []record.Message) string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, m := range messages {
		content := struct {
			Role                     chat.Role
			Text, Reasoning, Refusal string
			ToolCalls                []chat.ToolCall
		}{m.Role, m.Text, m.Reasoning, m.Refusal, m.ToolCalls}
		_ = enc.Encode(content) // a hash takes all that is written to it
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// compare compares a chat with a session. If the session is of the same chat, and one of
// the two begins as the other does, it adds to the session what it lacks. Otherwise it
// returns how many turns they share.
func (im *Importer) compare(e Entry, origin Origin, messages []record.Message) (Outcome, int, error) {
	if err := im.flushPending(e.ID); err != nil {
		return "", 0, err
	}
	found, planned := im.planned[e.ID]
	if !planned { // a file without a header has no origin
		_ = json.Unmarshal(record.HeaderOf(e.Path).Origin, &found)
	}
	if found.Source != origin.Source || found.ID != origin.ID {
		return "", 0, nil
	}
	if found.Hash == origin.Hash {
		return Present, 0, nil
	}
	if planned {
		return Grown, 0, nil
	}
	s, err := im.store.Load(e)
	if err != nil {
		return "", 0, err
	}
	same := sharedStart(messages, s.Messages)
	switch {
	case same == len(messages):
		return Present, 0, nil
	case same == len(s.Messages) && !s.ReadOnly():
		return Grown, 0, im.grow(e, messages[same:])
	}
	return "", wholeTurns(messages, same), nil
}

// flushPending makes a session appear if it is pending, so that it can be read.
func (im *Importer) flushPending(id string) error {
	if slices.ContainsFunc(im.pending, func(p pendingSession) bool { return p.ID == id }) {
		return im.Flush()
	}
	return nil
}

// holds reports whether a session, which may have begun here, has all of a chat.
func (im *Importer) holds(e Entry, messages []record.Message) bool {
	s, err := im.store.Load(e)
	return err == nil && sharedStart(messages, s.Messages) == len(messages)
}

// sharedStart returns with how many equal messages both begin.
func sharedStart(a, b []record.Message) int {
	n := 0
	for n < len(a) && n < len(b) && hashOf(a[n:n+1]) == hashOf(b[n:n+1]) {
		n++
	}
	return n
}

// wholeTurns returns how many turns end within the first n messages.
func wholeTurns(messages []record.Message, n int) int {
	turns := record.TurnsOf(messages[:n])
	if turns > 0 && n < len(messages) && messages[n].Role != chat.User {
		turns--
	}
	return turns
}

// grow adds messages to the end of a session that no other process has open.
func (im *Importer) grow(e Entry, messages []record.Message) error {
	if im.DryRun {
		return nil
	}
	l, _, err := im.store.lockRecovered(e, im.patience)
	if err != nil {
		return err
	}
	defer l.Discard()
	f, err := openSession(e, disk.ForAppend)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := record.EncodeMessages(im.store.now(), nil, messages...)
	if err != nil {
		return err
	}
	return errors.Join(im.store.appendTo(f, e.Path, data), f.Sync())
}

// write makes a session of a chat.
func (im *Importer) write(e Entry, origin Origin, c Import) error {
	header := record.NewHeader(e.ID, c.Time, c.ForkOf)
	var err error
	if header.Origin, err = json.Marshal(origin); err != nil {
		return err
	}
	records := []record.Record{header}
	if c.Title != "" {
		records = append(records, record.NewTitle(c.Time, c.Title))
	}
	data, err := record.EncodeMessages(c.Time, records, c.Messages...)
	if err != nil {
		return err
	}
	return im.stage(e, origin, data)
}

// stage puts a session on disk under a temporary name.
func (im *Importer) stage(e Entry, origin Origin, data []byte) error {
	im.known[e.ID] = e.Path
	if im.DryRun {
		im.planned[e.ID] = origin
		return nil
	}
	dir := filepath.Dir(e.Path)
	changed, err := disk.MakeDir(dir)
	if err != nil {
		return err
	}
	for _, name := range append(changed, dir) {
		im.changed[name] = true
	}
	p := pendingSession{e, filepath.Join(dir, tempPrefix+record.NewID(im.store.now()))}
	if err := writeTemp(p.temp, data); err != nil {
		return err
	}
	if im.pending = append(im.pending, p); len(im.pending) >= importBatch {
		return im.Flush()
	}
	return nil
}

// Flush makes what was added appear, once it is sure to outlast a power loss. After
// an error, which is of the operating system, what did not appear is lost.
func (im *Importer) Flush() error {
	var failed error
	for _, p := range im.pending {
		if failed == nil {
			failed = p.appear()
		}
		_ = os.Remove(p.temp)
	}
	im.pending = nil
	for dir := range im.changed {
		failed = errors.Join(failed, disk.SyncDir(dir))
	}
	clear(im.changed)
	return failed
}

// appear gives the session its name. A link replaces no file that has it.
func (p pendingSession) appear() error {
	if err := disk.SyncFile(p.temp); err != nil {
		return err
	}
	if os.Link(p.temp, p.Path) == nil {
		return nil
	}
	if _, err := os.Lstat(p.Path); err == nil { // another import was quicker
		return nil
	}
	return os.Rename(p.temp, p.Path) // the file system has no links
}
