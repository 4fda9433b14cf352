package export

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/term"
)

// writeJSON writes a value as one line of JSON. For a terminal, characters that it would
// obey or hide are escaped.
func writeJSON(out io.Writer, value any, terminal bool) error {
	line, err := term.JSONLine(value, terminal)
	if err == nil {
		_, err = io.WriteString(out, line)
	}
	return err
}

// jsonLines returns one object for each message, one a line.
func jsonLines(s *session.Session) string {
	var b strings.Builder
	for _, m := range s.Messages {
		_ = writeJSON(&b, struct {
			Session string    `json:"session"`
			Time    time.Time `json:"time"`
			chat.Message
			Start  *record.Start  `json:"start,omitempty"`  // of a call: what runs it, and who allowed it
			Result *record.Result `json:"result,omitempty"` // of the result of a call
		}{s.ID, m.Time, m.Message, m.Start, m.Result}, false)
	}
	return b.String()
}

// jsonSession is a session as one JSON object. Its messages are those of a request of
// chat completions, with the fields that only oax knows added.
type jsonSession struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Time     time.Time     `json:"time"`
	ForkOf   *record.Fork  `json:"fork_of,omitempty"`
	Messages []jsonMessage `json:"messages"`
}

type jsonMessage struct {
	Role         chat.Role       `json:"role"`
	Content      string          `json:"content"`
	Reasoning    string          `json:"reasoning,omitempty"`
	Refusal      string          `json:"refusal,omitempty"`
	ToolCalls    []jsonCall      `json:"tool_calls,omitempty"`
	ToolCallID   string          `json:"tool_call_id,omitempty"`
	Name         string          `json:"name,omitempty"` // of the tool
	Start        *record.Start   `json:"start,omitempty"`
	Result       *record.Result  `json:"result,omitempty"`
	Time         time.Time       `json:"time"`
	Model        string          `json:"model,omitempty"`
	Profile      string          `json:"profile,omitempty"`
	FinishReason string          `json:"finish_reason,omitempty"`
	Usage        json.RawMessage `json:"usage,omitempty"`
	State        chat.State      `json:"state,omitempty"`
	Why          chat.Why        `json:"why,omitempty"`
}

// jsonCall is a tool call as the API has it.
type jsonCall struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

// document returns a session as one JSON object without a line end.
func document(s *session.Session) string {
	object := jsonSession{ID: s.ID, Title: s.Title, Time: s.Time, ForkOf: s.ForkOf, Messages: []jsonMessage{}}
	for _, m := range s.Messages {
		message := jsonMessage{
			Role: m.Role, Content: m.Text, Reasoning: m.Reasoning, Refusal: m.Refusal,
			ToolCallID: m.ToolCallID, Name: m.Name, Start: m.Start, Result: m.Result,
			Time: m.Time, Model: m.Model, Profile: m.Profile,
			FinishReason: m.FinishReason, Usage: m.Usage, State: m.State, Why: m.Why,
		}
		for _, call := range m.ToolCalls {
			c := jsonCall{ID: call.ID, Type: "function"}
			c.Function.Name, c.Function.Arguments = call.Name, call.Arguments
			message.ToolCalls = append(message.ToolCalls, c)
		}
		object.Messages = append(object.Messages, message)
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(object)
	return strings.TrimSuffix(b.String(), "\n")
}
