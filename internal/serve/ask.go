package serve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/endpoint"
	"oax/internal/openai/completions"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/serve/live"
	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/turn"
)

// How a prompt of the page is asked: the same turn as in a terminal, in a goroutine, with
// the session's room as its sink. Whoever asked may go away.

// question is what a client asks.
type question struct {
	Content json.RawMessage `json:"content"`
	Model   string          `json:"model"`  // profile/model; empty: the session's, else the default
	System  string          `json:"system"` // of a new session
	After   *string         `json:"after"`  // the turn it follows; "0": none
	Retry   string          `json:"retry"`  // a turn whose prompt is asked again
}

// asked is the reply to a question.
type asked struct {
	Session  string `json:"session"`
	Turn     string `json:"turn"`
	Position string `json:"position"`
}

// errStopped ends a turn that a client stopped.
var errStopped = errors.New("stopped")

// postTurn answers POST /api/sessions and POST /api/sessions/{id}/turns.
func (s *Server) postTurn(w http.ResponseWriter, r *http.Request) *apiError {
	var q question
	if failure := readJSON(w, r, &q); failure != nil {
		return failure
	}
	id := r.PathValue("id")
	var reply asked
	var failure *apiError
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		var again bool
		reply, again, failure = s.askOnce(key, r.URL.Path, id, q)
		if again {
			w.Header().Set("Idempotency-Replayed", "true")
		}
	} else {
		reply, failure = s.begin(id, q, "")
	}
	if failure != nil {
		return failure
	}
	w.Header().Set("Location", "/api/sessions/"+reply.Session)
	writeJSON(w, http.StatusAccepted, reply)
	return nil
}

// begin begins a turn and returns when its prompt is on the disk.
func (s *Server) begin(id string, q question, key string) (asked, *apiError) {
	if s.stopping.Load() {
		return asked{}, errStopping
	}
	old, failure := s.idleSession(id)
	if failure != nil {
		return asked{}, failure
	}
	p, failure := planOf(old, q)
	if failure != nil {
		return asked{}, failure
	}
	profile, model := s.chooseModel(old, q.Model)
	ctx, cancel := context.WithCancelCause(s.context)
	e, unready := s.config.Resolve(ctx, profile, model)
	from := record.From{By: "page", Key: key}
	saver, room, err := s.savePrompt(ctx, old, p, from, e, q.System)
	if err != nil {
		e.Close()
		cancel(err)
		return asked{}, storeError(err)
	}
	t := live.NewRunning(p.view(saver.Turn(), from, e, s.config.Now()), func() { cancel(errStopped) })
	room.Begin(t)
	_ = room.Read() // an error is ignored: the first viewer reads the session again
	reply := asked{saver.ID(), saver.Turn(), live.StartOf(saver.Turn()).String()}
	o := turn.Options{Client: e.Client, Saver: saver, Sinks: []turn.Sink{sink{room, t}}}
	s.turns.Go(func() {
		defer room.Release()
		defer e.Close()
		defer cancel(nil)
		if unready == nil {
			o.Request, unready = e.Request(p.history, q.System, p.prompt)
		}
		if unready != nil {
			turn.Refuse(ctx, o, report.Of(unready))
			return
		}
		prompt.Reattach(o.Request.Messages, func(string) {})
		s.saved(turn.Run(ctx, o).SaveErr)
	})
	return reply, nil
}

// idleSession returns the session with an ID, nil for none, unless an answer is arriving in
// it.
func (s *Server) idleSession(id string) (*session.Session, *apiError) {
	if id == "" {
		return nil, nil
	}
	e, failure := s.entry(id)
	if failure != nil {
		return nil, failure
	}
	old, err := s.config.Store.Load(e)
	if err != nil {
		return nil, errNoSession
	}
	if _, now := live.Turns(old); now != nil {
		return nil, busy(now.Turn)
	}
	return old, nil
}

func busy(turn string) *apiError {
	return &apiError{status: http.StatusConflict, code: "answering", message: "an answer is arriving in this chat", param: turn}
}

// sink puts what arrives into a room.
type sink struct {
	room *live.Room
	turn *live.Running
}

func (k sink) Delta(d *chat.Delta) { k.room.Add(k.turn, d) }
func (k sink) End(turn.End)        { k.room.End(k.turn) }

// plan is what a question comes to in a session.
type plan struct {
	prompt  chat.Message
	history []chat.Message
	branch  int    // the turns that a branch begins with; -1: it is no branch
	again   bool   // the last prompt is asked again
	retryOf string // the turn that is asked again
}

