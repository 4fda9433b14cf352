package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"oax/internal/session/disk"
	"oax/internal/session/history"
	"oax/internal/session/journal"
	"oax/internal/session/record"
)

// How a whole session is read.

// Load reads a session: every record that is whole, whatever else is in the file,
// and the answer in its journal, if there is one. It moves an unfinished record at the
// end out of the file. The error is a FileError or that of reading the file;
// Session.Notes says what else is wrong.
func (st *Store) Load(e Entry) (*Session, error) {
	// The journal comes first: a turn that ends in between is then in the file.
	left, open := st.peek(e)
	c, err := record.Read(e.Path)
	if err != nil {
		return nil, err
	}
	s := newSession(&c, e)
	s.Notes = append(s.Notes, st.notesOf(e.ID)...)
	if c.Torn >= 0 && !open {
		s.Notes = append(s.Notes, st.cutTorn(e, s.version, c.Size-c.Torn)...)
	}
	s.Open = open
	running := ""
	if open {
		running = left.Head.Turn
	}
	s.Messages = history.AddUnrecorded(s.Messages, running)
	if left.Head.IsOf(e.Path) {
		s.addJournal(&left, slices.ContainsFunc(c.Records, left.Head.EndedBy))
	}
	return s, nil
}

// LoadLast reads the last turns of a session, at least so many, without reading what is before
// them. The first turn that it returns may lack what is before its last prompt, and the title is
// missing. ok is false if the end of the file alone does not tell what Load would: if the session
// is shorter, is being added to or was left so, is damaged there, or has turns without IDs.
func (st *Store) LoadLast(e Entry, turns int) (s *Session, ok bool) {
	if disk.IsFree(st.journalPath(e)) != nil {
		return nil, false
	}
	f, err := disk.Open(e.Path)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	size, ended, err := disk.End(f)
	c := record.Contents{Torn: -1}
	if c.Header, _ = record.ReadHeader(f); err != nil || !ended || c.Header.Kind == "" {
		return nil, false
	}
	found := map[string]bool{} // turns that have a prompt
	for lines := (&record.Backward{File: f, At: size}); len(found) <= turns; {
		l, _ := lines.Next()
		line, err := l.Whole(f)
		r, ok := record.Decode(line)
		if err != nil || !ok || r.Kind == record.KindSession || r.IsMessage() && r.Turn == "" {
			return nil, false
		}
		if c.Records = append(c.Records, r); r.IsPrompt() {
			found[r.Turn] = true
		}
	}
	slices.Reverse(c.Records)
	s = newSession(&c, e)
	s.Title, s.Messages = "", history.AddUnrecorded(s.Messages, "")
	return s, true
}

// addJournal adds what is in the journal of a session, unless its turn has ended.
func (s *Session) addJournal(left *journal.Contents, ended bool) {
	s.between = s.Open && ended
	if left.Head.Kind == "" || ended {
		return
	}
	m := left.Answer
	if s.Open {
		m.State, m.Why = "", "" // how it ends is not known
		s.running = m
	}
	if !left.Empty() {
		s.Messages, s.live = append(s.Messages, m), s.Open
	}
}

// peek reads the journal of a session and reports whether its writer lives.
func (st *Store) peek(e Entry) (left journal.Contents, open bool) {
	l, err := journal.HoldDead(st.journalPath(e))
	if err == nil {
		defer l.Release()
	}
	if errors.Is(err, disk.ErrRemoved) {
		return journal.Contents{Lost: -1}, false
	}
	left, _ = journal.Read(st.journalPath(e))
	return left, errors.Is(err, disk.ErrLocked)
}

// cutTorn cuts an unfinished record of n bytes off, if that is possible.
func (st *Store) cutTorn(e Entry, version int, n int64) []string {
	if version <= record.FormatVersion {
		note, err := st.mend(e)
		if err == nil {
			return note
		}
	}
	return []string{fmt.Sprintf("ends in an unfinished record of %d bytes (left as is)", n)}
}

// newSession returns what the records of a file make.
func newSession(c *record.Contents, e Entry) *Session {
	s := &Session{
		ID: e.ID, Path: e.Path,
		Time: c.Header.Time, ForkOf: c.Header.ForkOf, version: c.Header.Version,
		Title: record.TitleFrom(c.Records), Damaged: c.Header.Kind == "", Notes: record.DamageNotes(c.Damaged),
		Imported: len(c.Header.Origin) > 0,
	}
	s.Messages = slices.Grow(s.Messages, len(c.Records)) // they are large
	for _, r := range c.Records {
		if r.IsMessage() {
			s.Messages = append(s.Messages, r.Message)
		}
	}
	if s.Damaged {
		s.Notes = append(s.Notes, "the file has no header; it is damaged (kept as is)")
	}
	return s
}

// maxExcerpt is how much of a long session an Excerpt is made of, in bytes.
const maxExcerpt = 512 << 10

// Excerpt reads the messages of a session; of a very long one only some: the first,
// or those around the first occurrence of one of the words, ignoring case. Of a single
// very long message it returns the beginning. The error is that of Load.
func (st *Store) Excerpt(e Entry, words ...string) ([]record.Message, error) {
	info, err := os.Lstat(e.Path)
	if err != nil || info.Size() <= maxExcerpt {
		s, err := st.Load(e)
		if err != nil {
			return nil, err
		}
		return s.Messages, nil
	}
	f, err := disk.Open(e.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const maxSearched = 64 << 20 // bytes
	data, err := io.ReadAll(io.LimitReader(f, maxSearched))
	if err != nil {
		return nil, err
	}
	data = excerpt(data, words)
	c := record.Parse(data)
	s := newSession(&c, e)
	if line, _, _ := bytes.Cut(data, []byte("\n")); len(s.Messages) == 0 {
		m := record.Message{}
		m.Role, m.Text = record.LineRole(line), record.TextStart(line, record.MaxOpening)
		s.Messages = []record.Message{m}
	}
	return s.Messages, nil
}

// excerpt returns lines from shortly before the one that has a word in it.
func excerpt(data []byte, words []string) []byte {
	at, lower := 0, data
	if len(words) > 0 {
		lower = bytes.ToLower(data)
	}
	for i := 0; i < len(words) && at <= 0; i++ {
		at = bytes.Index(lower, []byte(strings.ToLower(words[i])))
	}
	at = min(max(at, 0), len(data)) // lower case can be longer
	line := bytes.LastIndexByte(data[:at], '\n') + 1
	start := max(line-maxExcerpt/4, 0)
	if next := bytes.IndexByte(data[start:line], '\n'); start > 0 {
		start += next + 1
	}
	return data[start:min(start+maxExcerpt, len(data))]
}
