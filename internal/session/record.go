package session

import (
	"encoding/json"
	"time"

	"oax/internal/chat"
)

const formatVersion = 1

// The kinds of records. Summary knows how a line of each begins.
const (
	kindSession = "session"
	kindMessage = "message"
	kindError   = "error"
	kindTitle   = "title"
)

// Fork says which session, up to which turn, another one began as a copy of.
type Fork struct {
	ID   string `json:"id"`
	Turn int    `json:"turn"`
}

// record is any line of a session, read.
type record struct {
	Kind    string    `json:"kind"`
	Version int       `json:"version"`
	ID      string    `json:"id"`
	Time    time.Time `json:"time"`
	ForkOf  *Fork     `json:"fork_of"`
	chat.Message
	Profile  string `json:"profile"`
	Replaced int    `json:"replaced_bytes"`

	at int64 // where the line begins in the file
}

// The order of the fields below is the order of the keys on disk.
type (
	headerLine struct {
		Kind    string    `json:"kind"`
		Version int       `json:"version"`
		ID      string    `json:"id"`
		Time    time.Time `json:"time"`
		ForkOf  *Fork     `json:"fork_of,omitempty"`
	}
	messageLine struct {
		Kind         string          `json:"kind"`
		Time         time.Time       `json:"time"`
		Role         chat.Role       `json:"role"`
		Text         string          `json:"text"`
		Reasoning    string          `json:"reasoning,omitempty"`
		Refusal      string          `json:"refusal,omitempty"`
		ToolCalls    []chat.ToolCall `json:"tool_calls,omitempty"`
		Model        string          `json:"model,omitempty"`
		Profile      string          `json:"profile,omitempty"`
		FinishReason string          `json:"finish_reason,omitempty"`
		Usage        json.RawMessage `json:"usage,omitempty"`
		State        chat.State      `json:"state,omitempty"`
		Why          chat.Why        `json:"why,omitempty"`
		Replaced     int             `json:"replaced_bytes,omitempty"`

		Attachments []chat.Attachment `json:"attachments,omitempty"`
	}
	errorLine struct {
		Kind string    `json:"kind"`
		Time time.Time `json:"time"`
		Why  chat.Why  `json:"why"`
		Text string    `json:"text"`
	}
)

func (r record) isPrompt() bool { return r.Kind == kindMessage && r.Role == chat.User }

// isSystem reports whether the system or a developer says it.
func (r record) isSystem() bool {
	return r.Kind == kindMessage && (r.Role == chat.System || r.Role == "developer")
}

// lineOf returns the record of a message; that of an error if it is in the role Error.
func lineOf(m Message) any {
	if m.Role == Error {
		return errorLine{kindError, m.Time, m.Why, m.Text}
	}
	if !json.Valid(m.Usage) { // an answer is not lost for a fault in its usage
		m.Usage = nil
	}
	return messageLine{
		Kind: kindMessage, Time: m.Time, Role: m.Role,
		Text: m.Text, Reasoning: m.Reasoning, Refusal: m.Refusal, ToolCalls: m.ToolCalls,
		Model: m.Model, Profile: m.Profile, FinishReason: m.FinishReason, Usage: m.Usage,
		State: m.State, Why: m.Why, Replaced: m.Replaced,
		Attachments: m.Attachments,
	}
}

// message returns the message in a record; that of an error has the role Error.
func (r record) message() Message {
	m := Message{Message: r.Message, Time: r.Time, Profile: r.Profile, Replaced: r.Replaced}
	if r.Kind == kindError {
		m.Role, m.State = Error, chat.Incomplete
	}
	return m
}

// encode returns records as lines. Markup stays readable: grep, jq and git work on it.
func encode(lines ...any) (data []byte, err error) {
	for _, line := range lines {
		if data, err = appendLine(data, line); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func appendLine(data []byte, line any) (o object, err error) {
	switch l := line.(type) {
	case headerLine:
		o, err = l.appendTo(data)
	case partHead:
		o, err = l.appendTo(data)
	case messageLine:
		o, err = l.appendTo(data)
	default:
		rest, err := plainJSON(line)
		return append(data, rest...), err
	}
	return append(o, '}', '\n'), err
}

// encodeMessages returns messages as lines; one without a time is of now.
func encodeMessages(now time.Time, before []any, messages []Message) ([]byte, error) {
	lines := before
	for _, m := range messages {
		if m.Time.IsZero() {
			m.Time = now
		}
		lines = append(lines, lineOf(m))
	}
	return encode(lines...)
}
