package session

import (
	"bytes"
	"context"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"oax/internal/chat"
)

// The roles that a Hit can have besides those of messages.
const (
	Title     chat.Role = "title"     // the title that was given to the session
	Reasoning chat.Role = "reasoning" // what an answer's model thought
)

// Hit is a line of text that matches. Turn counts the prompts so far, this one too:
// it is 0 for what was said before the first, and for the title. Start and End are
// where the first match is in Line.
type Hit struct {
	Turn       int
	Role       chat.Role
	Line       string
	Start, End int
}

// searcher looks into one session after another. Its buffers are reused.
type searcher struct {
	pattern  *regexp.Regexp
	text     need // what a match needs in text
	json     need // and in the JSON of it
	roles    []chat.Role
	most     int
	also     []*searcher
	hits     []Hit // of the session
	damaged  []int // the lines that may match and are no records
	turn     int
	title    string
	data     []byte          // of the session
	unquoted []byte          // of a message
	kept     strings.Builder // lines of hits: many in one piece of memory
}

func newSearcher(q Query) *searcher {
	s := &searcher{pattern: q.Pattern, roles: q.Roles, most: q.Most}
	if re, err := syntax.Parse(q.Pattern.String(), syntax.Perl); err == nil {
		s.text = needOf(re.Simplify())
	}
	s.json = s.text.inJSON()
	for _, pattern := range q.also {
		s.also = append(s.also, newSearcher(Query{Pattern: pattern, Roles: q.Roles, Most: 1}))
	}
	return s
}

// searchAll returns the hits in the bytes of a session, if the other patterns have
// some too.
func (s *searcher) searchAll(ctx context.Context, data []byte) (hits []Hit, notes []string) {
	hits, notes = s.search(ctx, data)
	for _, other := range s.also {
		if hits == nil {
			break
		}
		if more, _ := other.search(ctx, data); more == nil {
			hits = nil
		}
	}
	return hits, notes
}

// search returns the hits in the bytes of a session, that in its title last. It gives
// up when ctx ends.
func (s *searcher) search(ctx context.Context, data []byte) (hits []Hit, notes []string) {
	first := s.json.first(data)
	if first < 0 {
		return nil, nil
	}
	s.hits, s.damaged, s.turn, s.title = s.hits[:0], nil, 0, ""
	number, end := 0, 0
	for line := range bytes.Lines(data) {
		number++
		end += len(line)
		if s.full() || ctx.Err() != nil {
			break
		}
		if end > first || !s.skip(line) {
			s.line(ctx, line, number)
		}
	}
	s.turn = 0
	s.lines(ctx, Title, []byte(s.title))
	return append(hits, s.hits...), (&parsed{damaged: s.damaged}).notes()
}

// full reports whether no more hits are wanted.
func (s *searcher) full() bool { return s.most > 0 && len(s.hits) >= s.most }

// skip passes over a line in which there is no match, if what it is shows at its
// beginning.
func (s *searcher) skip(line []byte) bool {
	role := roleOf(line)
	s.count(role)
	return role != "" || bytes.HasPrefix(line, []byte(`{"kind":"session","version":`))
}

// line finds the hits in a line.
func (s *searcher) line(ctx context.Context, line []byte, number int) {
	if m, ok := cutMessage(line); ok {
		s.count(m.role)
		s.raw(ctx, m.role, m.text)
		s.raw(ctx, m.role, m.refusal)
		s.raw(ctx, Reasoning, m.reasoning)
		return
	}
	r, ok := decode(bytes.TrimRight(line, "\x00"))
	if !ok {
		if s.json.first(line) >= 0 && bytes.HasSuffix(line, []byte("\n")) && len(bytes.TrimSpace(line)) > 0 {
			s.damaged = append(s.damaged, number)
		}
		return
	}
	switch r.Kind {
	case kindMessage:
		s.count(r.Role)
		s.lines(ctx, r.Role, []byte(r.Text))
		s.lines(ctx, r.Role, []byte(r.Refusal))
		s.lines(ctx, Reasoning, []byte(r.Reasoning))
	case kindError:
		s.lines(ctx, Error, []byte(r.Text))
	case kindTitle: // the last one counts
		s.title = r.Text
	}
}

func (s *searcher) count(role chat.Role) {
	if role == chat.User {
		s.turn++
	}
}

// wants reports whether the text of a role counts.
func (s *searcher) wants(role chat.Role) bool {
	if s.roles == nil {
		return role != Reasoning && role != Error
	}
	return slices.Contains(s.roles, role)
}

// raw finds the lines that match in the inside of a JSON string.
func (s *searcher) raw(ctx context.Context, role chat.Role, json []byte) {
	if len(json) > 0 && s.wants(role) {
		s.unquoted = unquote(s.unquoted[:0], json)
		s.lines(ctx, role, s.unquoted)
	}
}
