package pick

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"oax/internal/chat"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
)

// Excerpt says which messages of a session are wanted. The zero Excerpt wants all.
type Excerpt struct {
	Last  bool     // only the last answer
	Turns string   // as in --turn: 2, -1 for the last, or 2,4; empty for all
	Roles []string // only messages of these roles; nil for all
}

// Of returns the session with the wanted messages alone. The error is a *report.Error
// that says what the session has.
func (x Excerpt) Of(s *session.Session) (*session.Session, error) {
	excerpt := *s
	if x.Turns != "" {
		first, last, err := x.turns(s)
		if err != nil {
			return nil, err
		}
		excerpt.Messages = turns(s.Messages, first, last)
	}
	if x.Last {
		answer, ok := excerpt.LastAnswer()
		if !ok {
			return nil, report.Nothing("session "+s.ID+" has no answer", "oax cat "+s.ID)
		}
		excerpt.Messages = []record.Message{answer}
	} else if x.Roles != nil {
		excerpt.Messages = slices.DeleteFunc(slices.Clone(excerpt.Messages), func(m record.Message) bool {
			return !slices.Contains(x.Roles, string(m.Role))
		})
	}
	return &excerpt, nil
}

// Rest returns what is wanted of the messages that followed in the last turn of what Of
// returned. A nil session stays nil.
func (x Excerpt) Rest(s *session.Session) *session.Session {
	if x.Turns = ""; x.Last {
		x.Last, x.Roles = false, []string{string(chat.Assistant)}
	}
	if s != nil {
		s, _ = x.Of(s) // which fails only for what was just removed
	}
	return s
}

// ForCode returns the Excerpt whose code blocks are wanted: of turns the answers, and if
// neither turns nor roles are wanted the last answer.
func (x Excerpt) ForCode() Excerpt {
	switch {
	case x.Turns == "" && x.Roles == nil:
		x.Last = true
	case x.Roles == nil:
		x.Roles = []string{string(chat.Assistant)}
	}
	return x
}

// turns returns the numbers of the first and the last turn that are wanted.
func (x Excerpt) turns(s *session.Session) (first, last int, err error) {
	from, to, isRange := strings.Cut(x.Turns, ",")
	if !isRange {
		to = from
	}
	count := s.Turns()
	for _, bound := range []struct {
		text string
		n    *int
	}{{from, &first}, {to, &last}} {
		*bound.n, err = strconv.Atoi(bound.text)
		if err != nil {
			return 0, 0, report.Usage(fmt.Sprintf("--turn: not a turn: %q", x.Turns), "--turn 2, --turn 2,4 or --turn=-1")
		}
		if *bound.n < 0 {
			*bound.n += count + 1
		}
	}
	if first < 0 || first > count || last < first {
		return 0, 0, report.Nothing(
			fmt.Sprintf("session %s has no turn %s: it has %s", s.ID, x.Turns, report.Count(count, "turn")), "oax cat "+s.ID)
	}
	return first, last, nil
}

// turns returns the messages of some turns. A turn begins with a prompt; what is before
// the first prompt is turn 0.
func turns(messages []record.Message, first, last int) []record.Message {
	var wanted []record.Message
	turn := 0
	for _, m := range messages {
		if m.Role == chat.User {
			turn++
		}
		if first <= turn && turn <= last {
			wanted = append(wanted, m)
		}
	}
	return wanted
}
