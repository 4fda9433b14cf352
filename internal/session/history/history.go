// Package history says which messages of a saved chat are sent when it goes on, with which
// endpoint it does, and what became of the calls of its answers. It works on the messages as they
// are in the file, of which some are errors, answers that were asked for again, and records of calls.
package history

import (
	"cmp"
	"slices"

	"oax/internal/chat"
	"oax/internal/session/record"
)

// Of returns what to send when a chat goes on: what the system said, then each prompt that has an
// answer with text or a refusal, and the last such answer to it, complete or not. An answer before
// that whose calls this program recorded is there too, with one result for each call.
func Of(messages []record.Message) []chat.Message { return chatMessages(sent(messages)) }

// Before returns what is sent before a prompt: the history, and what was sent at once with it.
func Before(messages []record.Message, prompt int) []chat.Message {
	return chatMessages(sentBefore(messages, prompt))
}

// sent returns the messages of the history.
func sent(messages []record.Message) []record.Message {
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
			records := Records(messages[i:])
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
		for _, o := range Outcomes(m, records, false) {
			t.rounds = append(t.rounds, o.Result)
		}
	case m.ShownLen() > 0:
		t.answer = []record.Message{m}
	}
}

// sentBefore returns what is sent before a prompt: the history, and what was sent at once with it.
func sentBefore(messages []record.Message, prompt int) []record.Message {
	first := prompt
	for joins(messages, first) {
		first--
	}
	return append(sent(messages[:first]), messages[first:prompt]...)
}

// joins reports whether the user sent message i at once with the message before it: agents
// send what they have to say of the directory so.
func joins(messages []record.Message, i int) bool {
	return i > 0 && messages[i].Turn != "" && messages[i].IsPrompt() && messages[i-1].IsPrompt() && messages[i-1].Turn == messages[i].Turn
}

func chatMessages(messages []record.Message) []chat.Message {
	var out []chat.Message
	for _, m := range messages {
		out = append(out, m.Message)
	}
	return out
}

// OpenCalls returns the calls of the last answer that have no result, and what to send before
// their results. ok is false if the last answer did not ask for tools, or was cut.
func OpenCalls(messages []record.Message) (before []chat.Message, open []chat.ToolCall, ok bool) {
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

// LastAsked returns the profile and the model that a chat goes on with: those of its last prompt
// that the endpoint did not refuse, or only the profile of the last one if all were refused.
func LastAsked(messages []record.Message) (profile, model string) {
	var last record.Message  // the last prompt
	var kept *record.Message // the last prompt before it that was not refused
	refused, answered := true, false
	for _, m := range messages {
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
