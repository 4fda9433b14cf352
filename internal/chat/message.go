// Package chat holds what a chat is made of: messages, the deltas an answer
// arrives in, and the turn that gathers deltas into one assistant message and
// settles whether it is whole.
//
// It imports nothing of the program and does no input or output.
package chat

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
)

// Role says who speaks in a message, in the words of the chat completions API.
type Role string

// The roles oax writes itself; a role found in a file is kept as it is.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
	Tool      Role = "tool" // the result of a tool call
)

// State says whether an assistant message is the whole answer.
type State string

// An answer is complete only if a finish reason was seen or the stream said
// [DONE]; anything else is incomplete.
const (
	Complete   State = "complete"
	Incomplete State = "incomplete"
)

// Why says what kept an answer from being complete. It is empty for a complete one.
type Why string

// The reasons an answer can be incomplete.
const (
	Cut      Why = "cut"      // the stream ended early
	Reset    Why = "reset"    // the connection broke
	Stall    Why = "stall"    // no data for too long
	Failed   Why = "error"    // the service reported an error
	Protocol Why = "protocol" // what came is not a chat completion stream
	Limit    Why = "limit"    // the answer passed our own size limit
	Length   Why = "length"   // the model's length limit
	Filter   Why = "filter"   // the service's content filter
	Empty    Why = "empty"    // no answer text at all
	NoTool   Why = "tool"     // the model asked for a tool that nobody runs
	Stopped  Why = "stopped"  // Ctrl-C, SIGTERM or a closed terminal
	Pipe     Why = "pipe"     // the reader of standard output went away
	Disk     Why = "disk"     // not all of it could be saved
	Crash    Why = "crash"    // the program failed; a fault of ours
	Killed   Why = "killed"   // the process died before it could say why
)

// Message is one message of a chat. The fields from Reasoning to Why belong to assistant
// messages only, but for the model, which in a prompt is the one that was asked.
type Message struct {
	Role      Role       `json:"role"`
	Text      string     `json:"text"`
	Reasoning string     `json:"reasoning,omitempty"`
	Refusal   string     `json:"refusal,omitempty"`
	ToolCalls []ToolCall `json:"tool_calls,omitempty"`
	// ReasoningField is the field of the API in which the reasoning came, if the service
	// wants it back there with the results of tool calls (DeepSeek: reasoning_content).
	ReasoningField string `json:"reasoning_field,omitempty"`
	// Opaque is a JSON object of fields, in the names of the API, that mean something only
	// to the service: it may want them back, unchanged, with the results of tool calls.
	Opaque json.RawMessage `json:"opaque,omitempty"`
	// Output are the items of which the answer consists in the Responses API, as the service
	// sent them. It may want them back as long as the chat stays with it and its model.
	Output       []json.RawMessage `json:"output,omitempty"`
	Model        string            `json:"model,omitempty"`
	FinishReason string            `json:"finish_reason,omitempty"`
	Usage        json.RawMessage   `json:"usage,omitempty"` // as the service sent it
	State        State             `json:"state,omitempty"`
	Why          Why               `json:"why,omitempty"`

	// ToolCallID and Name say which call of which tool a message in the role Tool is the
	// result of.
	ToolCallID string `json:"tool_call_id,omitempty"`
	Name       string `json:"name,omitempty"`

	Parts []Part `json:"attachments,omitempty"` // what there is beside the text

	// Asked is what an answer in a history was asked of; see Endpoint.
	Asked Endpoint `json:"-"`
}

// Endpoint names a profile and the model that is asked there.
type Endpoint struct{ Profile, Model string }

// Shown returns what a person sees of the message: its text, then a refusal.
func (m Message) Shown() string { return m.Text + m.Refusal }

// ShownLen returns the length of Shown in bytes, without a copy of the two.
func (m Message) ShownLen() int { return len(m.Text) + len(m.Refusal) }

// ResultsIn returns the results of the message's calls with which the next messages begin,
// or nothing if a call has none: services take calls only with all of their results.
func (m Message) ResultsIn(next []Message) []Message {
	missing, open := len(m.ToolCalls), map[string]int{}
	for _, c := range m.ToolCalls {
		open[c.ID]++ // some services give two calls one ID
	}
	n := 0
	for ; missing > 0 && n < len(next) && next[n].Role == Tool; n++ {
		if id := next[n].ToolCallID; open[id] > 0 {
			open[id]--
			missing--
		}
	}
	if missing > 0 {
		return nil
	}
	return next[:n]
}

// ToolCall is a call of a tool that the model asked for. In a Delta its fields are
// fragments, which Turn.Add joins.
type ToolCall struct {
	Index     int             `json:"index"`
	ID        string          `json:"id,omitempty"`
	Name      string          `json:"name,omitempty"`
	Arguments string          `json:"arguments"`        // as sent; see Input
	Opaque    json.RawMessage `json:"opaque,omitempty"` // as that of a Message
}

// ToolDefinition is a tool that a model may call, as it is offered to it.
type ToolDefinition struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters"` // a JSON Schema
}

// NoIndex is the Index of a fragment that came without one.
const NoIndex = -1

// Input returns the arguments as JSON: an empty object if there are none, or null, as models
// at Groq call a tool without parameters. ok is false if they are not valid JSON. The calls of
// an answer that was cut must not run, whatever their arguments are: those of a call that was
// cut before they began are empty, too.
func (c ToolCall) Input() (arguments json.RawMessage, ok bool) {
	if text := strings.TrimSpace(c.Arguments); text == "" || text == "null" {
		return json.RawMessage("{}"), true
	}
	return json.RawMessage(c.Arguments), json.Valid([]byte(c.Arguments))
}

// Sent returns the name and the arguments of the call as services take them back. OpenAI and
// Bedrock refuse a request with a call of another name in its history than one by ToolName;
// vLLM, SGLang and llama.cpp one with arguments that are no JSON object. Every later request
// of the chat would fail. What the model gets as the result says what was wrong.
func (c ToolCall) Sent() (name, arguments string) {
	input, valid := c.Input()
	if !valid || bytes.TrimSpace(input)[0] != '{' {
		input = json.RawMessage("{}")
	}
	return ToolName(c.Name), string(input)
}

// MaxToolName is the longest name of a tool that services take, in bytes.
const MaxToolName = 64

// ToolName returns a name with _ for each character but ASCII letters, digits, _ and -, cut to
// MaxToolName: the only names that all services take. An empty one becomes _.
func ToolName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z') {
			return r
		}
		return '_'
	}, cmp.Or(name, "_"))
	return name[:min(len(name), MaxToolName)]
}

// Delta is what one or several stream chunks add to an answer. The byte slices
// are valid until the next Delta is asked for. They hold valid UTF-8.
type Delta struct {
	Text           []byte
	Reasoning      []byte
	Refusal        []byte
	ToolCalls      []ToolCall
	ReasoningField string
	Parts          []Part
	Opaque         []json.RawMessage // pieces of Message.Opaque, which Turn.Add joins
	Items          []Item
	Model          string
	FinishReason   string
	Usage          json.RawMessage
	Done           bool // the stream said [DONE]
}

// LastTurns keeps the system messages at the beginning of a history and its last turns,
// each a prompt and what follows it. 0 keeps all.
func LastTurns(history []Message, turns int) []Message {
	system := 0
	for system < len(history) && history[system].Role == System {
		system++
	}
	from := len(history)
	for ; turns > 0 && from > system; from-- {
		if history[from-1].Role == User {
			turns--
		}
	}
	if from == len(history) || from == system {
		return history
	}
	return append(history[:system:system], history[from:]...)
}
