// Package completions is the chat completions API, as OpenAI defines it
// (https://platform.openai.com/docs/api-reference/chat) and as some thirty other services
// bend it: what is posted, and what the events of an answer say.
package completions

import (
	"maps"
	"path/filepath"

	"oax/internal/chat"
	"oax/internal/openai"
)

// API is the openai.API of chat completions.
type API struct {
	SystemRole chat.Role // in place of system; empty: none
}

// Path returns where turns are posted to.
func (API) Path() string { return "/chat/completions" }

// message is a message as the API takes it.
type message struct {
	Role    chat.Role `json:"role"`
	Content any       `json:"content"` // a text, or parts
}

// Body returns the JSON to post.
func (a API) Body(req openai.Request) ([]byte, error) {
	messages := []any{}
	for m, results := range openai.Exchanges(req.Messages) {
		if len(results) > 0 {
			messages = append(messages, withCalls(m))
		} else {
			messages = append(messages, message{a.role(m.Role), content(m)})
		}
		for _, r := range results {
			messages = append(messages, map[string]any{"role": r.Role, "tool_call_id": r.ToolCallID, "content": content(r)})
		}
	}
	fields := map[string]any{"messages": messages, "stream": true}
	if req.Model != "" {
		fields["model"] = req.Model
	}
	if !req.OmitExtra {
		fields["stream_options"] = map[string]any{"include_usage": true}
	}
	if len(req.Tools) > 0 {
		var tools []any
		for _, t := range req.Tools {
			tools = append(tools, map[string]any{"type": "function", "function": t})
		}
		fields["tools"] = tools
	}
	maps.Copy(fields, req.Params)
	return openai.Encode(fields)
}

// role returns the role under which the endpoint wants a message.
func (a API) role(role chat.Role) chat.Role {
	if role == chat.System && a.SystemRole != "" {
		return a.SystemRole
	}
	return role
}

// withCalls returns an answer with its calls, and with what the service may want back:
// opaque fields, and the reasoning if it came as reasoning_content.
func withCalls(m chat.Message) any {
	fields, _ := openai.Fields(m.Opaque)
	fields["role"] = m.Role
	if text := m.Shown(); text != "" {
		fields["content"] = text
	}
	if m.ReasoningField == reasoningContent {
		fields[reasoningContent] = m.Reasoning
	}
	var calls []any
	for _, c := range m.ToolCalls {
		call, _ := openai.Fields(c.Opaque)
		name, arguments := c.Sent()
		call["id"], call["type"] = c.ID, "function"
		call["function"] = map[string]string{"name": name, "arguments": arguments}
		calls = append(calls, call)
	}
	fields["tool_calls"] = calls
	return fields
}

// contentPart is an element of a message's content where that is more than text, as
// OpenAI's API reference has it ("Create chat completion", user message, array of
// content parts).
type contentPart struct {
	Type     string            `json:"type"`
	Text     string            `json:"text,omitempty"`
	ImageURL map[string]string `json:"image_url,omitempty"`
	File     *fileData         `json:"file,omitempty"`
}

type fileData struct {
	Filename string `json:"filename"`
	FileData string `json:"file_data"`
}

// content returns the content of a message. What came as part of an answer is left out.
func content(m chat.Message) any {
	if m.Role == chat.Assistant {
		return m.Shown()
	}
	return openai.Content(m, contentPart{Type: "text", Text: m.Shown()}, func(p chat.Part) any {
		switch {
		case len(p.JSON) > 0:
			return p.JSON
		case p.IsImage():
			return contentPart{Type: "image_url", ImageURL: map[string]string{"url": p.DataURL()}}
		}
		return contentPart{Type: "file", File: &fileData{filepath.Base(p.Name), p.DataURL()}}
	})
}
