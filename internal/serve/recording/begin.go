// Package recording keeps requests that programs send to a model, whole chat after whole chat, as
// the turns of sessions. It reads a request (request.go), finds the session that its messages go
// on with by what was said in all sessions (index.go, digest.go), and saves what is new
// (begin.go). The answer, and how it is read from the reply, is the caller's: it writes the answer
// with the writer that it gets. Nothing is refused here: what cannot be read is not recorded.
package recording

import (
	"errors"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/record"
)

// Turn is a turn whose prompt is in its session and whose answer is not yet. The writer takes the
// answer; Ended tells the index.
type Turn struct {
	*session.Writer
	From   record.From
	Prompt []chat.Message // the messages that are new; none if the last prompt is asked again

	index *Index
	match match
}

// Slot is the right to save a request, which one request has at a time: the next one may go on
// with what this one saves.
type Slot struct{ index *Index }

// Slot waits until no other request is being saved. The caller must call Begin.
func (x *Index) Slot() *Slot {
	x.beginning.Lock()
	return &Slot{x}
}

// Begin saves what is new of a request in the session that it goes on with, in a branch of it, or
// in a new one, and gives the slot up. profile is what the session keeps of the endpoint. The
// error is that of the store; nothing is saved then.
func (s *Slot) Begin(q Request, profile string) (*Turn, error) {
	x := s.index
	defer x.beginning.Unlock()
	found := x.find(q)
	from := record.From{By: "relay", Client: q.Client, Name: q.name, Helper: q.helper}
	w, err := write(x.store, found, from, q.Model, profile)
	if err != nil {
		return nil, err
	}
	x.written(found, w.Entry())
	t := &Turn{Writer: w, From: from, index: x, match: found}
	if !found.retry {
		t.Prompt = found.fresh
	}
	return t, nil
}

// Ended says that the session has the answer, or with nil that there is none. response is the
// answer's ID, if its API has one. It is for after Close.
func (t *Turn) Ended(answer *chat.Message, response string) {
	t.index.said(t.match, t.Entry(), answer, response)
}

// write saves the messages that are new.
func write(store *session.Store, found match, from record.From, model, profile string) (*session.Writer, error) {
	records := make([]record.Message, len(found.fresh))
	turn := record.NewTurnID()
	for i, m := range found.fresh {
		if m.Role == chat.User {
			m.Model = model
		}
		from.Within = i >= found.leading && isSystem(m.Role)
		records[i] = record.Message{Message: m, Profile: profile, From: from, Turn: turn}
	}
	if found.session == nil {
		return store.Create(records...)
	}
	old := found.session
	turns := spokenOf(old)
	if !old.Open && (found.retry || found.turns == len(turns)) {
		added := records
		if found.retry { // the prompt is there
			added = nil
		}
		w, err := store.Continue(old.Entry(), added...)
		if _, isBusy := errors.AsType[*session.BusyError](err); !isBusy {
			return w, err
		}
	}
	prompts := 0
	for _, t := range turns[:found.turns] {
		for _, m := range t.messages {
			if m.Role == chat.User {
				prompts++
			}
		}
	}
	return store.Fork(old, prompts, records...)
}
