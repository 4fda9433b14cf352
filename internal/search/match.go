package search

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// What in a session matches a query. To be fast, it decodes as little as possible: only
// lines that may have a match in them, and of those only the texts.

// Reasoning is the role of a Hit in the reasoning of an answer. Besides that and the roles
// of messages there are session.Title and session.Error.
const Reasoning chat.Role = "reasoning"

// Hit is a line of text that matches. Turn counts the prompts so far, this one too:
// it is 0 for what was said before the first, and for the title. Start and End are
// where the first match is in Line.
type Hit struct {
	Turn       int
	Role       chat.Role
	Line       string
	Start, End int
}

// matcher searches one session after another. Its buffers are reused.
type matcher struct {
	pattern  *regexp.Regexp
	text     filter // what text with a match has
	json     filter // what JSON of such text has
	roles    []chat.Role
	max      int
	also     []*matcher
	hits     []Hit // in the session
	damaged  []int // the lines that may match and are not records
	turn     int
	title    string
	data     []byte          // of the session
	unquoted []byte          // text of a message
	kept     strings.Builder // lines of hits: many in one piece of memory
}

func newMatcher(q Query) *matcher {
	m := &matcher{pattern: q.Pattern, roles: q.Roles, max: q.Max, text: newFilter(q.Pattern)}
	m.json = m.text.inJSON()
	for _, pattern := range q.also {
		m.also = append(m.also, newMatcher(Query{Pattern: pattern, Roles: q.Roles, Max: 1}))
	}
	return m
}

// searchAll returns the hits in a session, if the other patterns have some too. The data is
// the session, or if that is larger than maxHeld its beginning.
func (m *matcher) searchAll(ctx context.Context, path string, data []byte) (hits []Hit, notes []string, err error) {
	search := func(m *matcher) ([]Hit, []string, error) {
		if len(data) <= maxHeld {
			hits, notes := m.search(ctx, data)
			return hits, notes, nil
		}
		return m.searchLarge(ctx, path)
	}
	hits, notes, err = search(m)
	for _, other := range m.also {
		if hits == nil || err != nil {
			break
		}
		var more []Hit
		if more, _, err = search(other); more == nil {
			hits = nil
		}
	}
	return hits, notes, err
}

// search returns the hits in the bytes of a session, that in its title last. It stops
// when ctx ends.
func (m *matcher) search(ctx context.Context, data []byte) (hits []Hit, notes []string) {
	first := m.json.first(data)
	if first < 0 {
		return nil, nil
	}
	m.begin()
	number, end := 0, 0
	for line := range bytes.Lines(data) {
		number++
		end += len(line)
		if m.full() || ctx.Err() != nil {
			break
		}
		if end > first || !m.skip(line) {
			m.record(ctx, line, number)
		}
	}
	return m.end(ctx)
}

// searchLarge is search for a session that is not held in memory. A line that is too long
// to be read counts as damaged.
func (m *matcher) searchLarge(ctx context.Context, path string) (hits []Hit, notes []string, err error) {
	f, err := disk.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	m.begin()
	number := 0
	err = record.EachWhole(io.NewSectionReader(f, 0, 1<<62), func(line []byte, _ int64) error {
		number++
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case m.full():
		case line == nil:
			m.damaged = append(m.damaged, number)
		default:
			m.record(ctx, line, number)
		}
		return nil
	})
	hits, notes = m.end(ctx)
	return hits, notes, err
}

func (m *matcher) begin() { m.hits, m.damaged, m.turn, m.title = m.hits[:0], nil, 0, "" }

func (m *matcher) end(ctx context.Context) (hits []Hit, notes []string) {
	m.turn = 0
	m.lines(ctx, record.Title, []byte(m.title))
	return append(hits, m.hits...), record.DamageNotes(m.damaged)
}

// full reports whether no more hits are wanted.
func (m *matcher) full() bool { return m.max > 0 && len(m.hits) >= m.max }

// skip passes over a line without a match, if its beginning shows what it is.
func (m *matcher) skip(line []byte) bool {
	role := record.LineRole(line)
	m.count(role)
	return role != "" || bytes.HasPrefix(line, []byte(`{"kind":"session","version":`))
}

