// Package chat holds what a chat is made of: messages, the deltas an answer
// arrives in, and the turn that gathers deltas into one assistant message and
// settles whether it is whole.
//
// It imports nothing of the program and does no input or output.
package chat

import (
	"encoding/json"
	"slices"
	"strings"
)

// Role says who speaks in a message, in the words of the chat completions API.
type Role string

// The roles oax writes itself; a role found in a file is kept as it is.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
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
	Tool     Why = "tool"     // the model asked for a tool
	Stopped  Why = "stopped"  // Ctrl-C, SIGTERM or a closed terminal
	Pipe     Why = "pipe"     // the reader of standard output went away
	Disk     Why = "disk"     // not all of it could be saved
	Crash    Why = "crash"    // the program failed; a fault of ours
	Killed   Why = "killed"   // the process died before it could say why
)

// Message is one message of a chat. The fields from Reasoning to Why belong to assistant
// messages only, but for the model, which in a prompt is the one that was asked.
type Message struct {
	Role         Role            `json:"role"`
	Text         string          `json:"text"`
	Reasoning    string          `json:"reasoning,omitempty"`
	Refusal      string          `json:"refusal,omitempty"`
	ToolCalls    []ToolCall      `json:"tool_calls,omitempty"`
	Model        string          `json:"model,omitempty"`
	FinishReason string          `json:"finish_reason,omitempty"`
	Usage        json.RawMessage `json:"usage,omitempty"` // as the service sent it
	State        State           `json:"state,omitempty"`
	Why          Why             `json:"why,omitempty"`

	Attachments []Attachment `json:"attachments,omitempty"` // of a prompt
}

// Shown returns what a person sees of the message: its text, then a refusal.
func (m Message) Shown() string { return m.Text + m.Refusal }

// ToolCall is a call of a tool that the model asked for. In a Delta its fields are
// fragments, which Turn.Add joins.
type ToolCall struct {
	Index     int    `json:"index"`
	ID        string `json:"id,omitempty"`
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

// NoIndex is the Index of a fragment that came without one.
const NoIndex = -1

// Delta is what one or several stream chunks add to an answer. The byte slices
// are valid until the next Delta is asked for. They hold valid UTF-8.
type Delta struct {
	Text         []byte
	Reasoning    []byte
	Refusal      []byte
	ToolCalls    []ToolCall
	Model        string
	FinishReason string
	Usage        json.RawMessage
	Done         bool // the stream said [DONE]
}

// Turn gathers the deltas of one answer. The zero Turn is ready for use.
type Turn struct {
	text, reasoning, refusal strings.Builder
	answer                   Message
	arguments                []*arguments // of the answer's tool calls
	size                     int          // of all these texts
	done                     bool
}

// Add takes one delta of the answer.
func (t *Turn) Add(d *Delta) {
	t.size += d.size()
	makeRoom(&t.text, len(d.Text)).Write(d.Text)
	makeRoom(&t.reasoning, len(d.Reasoning)).Write(d.Reasoning)
	makeRoom(&t.refusal, len(d.Refusal)).Write(d.Refusal)
	for _, c := range d.ToolCalls {
		t.addToolCall(c)
	}
	if d.Model != "" {
		t.answer.Model = d.Model
	}
	if d.FinishReason != "" {
		t.answer.FinishReason = d.FinishReason
	}
	if d.Usage != nil {
		t.answer.Usage = d.Usage
	}
	t.done = t.done || d.Done
}

const (
	leastRoom = 64 << 10
	mostRoom  = 16<<20 + 2*leastRoom // what an answer may come to
)

// makeRoom is for n bytes more, in few large steps: memory that is not written to costs
// nothing, and the copies that small steps leave behind would.
func makeRoom(b *strings.Builder, n int) *strings.Builder {
	if b.Cap()-b.Len() < n {
		room := min(max(leastRoom, 8*b.Len()), mostRoom)
		b.Grow(max(n, room-2*b.Cap())) // which doubles it, and adds this
	}
	return b
}

// Texts returns what has come so far, without copying it.
func (t *Turn) Texts() (reasoning, text, refusal string) {
	return t.reasoning.String(), t.text.String(), t.refusal.String()
}

// Len returns the bytes gathered so far: text, reasoning, refusal and the arguments of
// tool calls.
func (t *Turn) Len() int { return t.size }

// Finished reports whether the answer is known to be whole: a finish reason was
// seen or the stream said [DONE].
func (t *Turn) Finished() bool { return t.done || t.answer.FinishReason != "" }

// Nothing reports whether no part of an answer has come.
func (t *Turn) Nothing() bool { return t.Len() == 0 && len(t.answer.ToolCalls) == 0 }

// End returns the assistant message. why is what ended the stream before its
// end, or empty if it ended by itself; it counts only while the answer is not
// Finished.
func (t *Turn) End(why Why) Message {
	m := t.answer
	m.Role = Assistant
	m.Text, m.Reasoning, m.Refusal = t.text.String(), t.reasoning.String(), t.refusal.String()
	m.ToolCalls = slices.Clone(m.ToolCalls)
	for i := range m.ToolCalls {
		m.ToolCalls[i].Arguments = t.arguments[i].String()
	}
	m.Why = t.verdict(why)
	m.State = Complete
	if m.Why != "" {
		m.State = Incomplete
	}
	return m
}

func (t *Turn) verdict(why Why) Why {
	switch {
	case !t.Finished() && why != "":
		return why
	case !t.Finished():
		return Cut
	}
	switch t.answer.FinishReason {
	case "length", "model_length": // the latter is Mistral's, at the end of its context
		return Length
	case "content_filter":
		return Filter
	case "error", "abort", "insufficient_system_resource": // Mistral's, vLLM's, DeepSeek's
		return Failed
	}
	switch {
	case len(t.answer.ToolCalls) > 0:
		return Tool
	case t.text.Len()+t.refusal.Len() == 0:
		return Empty
	}
	return ""
}
