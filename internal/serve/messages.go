package serve

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
)

// The messages of a request, and those of a session as a request repeats them.

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
		isAnswer := isAnswer(m)
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
			if m.Role != session.Error {
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

// isAnswer reports whether a message is what a turn ended with.
func isAnswer(m session.Message) bool { return m.Role == session.Error || m.IsAnswer() }

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

// readMessages reads the messages of a request. Content that is no text is kept as JSON.
func readMessages(list []json.RawMessage) ([]chat.Message, bool) {
	messages := make([]chat.Message, 0, len(list))
	for _, raw := range list {
		var sent struct {
			Role       chat.Role       `json:"role"`
			Content    json.RawMessage `json:"content"`
			Refusal    string          `json:"refusal"`
			Name       string          `json:"name"`
			ToolCallID string          `json:"tool_call_id"`
			ToolCalls  []struct {
				ID       string `json:"id"`
				Function struct {
					Name      string `json:"name"`
					Arguments string `json:"arguments"`
				} `json:"function"`
			} `json:"tool_calls"`
		}
		if json.Unmarshal(raw, &sent) != nil || sent.Role == "" {
			return nil, false
		}
		m := chat.Message{Role: sent.Role, Refusal: sent.Refusal, Name: sent.Name, ToolCallID: sent.ToolCallID}
		m.Text, m.Parts, _ = splitContent(sent.Content)
		for i, c := range sent.ToolCalls {
			m.ToolCalls = append(m.ToolCalls, chat.ToolCall{Index: i, ID: c.ID, Name: c.Function.Name, Arguments: c.Function.Arguments})
		}
		messages = append(messages, m)
	}
	return messages, len(messages) > 0
}

// splitContent reads the content of a message, which is text or a list of parts. Parts that
// are no text are kept as JSON; one that has no type has none here either.
func splitContent(content json.RawMessage) (text string, parts []chat.Part, ok bool) {
	if json.Unmarshal(content, &text) == nil {
		return text, nil, true
	}
	var list []json.RawMessage
	if json.Unmarshal(content, &list) != nil {
		return "", nil, false
	}
	var texts []string
	for _, raw := range list {
		var part struct{ Type, Text string }
		if json.Unmarshal(raw, &part) == nil && part.Type == "text" {
			texts = append(texts, part.Text)
		} else {
			parts = append(parts, chat.Part{Type: part.Type, JSON: raw})
		}
	}
	return strings.Join(texts, "\n\n"), parts, true
}
