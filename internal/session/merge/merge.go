// Package merge says what two copies of a session make that grew apart on two machines. It
// works on their bytes and changes no file: package session finds the copies and writes.
//
// Lines are compared as they are. A copy that has every line of the other is the session:
// the longer one wins. If only one of the two has new messages, the new titles and unknown
// records of the other are put between its lines, by their times. If both have new
// messages, the copy that went on first is the session, and the other becomes a branch: a
// session of its own that says which one it is a fork of, as session.Store.Copy makes it. So a
// reader needs no rule for branches, every answer stays behind the prompt it was given to,
// and both chats can be continued. Which is first, and the ID and the time of the branch,
// depend on the lines alone: every machine makes the same files of the same copies, in
// whatever order it meets them.
package merge

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/session/record"
)

// Merged is what two copies make. Branch is nil unless both have new messages.
type Merged struct {
	Session []byte
	Branch  []byte
	ForkID  string // of the branch
	Began   time.Time
	Torn    [][]byte // ends of writes, which are in no line of the two
}

// side is one of two copies of a session, as lines without their newlines.
type side struct {
	Lines []string
	torn  string        // what follows the last line
	only  []int         // the lines that the other copy does not have
	said  int           // the first of those that is a message or an error; -1 if none is
	first record.Record // that line
}

// Copies merges two copies of the session with this ID. They may hold any bytes. The
// order of the two does not matter.
func Copies(id string, a, b []byte) Merged {
	first, second := newSide(a), newSide(b)
	first.compare(second.Lines)
	second.compare(first.Lines)
	if second.isBefore(first) {
		first, second = second, first
	}
	m := Merged{Torn: tornOf(first, second)}
	switch {
	case len(second.only) == 0:
		m.Session = joinLines(first.Lines)
	case len(first.only) == 0:
		m.Session = joinLines(second.Lines)
	case second.said < 0:
		m.Session = joinLines(first.with(second))
	default:
		m.Session = joinLines(first.Lines)
		m.addBranch(id, first, second)
	}
	return m
}

// newSide reads a copy. A last line that only lacks its newline is a line.
func newSide(data []byte) *side {
	s := &side{said: -1}
	for line := range bytes.Lines(data) {
		body, ended := bytes.CutSuffix(line, []byte("\n"))
		if !ended {
			body = bytes.TrimRight(line, "\x00") // power loss can leave these at the end
			if _, ended = record.Decode(body); !ended {
				s.torn = string(body)
				break
			}
		}
		s.Lines = append(s.Lines, string(body))
	}
	return s
}

// compare finds the lines that the other copy does not have, or not as often.
func (s *side) compare(others []string) {
	left := make(map[string]int, len(others))
	for _, line := range others {
		left[line]++
	}
	for i, line := range s.Lines {
		if left[line]--; left[line] >= 0 {
			continue
		}
		s.only = append(s.only, i)
		if s.said >= 0 {
			continue
		}
		if r, ok := record.Decode([]byte(line)); ok && r.IsMessage() {
			s.said, s.first = i, r
		}
	}
}

// isBefore reports whether the new messages of a copy come before those of the other. A
// copy without any comes after one with some.
func (s *side) isBefore(other *side) bool {
	switch {
	case s.said < 0 && other.said < 0:
		return slices.Compare(s.Lines, other.Lines) < 0
	case s.said < 0 || other.said < 0:
		return s.said >= 0
	}
	return cmp.Or(s.first.Time.Compare(other.first.Time), strings.Compare(s.Lines[s.said], other.Lines[other.said])) < 0
}

// with returns the lines with the new ones of the other copy among them. A line without a
// time stays behind the line before it, and the first line is always the first.
func (s *side) with(other *side) []string {
	all := make([]string, 0, len(s.Lines)+len(other.only))
	times, otherTimes := timesOf(s.Lines), timesOf(other.Lines)
	next := 0
	for _, i := range other.only {
		for next < len(s.Lines) && (next == 0 || !times[next].After(otherTimes[i])) {
			all = append(all, s.Lines[next])
			next++
		}
		all = append(all, other.Lines[i])
	}
	return append(all, s.Lines[next:]...)
}

// timesOf returns the latest time up to each line.
func timesOf(lines []string) []time.Time {
	times := make([]time.Time, len(lines))
	var latest time.Time
	for i, line := range lines {
		if r, ok := record.Decode([]byte(line)); ok && r.Time.After(latest) {
			latest = r.Time
		}
		times[i] = latest
	}
	return times
}

// addBranch makes a session of the copy that went on later.
func (m *Merged) addBranch(id string, first, later *side) {
	lines := later.Lines
	if len(first.Lines) > 0 && lines[0] == first.Lines[0] { // the header of the other session
		lines = lines[1:]
	}
	turns := 0
	for _, line := range later.Lines[:later.said] {
		if r, _ := record.Decode([]byte(line)); r.IsPrompt() {
			turns++
		}
	}
	if first := later.first; first.IsEnd() || first.Kind == record.KindCall || first.Role == chat.Tool { // it follows a prompt of both
		turns = max(turns-1, 0)
	}
	m.ForkID, m.Began = record.ImportID("merge", id+" "+later.Lines[later.said], 0), later.first.Time
	header := record.NewHeader(m.ForkID, m.Began, &record.Fork{ID: id, Turn: turns})
	m.Branch = append(header.AppendTo(nil), joinLines(lines)...)
}

// tornOf returns the unfinished ends of two copies, but for those that are the beginning of
// a line.
func tornOf(sides ...*side) (torn [][]byte) {
	for _, s := range sides {
		begins := func(line string) bool { return strings.HasPrefix(line, s.torn) }
		if !slices.ContainsFunc(sides, func(o *side) bool { return slices.ContainsFunc(o.Lines, begins) }) {
			torn = append(torn, []byte(s.torn))
		}
	}
	slices.SortFunc(torn, bytes.Compare)
	return slices.CompactFunc(torn, bytes.Equal)
}

// Split returns the whole lines of a copy, each with its newline, and the end of a write behind them.
func Split(data []byte) (whole, torn []byte) {
	s := newSide(data)
	return joinLines(s.Lines), []byte(s.torn)
}

func joinLines(lines []string) []byte {
	var b bytes.Buffer
	for _, line := range lines {
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.Bytes()
}
