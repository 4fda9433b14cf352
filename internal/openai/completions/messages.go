package completions

import (
	"encoding/json"
	"strings"

	"oax/internal/chat"
)

// What another client says in a request.

// Messages returns the messages of a request, which are those of its field of that name. Content
// that is no text is kept as JSON. ok is false if one of them is no message, or there are none.
func Messages(list []json.RawMessage) (messages []chat.Message, ok bool) {
	messages = make([]chat.Message, 0, len(list))
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
		m.Text, m.Parts, _ = Content(sent.Content)
		for i, c := range sent.ToolCalls {
			m.ToolCalls = append(m.ToolCalls, chat.ToolCall{Index: i, ID: c.ID, Name: c.Function.Name, Arguments: c.Function.Arguments})
		}
		messages = append(messages, m)
	}
	return messages, len(messages) > 0
}

// Content returns the content of a message, which is text or a list of parts. Parts that are no
// text are kept as JSON; one that has no type has none here either. ok is false if it is neither.
func Content(content json.RawMessage) (text string, parts []chat.Part, ok bool) {
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
