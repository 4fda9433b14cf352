package recording

import (
	"cmp"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/record"
)

// The turns of a session as a request repeats them.

func isSystem(role chat.Role) bool { return role == chat.System || role == "developer" }

// spoken is a turn as a history has it: what was said to the model, without the system messages
// that a request begins with, and the last answer.
type spoken struct {
	id       string
	messages []chat.Message
	answer   *chat.Message // nil: there is none
	time     time.Time
}

// spokenOf returns the turns of a session without those that were replaced: a turn that was
// asked again has its last answer, a failed one whose prompt came again is left out.
func spokenOf(s *session.Session) []spoken {
	var turns []spoken
	for _, m := range s.Messages {
		last := len(turns) - 1
		isAnswer := m.Role == record.Error || m.IsAnswer()
		switch {
		case isAnswer && last >= 0: // also of a retry, which has no prompt of its own
		case last < 0 || turns[last].id != m.Turn || m.Turn == "" && turns[last].answer != nil:
			turns = append(turns, spoken{id: m.Turn})
			last++
		}
		t := &turns[last]
		t.time = m.Time
		switch {
		case isAnswer:
			if m.Role != record.Error {
				answer := m.Message
				t.answer = &answer
			}
			t.id = cmp.Or(m.Turn, t.id)
		case !isSystem(m.Role) || m.From.Within:
			t.messages = append(t.messages, m.Message)
		}
	}
	return turns
}

// withSystem returns messages with system messages before them.
func withSystem(system []string, messages []chat.Message) []chat.Message {
	var all []chat.Message
	for _, text := range system {
		all = append(all, chat.Message{Role: chat.System, Text: text})
	}
	return append(all, messages...)
}

// splitSystem separates the system messages that begin a request.
func splitSystem(messages []chat.Message) (system []string, rest []chat.Message) {
	n := 0
	for n < len(messages) && isSystem(messages[n].Role) {
		system = append(system, messages[n].Text)
		n++
	}
	return system, messages[n:]
}

// systemOf returns the system messages that the last request of a session began with, of those
// that are saved: they are when they change.
func systemOf(s *session.Session) []string {
	var system []string
	turn := ""
	for _, m := range s.Messages {
		if !isSystem(m.Role) || m.From.Within {
			continue
		}
		if m.Turn != turn {
			system, turn = nil, m.Turn
		}
		system = append(system, m.Text)
	}
	return system
}