// record finds the hits in a line of the file.
func (m *matcher) record(ctx context.Context, line []byte, number int) {
	if raw, ok := record.CutMessage(line); ok {
		m.count(raw.Role)
		m.raw(ctx, raw.Role, raw.Text)
		m.raw(ctx, raw.Role, raw.Refusal)
		m.raw(ctx, Reasoning, raw.Reasoning)
		return
	}
	r, ok := record.ParseLine(line)
	switch {
	case !ok && m.json.first(line) >= 0 && bytes.HasSuffix(line, []byte("\n")) && len(bytes.TrimSpace(line)) > 0:
		m.damaged = append(m.damaged, number)
	case r.Role == record.Title: // the last one counts
		m.title = r.Text
	case ok:
		m.count(r.Role)
		m.lines(ctx, r.Role, []byte(r.Text))
		m.lines(ctx, r.Role, []byte(r.Refusal))
		m.lines(ctx, Reasoning, []byte(r.Reasoning))
	}
}

func (m *matcher) count(role chat.Role) {
	if role == chat.User {
		m.turn++
	}
}

// wants reports whether the text of a role counts.
func (m *matcher) wants(role chat.Role) bool {
	if m.roles == nil {
		return role != Reasoning && role != record.Error
	}
	return slices.Contains(m.roles, role)
}

// raw finds the lines that match in the inside of a JSON string.
func (m *matcher) raw(ctx context.Context, role chat.Role, inside []byte) {
	if len(inside) > 0 && m.wants(role) {
		m.unquoted = unquote(m.unquoted[:0], inside)
		m.lines(ctx, role, m.unquoted)
	}
}

// lines finds the lines of text that match.
func (m *matcher) lines(ctx context.Context, role chat.Role, text []byte) {
	if !m.wants(role) {
		return
	}
	plain := firstOf(m.text.variants, text) < 0
	for len(text) > 0 && !m.full() && ctx.Err() == nil {
		var block []byte
		block, text = cutBlock(text)
		m.block(role, block, plain)
	}
}

// cutBlock cuts some lines off text: so few that to look for the next one that matches
// never means to go over much text again and again.
func cutBlock(text []byte) (block, rest []byte) {
	const size = 16 << 10
	if len(text) <= size {
		return text, nil
	}
	end := bytes.LastIndexByte(text[:size], '\n')
	if end < 0 {
		end = indexFrom(text, size, '\n')
	}
	end = min(end+1, len(text))
	return text[:end], text[end:]
}

// block finds the lines of some text that match. plain says that the text has no variants.
func (m *matcher) block(role chat.Role, text []byte, plain bool) {
	for len(text) > 0 && !m.full() {
		at := 0
		if plain {
			at = m.text.next(text)
		}
		if at < 0 {
			return
		}
		begin := bytes.LastIndexByte(text[:at], '\n') + 1
		var line []byte
		line, text, _ = bytes.Cut(text[begin:], []byte("\n"))
		if plain && m.text.exact {
			m.hit(role, line, at-begin, at-begin+len(m.text.literals[0].text))
		} else if span := m.pattern.FindIndex(line); span != nil {
			m.hit(role, line, span[0], span[1])
		}
	}
}

// hit keeps a line that matches.
func (m *matcher) hit(role chat.Role, line []byte, start, end int) {
	const piece = 16 << 10
	if m.kept.Cap()-m.kept.Len() < len(line) {
		m.kept = strings.Builder{}
		m.kept.Grow(max(piece, len(line)))
	}
	before := m.kept.Len()
	m.kept.Write(line)
	m.hits = append(m.hits, Hit{m.turn, role, m.kept.String()[before:], start, end})
}

// unquote appends the text that is between the quotes of a JSON string.
func unquote(dst, raw []byte) []byte {
	if !utf8.Valid(raw) {
		return unquoteSlow(dst, raw)
	}
	start := len(dst)
	for rest := raw; ; {
		at := bytes.IndexByte(rest, '\\')
		if at < 0 || at == len(rest)-1 {
			return append(dst, rest...)
		}
		escape := bytes.IndexByte([]byte(`"\/ntrbf`), rest[at+1])
		if escape < 0 {
			return unquoteSlow(dst[:start], raw)
		}
		dst = append(append(dst, rest[:at]...), "\"\\/\n\t\r\b\f"[escape])
		rest = rest[at+2:]
	}
}

// unquoteSlow is unquote for any string. It appends nothing if raw is not the inside of
// one.
func unquoteSlow(dst, raw []byte) []byte {
	var text string
	quoted := append(append([]byte{'"'}, raw...), '"')
	if json.Unmarshal(quoted, &text) != nil {
		return dst
	}
	return append(dst, text...)
}
