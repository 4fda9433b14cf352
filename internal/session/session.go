package session

import (
	"cmp"
	"slices"
	"time"

	"oax/internal/chat"
)

// What a saved chat is, and how it goes on: with which endpoint, and from which of its
// messages.

// The roles of records that are nobody's message.
const (
	// Error is why a prompt got no answer, in Session.Messages. Text is what oax said and
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

// Session is a saved chat, read.
type Session struct {
	ID, Path string
	Time     time.Time // when it began; zero if nothing in the file says
	Title    string    // as it is in the file, control characters and all
	ForkOf   *Fork     // nil if it is not a copy
	Messages []Message // with error records, in the order they were saved
	Open     bool      // another process is adding a turn to it; its answer has no State yet
	Damaged  bool      // there is no header
	Imported bool      // it comes from another program or another store
	Notes    []string  // what is wrong with the file, a line each
	version  int
	running  Message // as far as it has come, the answer of the turn that another process is adding
	between  bool    // another process runs the calls of the last answer
	live     bool    // the last message is the answer of that turn
}

// Entry returns the session's name and file.
func (s *Session) Entry() Entry { return Entry{ID: s.ID, Path: s.Path} }

// ReadOnly reports whether a newer program wrote the session: there may be more in
// it than shows, and to add to it is a NewerError.
func (s *Session) ReadOnly() bool { return s.version > formatVersion }

// Turns returns the number of prompts; asking one again makes no new turn.
func (s *Session) Turns() int { return turnsOf(s.Messages) }

// History returns what to send when the chat goes on: what the system said, then
// each prompt that has an answer with text or a refusal, and the last such answer
// to it, complete or not. An answer before that whose calls this program recorded is there
// too, with one result for each call. An answer that is still being written does not count.
// A nil Session has no history.
func (s *Session) History() []chat.Message {
	if s == nil {
		return nil
	}
	return chatMessages(history(s.finished()))
}

// LastPrompt returns the last prompt, and what was or would have been sent before
// it. ok is false if there is none.
func (s *Session) LastPrompt() (prompt Message, before []chat.Message, ok bool) {
	messages := s.finished()
	if i := lastOf(messages, chat.User); i >= 0 {
		return messages[i], chatMessages(sentBefore(messages, i)), true
	}
	return Message{}, nil, false
}

// OpenCalls returns the calls of the last answer that have no result, and what to send before
// their results: the history, the last prompt, the answers that asked for tools, and the
// results that are saved. There are no open calls if all results are saved, and the request
// with them failed. ok is false if the last answer did not ask for tools, or was cut: the
// calls of such a one must not run.
func (s *Session) OpenCalls() (before []chat.Message, open []chat.ToolCall, ok bool) {
	messages := s.finished()
	i := lastOf(messages, chat.User)
	if i < 0 {
		return nil, nil, false
	}
	rounds := append(sentBefore(messages, i), messages[i])
	for _, m := range messages[i+1:] {
		switch m.Role {
		case chat.Assistant:
			if ok = len(m.ToolCalls) > 0 && (m.Why == "" || m.Why == chat.NoTool); !ok {
				continue // it is no part of the loop
			}
			m.Asked = chat.Endpoint{Profile: m.Profile, Model: messages[i].Model}
			open = slices.Clone(m.ToolCalls)
		case chat.Tool:
			if m.isUnrecorded() {
				continue
			}
			open = slices.DeleteFunc(open, func(c chat.ToolCall) bool { return c.ID == m.ToolCallID })
		default:
			continue
		}
		rounds = append(rounds, m)
	}
	return chatMessages(rounds), open, ok
}

// LastAnswer returns the last answer. ok is false if there is none.
func (s *Session) LastAnswer() (answer Message, ok bool) {
	if i := lastOf(s.Messages, chat.Assistant); i >= 0 {
		return s.Messages[i], true
	}
	return Message{}, false
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
	var last Message  // the last prompt
	var kept *Message // the last prompt before it that was not refused
	refused, answered := true, false
	for _, m := range s.Messages {
		switch {
		case m.Role == chat.User:
			if previous := last; !refused {
				kept = &previous
			}
			last, refused, answered = m, false, false
		case m.Role == chat.Assistant:
			if refused {
				last.Model = m.Model
			}
			refused, answered = false, true
		case m.Role == Error && isRefusal(m.Why) && !answered:
			refused = true
		}
	}
	switch {
	case !refused:
		return last.Profile, last.Model
	case kept != nil:
		return kept.Profile, kept.Model
	}
	return last.Profile, ""
}

// isRefusal reports whether the error record of a prompt says that the same request would
// fail again: for want of a key or of credit, or by a status that does not pass by itself.
func isRefusal(why chat.Why) bool {
	switch why {
	case "no-key", "quota":
		return true
	case "408", "409", "429":
		return false
	}
	return len(why) == 3 && why[0] == '4'
}

// Until returns the session with only its first turns, as many as turns says.
func (s *Session) Until(turns int) *Session {
	until := *s
	until.Messages = firstTurns(s.Messages, turns)
	return &until
}

// finished returns the messages without an answer that is still being written.
func (s *Session) finished() []Message {
	if s.live {
		return s.Messages[:len(s.Messages)-1]
	}
	return s.Messages
}

// lastOf returns the index of the last message of a role, or -1.
func lastOf(messages []Message, role chat.Role) int {
	i := len(messages) - 1
	for i >= 0 && messages[i].Role != role {
		i--
	}
	return i
}

// joins reports whether the user sent message i at once with the message before it: agents
// send what they have to say of the directory so.
func joins(messages []Message, i int) bool {
	return i > 0 && messages[i].Turn != "" && messages[i].isPrompt() && messages[i-1].isPrompt() && messages[i-1].Turn == messages[i].Turn
}

// sentBefore returns what is sent before a prompt: the history, and what was sent at once with it.
func sentBefore(messages []Message, prompt int) []Message {
	first := prompt
	for joins(messages, first) {
		first--
	}
	return append(history(messages[:first]), messages[first:prompt]...)
}

// IsAnswer reports whether a message is what a model answered. One of the assistant that a
// program sent along with a prompt is none: it has a turn, and no state.
func (m Message) IsAnswer() bool { return m.Role == chat.Assistant && (m.State != "" || m.Turn == "") }

// turnsOf returns the number of prompts among messages or records.
func turnsOf[said interface{ isPrompt() bool }](all []said) (n int) {
	for _, m := range all {
		if m.isPrompt() {
			n++
		}
	}
	return n
}

// firstTurns returns the messages or records of the first n turns.
func firstTurns[said interface{ isPrompt() bool }](all []said, n int) []said {
	for i, m := range all {
		if !m.isPrompt() {
			continue
		}
		if n--; n < 0 {
			return all[:i:i]
		}
	}
	return all
}

// history chooses the messages that History is made of.
func history(messages []Message) []Message {
	var system, turns []Message
	first := 0
	var prompt []Message // all that the user sent at once
	var now, last try    // of the prompt
	end := func() {
		if last = now.or(last); !last.empty() {
			turns = append(append(append(turns, prompt...), last.rounds...), last.answer...)
		}
		now, last = try{}, try{}
	}
	for i := 0; i < len(messages); i++ {
		switch m := messages[i]; {
		case m.isSystem():
			system = append(system, m)
		case m.Role == chat.User:
			if !joins(messages, i) {
				end()
				first = i
			}
			prompt = messages[first : i+1]
		case m.Role == chat.Assistant && prompt != nil:
			if again := now.answered && (now.next == "" || now.next != m.Turn); again {
				last, now = now.or(last), try{model: m.Model}
			}
			m.Asked = chat.Endpoint{Profile: m.Profile, Model: cmp.Or(now.model, prompt[len(prompt)-1].Model)}
			records := recordsOf(messages[i:])
			now.add(m, records)
			i += len(records)
		}
	}
	end()
	return append(system, turns...)
}

// try is what came of a prompt that was asked once. Asked again, it has several.
type try struct {
	model    string    // empty: that of the prompt
	answered bool      // an answer came
	rounds   []Message // the answers with calls that were recorded, each with the results
	answer   []Message // the last one that says something, if it is not among them
	next     string    // the turn of the results of the last answer, which the next one goes on from
}

func (t *try) empty() bool { return len(t.rounds)+len(t.answer) == 0 }

// or returns the try, or another one if nothing came of it.
func (t try) or(other try) try {
	if t.empty() {
		return other
	}
	return t
}

// add adds an answer with the records of its calls.
func (t *try) add(m Message, records []Message) {
	t.answered = true
	t.next = ""
	if len(records) > 0 {
		t.next = records[len(records)-1].Turn
	}
	switch {
	case slices.ContainsFunc(records, Message.isRecorded):
		t.rounds, t.answer = append(t.rounds, m), nil
		for _, o := range outcomes(m, records, false) {
			t.rounds = append(t.rounds, o.Result)
		}
	case m.Shown() != "":
		t.answer = []Message{m}
	}
}

func chatMessages(messages []Message) []chat.Message {
	var out []chat.Message
	for _, m := range messages {
		out = append(out, m.Message)
	}
	return out
}
