package session

import (
	"cmp"
	"slices"
	"time"

	"oax/internal/chat"
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
	return chatMessages(history(s.finished()))
}

// LastPrompt returns the last prompt, and what was or would have been sent before
// it. ok is false if there is none.
func (s *Session) LastPrompt() (prompt record.Message, before []chat.Message, ok bool) {
	messages := s.finished()
	if i := record.LastOf(messages, chat.User); i >= 0 {
		return messages[i], chatMessages(sentBefore(messages, i)), true
	}
	return record.Message{}, nil, false
}

// OpenCalls returns the calls of the last answer that have no result, and what to send before
// their results: the history, the last prompt, the answers that asked for tools, and the
// results that are saved. There are no open calls if all results are saved, and the request
// with them failed. ok is false if the last answer did not ask for tools, or was cut: the
// calls of such a one must not run.
func (s *Session) OpenCalls() (before []chat.Message, open []chat.ToolCall, ok bool) {
	messages := s.finished()
	i := record.LastOf(messages, chat.User)
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
			if m.IsUnrecorded() {
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
	var last record.Message  // the last prompt
	var kept *record.Message // the last prompt before it that was not refused
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
		case m.Role == record.Error && isRefusal(m.Why) && !answered:
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

// joins reports whether the user sent message i at once with the message before it: agents
// send what they have to say of the directory so.
func joins(messages []record.Message, i int) bool {
	return i > 0 && messages[i].Turn != "" && messages[i].IsPrompt() && messages[i-1].IsPrompt() && messages[i-1].Turn == messages[i].Turn
}

// sentBefore returns what is sent before a prompt: the history, and what was sent at once with it.
func sentBefore(messages []record.Message, prompt int) []record.Message {
	first := prompt
	for joins(messages, first) {
		first--
	}
	return append(history(messages[:first]), messages[first:prompt]...)
}

// history chooses the messages that History is made of.
func history(messages []record.Message) []record.Message {
	var system, turns []record.Message
	first := 0
	var prompt []record.Message // all that the user sent at once
	var now, last try           // of the prompt
	end := func() {
		if last = now.or(last); !last.empty() {
			turns = append(append(append(turns, prompt...), last.rounds...), last.answer...)
		}
		now, last = try{}, try{}
	}
	for i := 0; i < len(messages); i++ {
		switch m := messages[i]; {
		case m.IsSystem():
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
	model    string           // empty: that of the prompt
	answered bool             // an answer came
	rounds   []record.Message // the answers with calls that were recorded, each with the results
	answer   []record.Message // the last one that says something, if it is not among them
	next     string           // the turn of the results of the last answer, which the next one goes on from
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
func (t *try) add(m record.Message, records []record.Message) {
	t.answered = true
	t.next = ""
	if len(records) > 0 {
		t.next = records[len(records)-1].Turn
	}
	switch {
	case slices.ContainsFunc(records, record.Message.IsRecorded):
		t.rounds, t.answer = append(t.rounds, m), nil
		for _, o := range outcomes(m, records, false) {
			t.rounds = append(t.rounds, o.Result)
		}
	case m.Shown() != "":
		t.answer = []record.Message{m}
	}
}

func chatMessages(messages []record.Message) []chat.Message {
	var out []chat.Message
	for _, m := range messages {
		out = append(out, m.Message)
	}
	return out
}
