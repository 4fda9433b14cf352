package record

import (
	"time"

	"oax/internal/chat"
)

// What a message of a saved chat is.

// The roles of records that are nobody's message.
const (
	// Error is why a prompt got no answer. Text is what oax said and
	// Why is its kind.
	Error chat.Role = "error"
	// Title is the title that was given to the session, for ParseLine.
	Title chat.Role = "title"
)

// Message is a message as it is kept: when it was saved, which profile it was
// asked of, and, in a prompt, how many invalid bytes were replaced by U+FFFD.
// Model in a prompt is the one that was asked. Turn is the ID of the turn it belongs to:
// that of a prompt, the messages before it and what followed, or of an answer that was
// asked for again. It is empty in what an older oax wrote.
type Message struct {
	chat.Message
	Time     time.Time `json:"time"`
	Profile  string    `json:"profile"`
	Replaced int       `json:"replaced_bytes"`
	Turn     string    `json:"turn"`
	From     From      `json:"from"`
	Start    *Start    `json:"start"`  // of a message in the role Called
	Result   *Result   `json:"result"` // of the result of a call that this program has run, or has not
}

// From says where a prompt comes from if it was not typed at a terminal.
type From struct {
	By     string `json:"by,omitempty"`     // page, or relay: another program, by the gateway
	Client string `json:"client,omitempty"` // the program
	Name   string `json:"name,omitempty"`   // what the program calls the session
	Key    string `json:"key,omitempty"`    // hashes of an Idempotency-Key and of the request
	Helper bool   `json:"helper,omitempty"` // it is no part of a chat: a title is asked for, say
	Within bool   `json:"within,omitempty"` // of a system message: a request had it behind others
}

// Fork says which session, up to which turn, another one began as a copy of.
type Fork struct {
	ID   string `json:"id"`
	Turn int    `json:"turn"`
}

// IsPrompt reports whether a message is one of the user.
func (m Message) IsPrompt() bool { return m.Role == chat.User }

// IsSystem reports whether a message is one of the system or a developer.
func (m Message) IsSystem() bool { return m.Role == chat.System || m.Role == "developer" }

// IsEnd reports whether a message ends a turn: an answer, or an error instead of one.
func (m Message) IsEnd() bool { return m.Role == Error || m.Role == chat.Assistant }

// IsAnswer reports whether a message is what a model answered. One of the assistant that a
// program sent along with a prompt is none: it has a turn, and no state.
func (m Message) IsAnswer() bool { return m.Role == chat.Assistant && (m.State != "" || m.Turn == "") }

// TurnsOf returns the number of prompts among messages or records.
func TurnsOf[said interface{ IsPrompt() bool }](all []said) (n int) {
	for _, m := range all {
		if m.IsPrompt() {
			n++
		}
	}
	return n
}

// FirstTurns returns the messages or records of the first n turns.
func FirstTurns[said interface{ IsPrompt() bool }](all []said, n int) []said {
	for i, m := range all {
		if !m.IsPrompt() {
			continue
		}
		if n--; n < 0 {
			return all[:i:i]
		}
	}
	return all
}

// LastOf returns the index of the last message of a role, or -1.
func LastOf(messages []Message, role chat.Role) int {
	i := len(messages) - 1
	for i >= 0 && messages[i].Role != role {
		i--
	}
	return i
}
