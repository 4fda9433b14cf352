package responses

import (
	"encoding/json"
	"strings"

	"oax/internal/chat"
	"oax/internal/jsontext"
	"oax/internal/openai"
)

// Messages returns the messages of a request that another program sent: what Body makes of
// messages, back. Consecutive items of an answer are one message; of its reasoning and of
// what the service did itself there is nothing in it. ok is false for a body that is no such
// request, and for one of a conversation that the service keeps. Of a request that goes on
// with a previous response, they are those that are new.
func Messages(body []byte) (messages []chat.Message, ok bool) {
	var r struct {
		Instructions string            `json:"instructions"`
		Input        json.RawMessage   `json:"input"`
		Conversation json.RawMessage   `json:"conversation"`
		Items        []json.RawMessage `json:"-"`
	}
	if json.Unmarshal(body, &r) != nil || jsontext.IsPresent(r.Conversation) {
		return nil, false
	}
	if r.Instructions != "" {
		messages = append(messages, chat.Message{Role: chat.System, Text: r.Instructions})
	}
	if jsontext.HasText(r.Input) {
		return append(messages, chat.Message{Role: chat.User, Text: jsontext.Text(r.Input)}), true
	}
	if json.Unmarshal(r.Input, &r.Items) != nil || len(r.Items) == 0 {
		return nil, false
	}
	for _, raw := range r.Items {
		if messages, ok = addItem(messages, raw); !ok {
			return nil, false
		}
	}
	return messages, true
}

// addItem adds an item of the input.
func addItem(messages []chat.Message, raw []byte) ([]chat.Message, bool) {
	var item struct {
		Type      string          `json:"type"`
		Role      chat.Role       `json:"role"`
		CallID    string          `json:"call_id"`
		Name      string          `json:"name"`
		Arguments string          `json:"arguments"`
		Content   json.RawMessage `json:"content"`
		Output    json.RawMessage `json:"output"`
	}
	if json.Unmarshal(raw, &item) != nil {
		// A field of another type is that of an item that says nothing here.
		item.Type = jsontext.Text(jsontext.Field(raw, "type"))
	}
	switch {
	case item.Type == "" && item.Role == "", item.Type == "item_reference":
		return nil, false
	case strings.HasSuffix(item.Type, "_call_output"):
		m := chat.Message{Role: chat.Tool, ToolCallID: item.CallID}
		addContent(&m, item.Output)
		return append(messages, m), true
	case item.Role != "" && item.Role != chat.Assistant:
		m := chat.Message{Role: item.Role}
		addContent(&m, item.Content)
		return append(messages, m), true
	}
	if n := len(messages); n == 0 || messages[n-1].Role != chat.Assistant {
		messages = append(messages, chat.Message{Role: chat.Assistant})
	}
	m := &messages[len(messages)-1]
	if item.Role == chat.Assistant {
		addContent(m, item.Content)
	} else if item.Type == "function_call" {
		m.ToolCalls = append(m.ToolCalls, chat.ToolCall{Index: len(m.ToolCalls), ID: item.CallID, Name: item.Name, Arguments: item.Arguments})
	}
	return messages, true
}

// addContent adds the content of an item: a text, or parts. What is no text is kept as it is.
func addContent(m *chat.Message, content json.RawMessage) {
	m.Text += jsontext.Text(content)
	for raw := range jsontext.Elements(content) {
		switch jsontext.Text(jsontext.Field(raw, "type")) {
		case "input_text", "output_text", "text":
			if m.Role != chat.Assistant && m.Text != "" {
				m.Text += "\n\n"
			}
			m.Text += jsontext.Text(jsontext.Field(raw, "text"))
		case "refusal":
			m.Refusal += jsontext.Text(jsontext.Field(raw, "refusal"))
		default:
			m.Parts = append(m.Parts, openai.Part(raw))
		}
	}
}
