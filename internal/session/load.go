package session

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"oax/internal/chat"
)

// How a whole session is read.

// Load reads a session: every record that is whole, whatever else is in the file,
// and the answer in its journal, if there is one. It moves an unfinished record at the
// end out of the file. The error is a FileError or that of reading the file;
// Session.Notes says what else is wrong.
func (st *Store) Load(e Entry) (*Session, error) {
	// The journal comes first: a turn that ends in between is then in the file.
	left, open := st.peek(e)
	data, err := readFile(e.Path)
	if err != nil {
		return nil, err
	}
	c := parseFile(data)
	s := c.session(e)
	if c.torn >= 0 && !open {
		s.Notes = append(s.Notes, st.cutTorn(e, s.version, int64(len(data))-c.torn)...)
	}
	s.Open = open
	if left.Kind != "" && !left.empty() && !c.answers(&left) {
		s.Messages = append(s.Messages, left.answer)
		s.live = open
	}
	return s, nil
}

// peek reads the journal of a session and reports whether its writer lives.
func (st *Store) peek(e Entry) (left journal, open bool) {
	path := st.journalPath(e)
	l, err := st.lockDead(path)
	if err == nil {
		defer l.release()
	}
	if errors.Is(err, errRemoved) {
		return journal{}, false
	}
	left, _ = readJournal(path)
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
}

// parseFile reads any bytes. Each line that is a record counts, whatever is
// around it, and so does a last one that only lacks its newline.
func parseFile(data []byte) contents {
	c := contents{torn: -1}
	at, number := int64(0), 0
	for line := range bytes.Lines(data) {
		number++
		c.add(line, at, number)
		at += int64(len(line))
	}
	return c
}

func (c *contents) add(line []byte, at int64, number int) {
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
	case !ok && !ended:
		c.torn = at
	case !ended && len(body) < len(line):
		c.torn = at + int64(len(body))
	case !ok && len(bytes.TrimSpace(body)) > 0:
		c.damaged = append(c.damaged, number)
	}
}

// session returns what the records of a file make.
func (c *contents) session(e Entry) *Session {
	s := &Session{
		ID: e.ID, Path: e.Path,
		Time: c.header.Time, ForkOf: c.header.ForkOf, version: c.header.Version,
		Title: titleFrom(c.records), Damaged: c.header.Kind == "", Notes: DamageNotes(c.damaged),
	}
	for _, r := range c.records {
		if r.Kind == kindMessage || r.Kind == kindError {
			s.Messages = append(s.Messages, r.message())
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

// answers reports whether the turn of a journal has ended: there is an answer from the
// offset on where it belongs, or one that was recovered, which has the time of the
// journal.
func (c *contents) answers(left *journal) bool {
	for _, r := range c.records {
		if (r.at >= left.At || r.Time.Equal(left.Time)) && r.isEnd() {
			return true
		}
	}
	return false
}

// endsInPrompt reports whether the last message is a prompt.
func (c *contents) endsInPrompt() bool {
	for i := len(c.records) - 1; i >= 0; i-- {
		switch r := c.records[i]; r.Kind {
		case kindMessage:
			return r.Role == chat.User
		case kindError:
			return false
		}
	}
	return false
}

// endsWith reports whether the last record is an answer that begins with the texts of m.
func (c *contents) endsWith(m chat.Message) bool {
	if len(c.records) == 0 {
		return false
	}
	last := c.records[len(c.records)-1]
	return strings.HasPrefix(last.Text, m.Text) && strings.HasPrefix(last.Reasoning, m.Reasoning) && strings.HasPrefix(last.Refusal, m.Refusal)
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
	data, err := readFile(e.Path)
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