func planOf(old *session.Session, q question) (plan, *apiError) {
	p := plan{branch: -1}
	if old == nil && (q.Retry != "" || q.After != nil && *q.After != "0") {
		return p, badRequest("after", "a new session has no turns")
	}
	var turns []live.Turn
	if old != nil {
		turns, _ = live.Turns(old)
		p.history = old.History()
	}
	last := ""
	if len(turns) > 0 {
		last = turns[len(turns)-1].Turn
	}
	if q.Retry != "" {
		n, ok := promptsBefore(old, turns, q.Retry)
		if !ok {
			return p, errNoTurn
		}
		p.retryOf = q.Retry
		if prompt, before, ok := old.LastPrompt(); ok && n == old.Turns() {
			p.prompt, p.history, p.again = prompt.Message, before, true
			return p, nil
		}
		prompt, before, _ := old.Until(n).LastPrompt()
		p.prompt, p.history, p.branch = prompt.Message, before, n-1
		return p, nil
	}
	var failure *apiError
	if p.prompt, failure = readPrompt(q.Content); failure != nil {
		return p, failure
	}
	if old == nil || q.After == nil || *q.After == last {
		return p, nil
	}
	n := 0
	if *q.After != "0" {
		var ok bool
		if n, ok = promptsBefore(old, turns, *q.After); !ok {
			return p, errNoTurn
		}
		if n == old.Turns() {
			return p, nil
		}
	} else if len(turns) == 0 {
		return p, nil
	}
	p.branch, p.history = n, old.Until(n).History()
	return p, nil
}

// promptsBefore returns how many prompts there are up to the end of a turn.
func promptsBefore(s *session.Session, turns []live.Turn, id string) (n int, ok bool) {
	for _, t := range turns {
		n += t.Prompts()
		if t.Turn == id {
			return n, true
		}
	}
	return 0, false
}

// savePrompt saves the prompt, syncs it, and opens the session's room.
func (s *Server) savePrompt(ctx context.Context, old *session.Session, p plan, from record.From, e *endpoint.Endpoint, system string) (*session.Writer, *live.Room, error) {
	w, err := s.writePrompt(old, p, from, e, system)
	if err != nil {
		return nil, nil, err
	}
	if err = w.Sync(ctx); err != nil {
		w.Close()
		return nil, nil, err
	}
	return w, s.rooms.Hold(w.Entry()), nil
}

func (s *Server) writePrompt(old *session.Session, p plan, from record.From, e *endpoint.Endpoint, system string) (*session.Writer, error) {
	records := turn.Records(system, p.prompt, e.Model, e.SavedProfile, 0)
	for i := range records {
		records[i].From = from
	}
	store := s.config.Store
	switch {
	case old == nil:
		return store.Create(records...)
	case p.branch >= 0:
		return store.Fork(old, p.branch, records...)
	case p.again:
		return store.Continue(old.Entry())
	}
	return store.Continue(old.Entry(), records...)
}

// view returns the turn as viewers are told of it.
func (p plan) view(id string, from record.From, e *endpoint.Endpoint, now time.Time) live.Turn {
	prompt := live.Prompt{Turn: id, RetryOf: p.retryOf, From: from, Time: now, Profile: e.Profile, Model: e.Model}
	if !p.again {
		prompt.Messages = []chat.Message{p.prompt}
	}
	return prompt.View()
}

// readPrompt reads the content of a prompt: text, or parts.
func readPrompt(content json.RawMessage) (chat.Message, *apiError) {
	text, parts, ok := completions.Content(content)
	switch {
	case !ok:
		return chat.Message{}, badRequest("content", "content must be text, or a list of parts")
	case len(parts) == 0 && strings.TrimSpace(text) == "":
		return chat.Message{}, badRequest("content", "the prompt is empty")
	case slices.ContainsFunc(parts, func(p chat.Part) bool { return p.Type == "" }):
		return chat.Message{}, badRequest("content", "a part must be an object with a type")
	}
	return chat.Message{Role: chat.User, Text: text, Parts: parts}, nil
}

// chooseModel returns the profile and the model of a turn.
func (s *Server) chooseModel(old *session.Session, wanted string) (profile, model string) {
	name, rest, ok := strings.Cut(wanted, "/")
	switch {
	case ok && (name == DefaultName || name == s.config.DefaultProfile): // which may be in no file
		return "", rest
	case ok && slices.Contains(s.config.Profiles, name):
		return name, rest
	}
	if wanted != "" {
		return "", wanted
	}
	return old.LastAsked()
}

// deleteTurn answers DELETE /api/sessions/{id}/turns/{turn}: stop.
func (s *Server) deleteTurn(w http.ResponseWriter, r *http.Request) *apiError {
	if failure := s.stopTurn(r.PathValue("id"), r.PathValue("turn")); failure != nil {
		return failure
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// stopTurn stops a turn, whoever runs it. One that has ended is left as it is.
func (s *Server) stopTurn(id, turn string) *apiError {
	room, failure := s.roomOf(id)
	if failure != nil {
		return failure
	}
	defer room.Release()
	if !room.Stop(turn) {
		return errNoTurn
	}
	return nil
}
