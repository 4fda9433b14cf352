package session

import (
	"time"

	"oax/internal/chat"
	"oax/internal/session/history"
	"oax/internal/session/record"
)

// What a saved chat is, and how it goes on: with which endpoint, and from which of its
// messages.

// Session is a saved chat, read.
type Session struct {
	ID, Path string
	Time     time.Time        // when it began; zero if nothing in the file says
	Title    string           // as it is in the file, control characters and all
	ForkOf   *record.Fork     // nil if it is not a copy
	Messages []record.Message // with error records, in the order they were saved
	Open     bool             // another process is adding a turn to it; its answer has no State yet
	Damaged  bool             // there is no header
	Imported bool             // it comes from another program or another store
	Notes    []string         // what is wrong with the file, a line each
	version  int
	running  record.Message // as far as it has come, the answer of the turn that another process is adding
	between  bool           // another process runs the calls of the last answer
	live     bool           // the last message is the answer of that turn
}

// Entry returns the session's name and file.
func (s *Session) Entry() Entry { return Entry{ID: s.ID, Path: s.Path} }

// ReadOnly reports whether a newer program wrote the session: there may be more in
// it than shows, and to add to it is a NewerError.
func (s *Session) ReadOnly() bool { return s.version > record.FormatVersion }

// Turns returns the number of prompts; asking one again makes no new turn.
func (s *Session) Turns() int { return record.TurnsOf(s.Messages) }

// History returns what to send when the chat goes on: what the system said, then
// each prompt that has an answer with text or a refusal, and the last such answer
// to it, complete or not. An answer before that whose calls this program recorded is there
// too, with one result for each call. An answer that is still being written does not count.
// A nil Session has no history.
func (s *Session) History() []chat.Message {
	if s == nil {
		return nil
	}
	return history.Of(s.finished())
}

// LastPrompt returns the last prompt, and what was or would have been sent before
// it. ok is false if there is none.
func (s *Session) LastPrompt() (prompt record.Message, before []chat.Message, ok bool) {
	messages := s.finished()
	if i := record.LastOf(messages, chat.User); i >= 0 {
		return messages[i], history.Before(messages, i), true
	}
	return record.Message{}, nil, false
}

// OpenCalls returns the calls of the last answer that have no result, and what to send before
// their results: the history, the last prompt, the answers that asked for tools, and the
// results that are saved. There are no open calls if all results are saved, and the request
// with them failed. ok is false if the last answer did not ask for tools, or was cut: the
// calls of such a one must not run.
func (s *Session) OpenCalls() (before []chat.Message, open []chat.ToolCall, ok bool) {
	return history.OpenCalls(s.finished())
}

// LastAnswer returns the last answer. ok is false if there is none.
func (s *Session) LastAnswer() (answer record.Message, ok bool) {
	if i := record.LastOf(s.Messages, chat.Assistant); i >= 0 {
		return s.Messages[i], true
	}
	return record.Message{}, false
}

// LastAsked returns the profile and the model that the session goes on with: those of its
// last prompt that the endpoint did not refuse. So a model that does not exist, or a
// profile without a key, is not used again only because it was tried. A prompt that was
// refused and then answered by another model goes on with that model. If every prompt was
// refused, it is the profile of the last one, without its model. A nil Session has
// neither.
func (s *Session) LastAsked() (profile, model string) {
	if s == nil {
		return "", ""
	}
	return history.LastAsked(s.Messages)
}

// Until returns the session with only its first turns, as many as turns says.
func (s *Session) Until(turns int) *Session {
	until := *s
	until.Messages = record.FirstTurns(s.Messages, turns)
	return &until
}

// finished returns the messages without an answer that is still being written.
func (s *Session) finished() []record.Message {
	if s.live {
		return s.Messages[:len(s.Messages)-1]
	}
	return s.Messages
}
