package session

import (
	"time"

	"oax/internal/chat"
)

// Error is the role of an error record in Session.Messages: nobody's message, but
// why a prompt got no answer. Text is what oax said and Why is its kind.
const Error chat.Role = "error"

// Message is a message as it is kept: when it was saved, which profile it was
// asked of, and, in a prompt, how many invalid bytes were replaced by U+FFFD.
// Model in a prompt is the one that was asked.
type Message struct {
	chat.Message
	Time     time.Time
	Profile  string
	Replaced int
}

// Session is a saved chat, read.
type Session struct {
	ID, Path string
	Time     time.Time // when it began; zero if nothing in the file says
	Title    string    // as it is in the file, control characters and all
	ForkOf   *Fork     // nil if it is no copy
	Messages []Message // with error records, in the order they were saved
	Open     bool      // another process is adding a turn to it
	Damaged  bool      // there is no header
	Notes    []string  // what is wrong with the file, a line each
	version  int
	live     bool // the last message is of the writer that has it open
}

// ReadOnly reports whether a newer program wrote the session: there may be more in
// it than shows, and to add to it is a NewerError.
func (s *Session) ReadOnly() bool { return s.version > formatVersion }

// Turns returns the number of prompts; asking one again makes no new turn.
func (s *Session) Turns() int {
	n := 0
	for _, m := range s.Messages {
		if m.Role == chat.User {
			n++
		}
	}
	return n
}

// History returns what to send when the chat goes on: what the system said, then
// each prompt that has an answer with text or a refusal, and the last such answer
// to it, complete or not. An answer that is still being written does not count. A nil
// Session has no history.
func (s *Session) History() []chat.Message {
	if s == nil {
		return nil
	}
	return bare(history(s.settled()))
}

// LastPrompt returns the last prompt, and what was or would have been sent before
// it. ok is false if there is none.
func (s *Session) LastPrompt() (prompt Message, before []chat.Message, ok bool) {
	messages := s.settled()
	for i := len(messages) - 1; i >= 0; i-- {
		if messages[i].Role == chat.User {
			return messages[i], bare(history(messages[:i])), true
		}
	}
	return Message{}, nil, false
}

// settled returns the messages without an answer that is still being written.
func (s *Session) settled() []Message {
	if s.live {
		return s.Messages[:len(s.Messages)-1]
	}
	return s.Messages
}

// firstTurns returns the messages of the first n turns.
func firstTurns(messages []Message, n int) []Message {
	for i, m := range messages {
		if m.Role != chat.User {
			continue
		}
		if n--; n < 0 {
			return messages[:i]
		}
	}
	return messages
}

// history chooses the messages that History is made of.
func history(messages []Message) []Message {
	var system, turns []Message
	var prompt *Message
	for i, m := range messages {
		switch m.Role {
		case chat.System, "developer":
			system = append(system, m)
		case chat.User:
			prompt = &messages[i]
		case chat.Assistant:
			if m.Shown() == "" {
				continue
			}
			if prompt != nil {
				turns = append(turns, *prompt, m)
			} else if len(turns) > 0 { // asked again
				turns[len(turns)-1] = m
			}
			prompt = nil
		}
	}
	return append(system, turns...)
}

func bare(messages []Message) []chat.Message {
	var out []chat.Message
	for _, m := range messages {
		out = append(out, m.Message)
	}
	return out
}
