package importer

import (
	"strings"

	"oax/internal/chat"
)

const (
	maxTitle = 300 // bytes
	maxID    = 200
)

// clean makes a chat fit to be kept: valid UTF-8, roles that are words, no messages
// that say nothing, a state for each answer.
func (c *Chat) clean() {
	c.ID, c.Title = short(c.ID, maxID), short(strings.TrimSpace(c.Title), maxTitle)
	var kept []Message
	for _, m := range c.Messages {
		m.clean()
		if m.Shown() != "" || m.Reasoning != "" || len(m.ToolCalls) > 0 {
			kept = append(kept, m)
		}
	}
	c.Messages = kept
}

func (m *Message) clean() {
	m.Role = role(string(m.Role))
	for _, text := range []*string{&m.Text, &m.Reasoning, &m.Refusal} {
		*text = strings.ToValidUTF8(*text, "\ufffd")
	}
	m.Model = short(m.Model, maxID)
	m.FinishReason = short(m.FinishReason, maxID)
	if len(m.ToolCalls) == 0 {
		m.ToolCalls = nil
	}
	for i := range m.ToolCalls {
		call := &m.ToolCalls[i]
		call.Index = i
		call.ID, call.Name = short(call.ID, maxID), short(call.Name, maxID)
		call.Arguments = strings.ToValidUTF8(call.Arguments, "\ufffd")
	}
	switch {
	case m.Role != chat.Assistant:
		m.State = ""
	case m.State != chat.Incomplete || m.Why == "":
		m.State, m.Why = chat.Complete, ""
	}
}

// role returns the word of the chat completions API for who speaks.
func role(name string) chat.Role {
	name = strings.ToLower(strings.TrimSpace(name))
	switch name {
	case "human":
		return chat.User
	case "ai", "bot", "model", "gpt", "chatgpt":
		return chat.Assistant
	}
	if name == "" || len(name) > 20 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_-") != "" {
		return "other"
	}
	return chat.Role(name)
}

// short returns the beginning of a text, valid and no longer than n bytes.
func short(s string, n int) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}

// size returns the bytes of what was said.
func (m *Message) size() int {
	n := len(m.Text) + len(m.Reasoning) + len(m.Refusal) + 64
	for _, call := range m.ToolCalls {
		n += len(call.Arguments) + 64
	}
	return n
}

// turns returns the number of prompts.
func turns(messages []Message) int {
	n := 0
	for _, m := range messages {
		if m.Role == chat.User {
			n++
		}
	}
	return n
}
