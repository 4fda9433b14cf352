package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// How a whole session is read.

// Load reads a session: every record that is whole, whatever else is in the file,
// and the answer in its journal, if there is one. It moves an unfinished record at the
// end out of the file. The error is a FileError or that of reading the file;
// Session.Notes says what else is wrong.
func (st *Store) Load(e Entry) (*Session, error) {
	// The journal comes first: a turn that ends in between is then in the file.
	left, open := st.peek(e)
	c, err := contentsOf(e.Path)
	if err != nil {
		return nil, err
	}
	s := c.session(e)
	s.Notes = append(s.Notes, st.notesOf(e.ID)...)
	if c.torn >= 0 && !open {
		s.Notes = append(s.Notes, st.cutTorn(e, s.version, c.size-c.torn)...)
	}
	s.Open = open
	running := ""
	if open {
		running = left.head.Turn
	}
	s.Messages = addUnrecorded(s.Messages, running)
	if left.head.isOf(e) {
		s.addJournal(&left, slices.ContainsFunc(c.records, left.head.endedBy))
	}
	return s, nil
}

// LoadLast reads the last turns of a session, at least so many, without reading what is before
// them. The first turn that it returns may lack what is before its last prompt, and the title is
// missing. ok is false if the end of the file alone does not tell what Load would: if the session
// is shorter, is being added to or was left so, is damaged there, or has turns without IDs.
func (st *Store) LoadLast(e Entry, turns int) (s *Session, ok bool) {
	if isFree(st.journalPath(e)) != nil {
		return nil, false
	}
	f, err := OpenFile(e.Path)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	size, ended, err := fileEnd(f)
	c := contents{torn: -1}
	if c.header, _ = readHeader(f); err != nil || !ended || c.header.Kind == "" {
		return nil, false
	}
	found := map[string]bool{} // turns that have a prompt
	for lines := (&backward{file: f, at: size}); len(found) <= turns; {
		l, _ := lines.next()
		line, err := l.whole(f)
		r, ok := decodeRecord(line)
		if err != nil || !ok || r.Kind == kindSession || r.isMessage() && r.Turn == "" {
			return nil, false
		}
		if c.records = append(c.records, r); r.isPrompt() {
			found[r.Turn] = true
		}
	}
	slices.Reverse(c.records)
	s = c.session(e)
	s.Title, s.Messages = "", addUnrecorded(s.Messages, "")
	return s, true
}

// addJournal adds what is in the journal of a session, unless its turn has ended.
func (s *Session) addJournal(left *journal, ended bool) {
	s.between = s.Open && ended
	if left.head.Kind == "" || ended {
		return
	}
	m := left.answer
	if s.Open {
		m.State, m.Why = "", "" // how it ends is not known
		s.running = m
	}
	if !left.empty() {
		s.Messages, s.live = append(s.Messages, m), s.Open
	}
}

// peek reads the journal of a session and reports whether its writer lives.
func (st *Store) peek(e Entry) (left journal, open bool) {
	l, err := st.lockDead(e, shared)
	if err == nil {
		defer l.release()
	}
	if errors.Is(err, errRemoved) {
		return journal{lost: -1}, false
	}
	left, _ = readJournal(st.journalPath(e))
	return left, errors.Is(err, errLocked)
}

// cutTorn cuts an unfinished record of n bytes off, if that is possible.
func (st *Store) cutTorn(e Entry, version int, n int64) []string {
	if version <= formatVersion {
		note, err := st.mend(e)
		if err == nil {
			return note
		}
	}
	return []string{fmt.Sprintf("ends in an unfinished record of %d bytes (left as is)", n)}
}

// contents is what the bytes of a session file say.
type contents struct {
	header  record // the zero record if there is none
	records []record
	damaged []int // the lines, from 1, that are not records
	torn    int64 // where a write was cut: from here on nothing is a record; -1 if nowhere
	lines   int
	size    int64
}

// contentsOf reads any file. Each line that is a record counts, whatever is around it, and
// so does a last one that only lacks its line end.
func contentsOf(path string) (contents, error) {
	c := contents{torn: -1}
	f, err := OpenFile(path)
	if err != nil {
		return c, err
	}
	defer f.Close()
	whole, err := wholeOf(f)
	if err == nil {
		err = EachWhole(whole, c.add)
	}
	return c, err
}

// parseFile is contentsOf for the bytes of a file.
func parseFile(data []byte) contents {
	c := contents{torn: -1}
	_ = EachWhole(sectionOf(data), c.add) // memory can be read
	return c
}

// add takes the next line, which is nil if it is too long to be read. It never fails.
func (c *contents) add(line []byte, size int64) error {
	at := c.size
	c.size += size
	c.lines++
	body, ended := bytes.CutSuffix(line, []byte("\n"))
	if !ended {
		body = bytes.TrimRight(line, "\x00") // power loss can leave these at the end
	}
	r, ok := decodeRecord(body)
	r.at = at
	if ok && r.Kind == kindSession && c.header.Kind == "" {
		c.header = r
	} else if ok {
		c.records = append(c.records, r)
	}
	switch {
	case line == nil || !ok && ended && len(bytes.TrimSpace(body)) > 0:
		c.damaged = append(c.damaged, c.lines)
	case !ok && !ended:
		c.torn = at
	case !ended && len(body) < len(line):
		c.torn = at + int64(len(body))
	}
	return nil
}

// session returns what the records of a file make.
func (c *contents) session(e Entry) *Session {
	s := &Session{
		ID: e.ID, Path: e.Path,
		Time: c.header.Time, ForkOf: c.header.ForkOf, version: c.header.Version,
		Title: titleFrom(c.records), Damaged: c.header.Kind == "", Notes: DamageNotes(c.damaged),
		Imported: len(c.header.Origin) > 0,
	}
	s.Messages = slices.Grow(s.Messages, len(c.records)) // they are large
	for _, r := range c.records {
		if r.isMessage() {
			s.Messages = append(s.Messages, r.Message)
		}
	}
	if s.Damaged {
		s.Notes = append(s.Notes, "the file has no header; it is damaged (kept as is)")
	}
	return s
}

// DamageNotes says which lines of a file, counted from 1, are not records.
func DamageNotes(lines []int) []string {
	switch len(lines) {
	case 0:
		return nil
	case 1:
		return []string{fmt.Sprintf("record %d is damaged (kept as is)", lines[0])}
	}
	return []string{fmt.Sprintf("%d records are damaged (kept as is), the first is record %d", len(lines), lines[0])}
}

// maxExcerpt is how much of a long session an Excerpt is made of, in bytes.
const maxExcerpt = 512 << 10

// Excerpt reads the messages of a session; of a very long one only some: the first,
// or those around the first occurrence of one of the words, ignoring case. Of a single
// very long message it returns the beginning. The error is that of Load.
func (st *Store) Excerpt(e Entry, words ...string) ([]Message, error) {
	info, err := os.Lstat(e.Path)
	if err != nil || info.Size() <= maxExcerpt {
		s, err := st.Load(e)
		if err != nil {
			return nil, err
		}
		return s.Messages, nil
	}
	f, err := OpenFile(e.Path)
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
	c := parseFile(data)
	s := c.session(e)
	if line, _, _ := bytes.Cut(data, []byte("\n")); len(s.Messages) == 0 {
		m := Message{}
		m.Role, m.Text = LineRole(line), textStart(line, maxOpening)
		s.Messages = []Message{m}
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
