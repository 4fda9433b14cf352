package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"oax/internal/chat"
	"oax/internal/session"
)

// excerpt says which messages of a session are wanted.
type excerpt struct {
	Last bool     `help:"Only the last answer: its bytes and nothing added."`
	Turn string   `placeholder:"N" help:"Only turn N; --turn=-1 is the last, 2,4 the second to the fourth."`
	Role []string `enum:"system,developer,user,assistant,tool,error" placeholder:"ROLE" help:"Only messages of system, user, assistant, tool or error."`
}

// of returns the session with these messages alone. The error says what there is.
func (x excerpt) of(s *session.Session) (*session.Session, error) {
	part := *s
	if x.Turn != "" {
		first, last, err := x.turns(s)
		if err != nil {
			return nil, err
		}
		part.Messages = nil
		turn := 0
		for _, m := range s.Messages {
			if m.Role == chat.User {
				turn++
			}
			if first <= turn && turn <= last {
				part.Messages = append(part.Messages, m)
			}
		}
	}
	if x.Last {
		return lastAnswerOf(&part)
	}
	if x.Role != nil {
		part.Messages = ofRoles(part.Messages, x.Role...)
	}
	return &part, nil
}

// turns reads --turn. A turn begins with a prompt; what is before the first is turn 0.
func (x excerpt) turns(s *session.Session) (first, last int, err error) {
	from, to, isRange := strings.Cut(x.Turn, ",")
	if !isRange {
		to = from
	}
	all := s.Turns()
	for _, bound := range []struct {
		text string
		n    *int
	}{{from, &first}, {to, &last}} {
		*bound.n, err = strconv.Atoi(bound.text)
		if err != nil {
			return 0, 0, &report{what: fmt.Sprintf("--turn: not a turn: %q", x.Turn), hint: "--turn 2, --turn 2,4 or --turn=-1", code: exitUsage, kind: "usage"}
		}
		if *bound.n < 0 {
			*bound.n += all + 1
		}
	}
	if first < 0 || first > all || last < first {
		return 0, 0, &report{
			what: fmt.Sprintf("session %s has no turn %s: it has %s", s.ID, x.Turn, counted(all, "turn")),
			hint: "oax cat " + s.ID, code: exitNothing, kind: "nothing",
		}
	}
	return first, last, nil
}

func ofRoles(messages []session.Message, roles ...string) []session.Message {
	var some []session.Message
	for _, m := range messages {
		if slices.Contains(roles, string(m.Role)) {
			some = append(some, m)
		}
	}
	return some
}

func lastAnswerOf(s *session.Session) (*session.Session, error) {
	answers := ofRoles(s.Messages, string(chat.Assistant))
	if len(answers) == 0 {
		return nil, &report{what: "session " + s.ID + " has no answer", hint: "oax cat " + s.ID, code: exitNothing, kind: "nothing"}
	}
	part := *s
	part.Messages = answers[len(answers)-1:]
	return &part, nil
}

// code returns the messages whose code is wanted: those asked for, of turns the
// answers, and by itself the last answer.
func (x excerpt) code(s *session.Session) (*session.Session, error) {
	switch {
	case x.Turn == "" && x.Role == nil:
		x.Last = true
	case x.Role == nil:
		x.Role = []string{string(chat.Assistant)}
	}
	return x.of(s)
}
