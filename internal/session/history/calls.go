package history

import (
	"slices"

	"oax/internal/chat"
	"oax/internal/session/record"
)

// What became of the calls of an answer.

// Call is a call of an answer, and what became of it.
type Call struct {
	chat.ToolCall
	Result record.Message
	Began  bool // there is a record of the call itself
}

// Outcomes returns the calls of an answer, each with what became of it, in their order. There
// is at least one record. running says that another process may still record some.
func Outcomes(asks record.Message, records []record.Message, running bool) (all []Call) {
	left := slices.Clone(records)
	take := func(role chat.Role, id string) (m record.Message, ok bool) {
		i := slices.IndexFunc(left, func(r record.Message) bool { return r.Role == role && r.ToolCallID == id })
		if i >= 0 {
			m = left[i]
			left = slices.Delete(left, i, i+1) // some services give two calls one ID
		}
		return m, i >= 0
	}
	for _, c := range asks.ToolCalls {
		_, began := take(record.Called, c.ID)
		m, ended := take(chat.Tool, c.ID)
		if !ended {
			status := record.NotRun
			switch {
			case running:
				status = record.Running
			case began:
				status = record.MayHave
			}
			m = record.Message{Time: asks.Time, Profile: asks.Profile, Turn: records[len(records)-1].Turn, Result: &record.Result{Status: status, Unrecorded: true}}
			m.Role, m.ToolCallID, m.Name, m.Text = chat.Tool, c.ID, c.Name, status.UnrecordedText()
		}
		all = append(all, Call{c, m, began})
	}
	return all
}

// Records returns the records of calls that follow the first message, if that is an answer.
func Records(messages []record.Message) []record.Message {
	end := 1
	for messages[0].Role == chat.Assistant && end < len(messages) && record.IsOfCall(messages[end]) {
		end++
	}
	return messages[1:end]
}

// AddUnrecorded adds results for the calls that have none, behind the records of the other
// calls of their answer. Answers without any record stay as they are: another program may
// have their results. running is the turn that another process is in, or empty.
func AddUnrecorded(messages []record.Message, running string) []record.Message {
	if !slices.ContainsFunc(messages, record.Message.IsRecorded) {
		return messages
	}
	var all []record.Message
	for i := 0; i < len(messages); {
		asks, records := messages[i], Records(messages[i:])
		i += 1 + len(records)
		all = append(append(all, asks), records...)
		if slices.ContainsFunc(records, record.Message.IsRecorded) {
			runs := i == len(messages) && running != "" && asks.Turn == running
			for _, o := range Outcomes(asks, records, runs) {
				if o.Result.IsUnrecorded() {
					all = append(all, o.Result)
				}
			}
		}
	}
	return all
}
