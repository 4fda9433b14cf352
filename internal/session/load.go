package session

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"oax/internal/chat"
)

// Load reads a session: every record that is whole, whatever else is in the file,
// and the answer in its part, if there is one. An unfinished record at the end is
// moved out of the file. The error is a FileError or that of reading the file;
// Session.Notes says what else is wrong.
func (st *Store) Load(e Entry) (*Session, error) {
	// The part comes first: a turn that ends in between is then in the file.
	left, open := st.peek(e)
	data, err := readFile(e.Path)
	if err != nil {
		return nil, err
	}
	p := parse(data)
	s := p.session(e)
	if p.torn >= 0 && !open {
		s.Notes = append(s.Notes, st.mendTorn(e, s.version, int64(len(data))-p.torn)...)
	}
	s.Open = open
	if left.Kind != "" && !left.nothing() && !p.answered(&left) {
		s.Messages = append(s.Messages, left.answer)
		s.live = open
	}
	return s, nil
}

// peek reads the part of a session and reports whether its writer lives.
func (st *Store) peek(e Entry) (left part, open bool) {
	path := st.partPath(e)
	c, err := st.claimDead(path)
	if err == nil {
		defer c.release()
	}
	if errors.Is(err, errMoved) {
		return part{}, false
	}
	left, _ = readPart(path)
	return left, errors.Is(err, errHeld)
}

// mendTorn cuts an unfinished record of n bytes off, if that is possible.
func (st *Store) mendTorn(e Entry, version int, n int64) []string {
	if version <= formatVersion {
		note, err := st.mend(e)
		if err == nil {
			return note
		}
	}
	return []string{fmt.Sprintf("ends in an unfinished record of %d bytes (left as is)", n)}
}

func readFile(path string) ([]byte, error) {
	f, err := openFile(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f)
}

// session returns what the records of a file make.
func (p *parsed) session(e Entry) *Session {
	s := &Session{
		ID: e.ID, Path: e.Path,
		Time: p.header.Time, ForkOf: p.header.ForkOf, version: p.header.Version,
		Title: titleOf(p.records), Damaged: p.header.Kind == "", Notes: p.notes(),
	}
	for _, r := range p.records {
		if r.Kind == kindMessage || r.Kind == kindError {
			s.Messages = append(s.Messages, r.message())
		}
	}
	if s.Damaged {
		s.Notes = append(s.Notes, "the file has no header; it is damaged (kept as is)")
	}
	return s
}

// answered reports whether the turn of a part has ended: there is an answer from the
// place on where it belongs, or one that was recovered, which bears the time of the part.
func (p *parsed) answered(left *part) bool {
	for _, r := range p.records {
		if (r.at >= left.At || r.Time.Equal(left.Time)) && (r.Kind == kindError || r.Kind == kindMessage && r.Role == chat.Assistant) {
			return true
		}
	}
	return false
}

// waiting reports whether the last message is a prompt.
func (p *parsed) waiting() bool {
	for i := len(p.records) - 1; i >= 0; i-- {
		switch r := p.records[i]; r.Kind {
		case kindMessage:
			return r.Role == chat.User
		case kindError:
			return false
		}
	}
	return false
}

// endsWith reports whether the last message is an answer that begins so.
func (p *parsed) endsWith(m chat.Message) bool {
	if len(p.records) == 0 {
		return false
	}
	last := p.records[len(p.records)-1]
	return strings.HasPrefix(last.Text, m.Text) && strings.HasPrefix(last.Reasoning, m.Reasoning) && strings.HasPrefix(last.Refusal, m.Refusal)
}
