package serve

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/serve/live"
	"oax/internal/session"
)

// A session, as the API shows it; the list is in list.go, what changes a session in manage.go.

var (
	errNoSession = &apiError{status: http.StatusNotFound, code: "no_session", message: "there is no session with this ID"}
	errNoTurn    = &apiError{status: http.StatusNotFound, code: "no_turn", message: "the session has no such turn"}
)

// sessionView is a session, as the API has it.
type sessionView struct {
	ID       string      `json:"id"`
	Title    string      `json:"title"`
	Created  time.Time   `json:"created"`
	Used     time.Time   `json:"used"`
	Turns    int         `json:"turns"`
	Model    *string     `json:"model"`
	Profile  *string     `json:"profile"`
	By       string      `json:"by"`
	State    string      `json:"state"`
	Helper   bool        `json:"helper"`
	BranchOf *branchView `json:"branch_of"`
	Snippet  *string     `json:"snippet,omitempty"`
}

// branchView says which turn of which session a branch begins behind.
type branchView struct {
	Session string  `json:"session"`
	Turn    *string `json:"turn"`
}

// fullView is a session with its turns, or the last ones of them. Earlier is the first of
// them if there are more before it.
type fullView struct {
	sessionView
	Position string      `json:"position"`
	Items    []live.Turn `json:"items"`
	Earlier  *string     `json:"earlier"`
}

// entry returns the session with a whole ID.
func (s *Server) entry(id string) (session.Entry, *apiError) {
	e, err := s.config.Store.Find(id)
	if err != nil || e.ID != id {
		return session.Entry{}, errNoSession
	}
	return e, nil
}

func (s *Server) viewOf(sum session.Summary, open bool) sessionView {
	v := sessionView{
		ID: sum.ID, Title: sum.Title, Created: sum.Time.UTC(), Used: sum.Used.UTC(), Turns: sum.Turns,
		Model: orNull(sum.Model), Profile: orNull(sum.Profile), By: live.By(sum.Imported, sum.From), Helper: sum.Helper,
		State: string(chat.Complete),
	}
	switch {
	case open:
		v.State = live.Answering
	case sum.Failed:
		v.State = live.Failed
	case sum.Incomplete:
		v.State = string(chat.Incomplete)
	}
	if sum.ForkOf != nil {
		v.BranchOf = &branchView{Session: sum.ForkOf.ID, Turn: s.branchTurn(sum)}
	}
	return v
}

// branchTurn returns the last turn that a branch has in common with its session, or nil if
// there is none. It never changes.
func (s *Server) branchTurn(sum session.Summary) *string {
	if sum.ForkOf.Turn == 0 {
		return nil
	}
	s.shown.mu.Lock()
	turn, known := s.shown.branches[sum.ID]
	s.shown.mu.Unlock()
	if known {
		return &turn
	}
	x, err := s.config.Store.Load(sum.Entry)
	if err != nil {
		return nil
	}
	turns, _ := live.Turns(x)
	if turn = lastCopied(turns, sum.ForkOf.Turn, sum.Time); turn == "" {
		return nil
	}
	s.shown.mu.Lock()
	defer s.shown.mu.Unlock()
	if len(s.shown.branches) >= maxSummaries || s.shown.branches == nil {
		s.shown.branches = map[string]string{}
	}
	s.shown.branches[sum.ID] = turn
	return &turn
}

// lastCopied returns the ID of the last turn that was copied with n prompts when the branch
// began, or nothing. A turn without a prompt of its own, as of tool results, goes with the
// one before it.
func lastCopied(turns []live.Turn, n int, began time.Time) (id string) {
	for _, t := range turns {
		n -= t.Prompts()
		ofBranch := t.Prompts() == 0 && len(t.Messages) > 0 && !t.Time.Before(began)
		if n < 0 || ofBranch {
			break
		}
		id = t.Turn
	}
	return id
}

// showSession answers GET /api/sessions/{id}.
func (s *Server) showSession(w http.ResponseWriter, r *http.Request) *apiError {
	e, failure := s.entry(r.PathValue("id"))
	if failure != nil {
		return failure
	}
	query := r.URL.Query()
	html := query.Get("html") == "1"
	limit := math.MaxInt
	if html || query.Has("limit") { // HTML is rendered for each request
		if limit, failure = limitOf(query.Get("limit")); failure != nil {
			return failure
		}
	}
	view, ok := fullView{}, false
	if limit <= maxLimit && !query.Has("before") {
		view, ok = s.lastOf(e, limit)
	}
	if !ok {
		var err error
		if view, err = s.full(e); err != nil {
			return errNoSession
		}
	}
	if !view.cut(query.Get("before"), limit) {
		return errNoTurn
	}
	if html {
		for i := range view.Items {
			if a := view.Items[i].Answer; a != nil && a.Text != "" {
				with := *a // the room has the answer, too
				with.HTML = live.HTML(a.Text)
				view.Items[i].Answer = &with
			}
		}
	}
	body, _ := json.Marshal(view)
	sum := fnv.New128a()
	sum.Write(body)
	tag := `"` + strconv.FormatUint(uint64(len(body)), 36) + "-" + hex.EncodeToString(sum.Sum(nil)) + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "no-cache")
	if slices.Contains(strings.Split(strings.ReplaceAll(r.Header.Get("If-None-Match"), " ", ""), ","), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
	return nil
}

// cut leaves the last turns before one, or before the end; ok is whether there is that turn.
func (v *fullView) cut(before string, limit int) (ok bool) {
	if before != "" {
		end := slices.IndexFunc(v.Items, func(t live.Turn) bool { return t.Turn == before })
		if end < 0 {
			return false
		}
		v.Items = v.Items[:end]
	}
	if more := len(v.Items) - limit; more > 0 {
		v.Items = v.Items[more:]
		v.Earlier = &v.Items[0].Turn
	}
	return true
}

// lastOf returns a session with at least so many of its last turns, and more than those if it
// has more. It reads no other ones. ok is false if they are not enough to tell, or if there is
// a room, which has all.
func (s *Server) lastOf(e session.Entry, limit int) (v fullView, ok bool) {
	if s.rooms.Has(e.ID) {
		return v, false
	}
	x, ok := s.config.Store.LoadLast(e, limit)
	if !ok {
		return v, false
	}
	sum, err := s.summary(e)
	if err != nil {
		return v, false
	}
	v.sessionView = s.viewOf(sum, false)
	v.Items, _ = live.Turns(x)
	v.ended()
	return v, true
}

// ended sets what the last turn says of a session in which no turn runs.
func (v *fullView) ended() {
	last := v.Items[len(v.Items)-1]
	v.Position = live.EndOf(last.Turn).String()
	if last.Answer != nil {
		v.State = last.Answer.State
	}
}

// full returns a session with its turns, and what has come of the one that runs.
func (s *Server) full(e session.Entry) (fullView, error) {
	room, err := s.rooms.Open(e)
	if err != nil {
		return fullView{}, err
	}
	defer room.Release()
	sum, err := s.summary(e)
	if err != nil {
		return fullView{}, err
	}
	turns, at, answering := room.Content()
	v := fullView{sessionView: s.viewOf(sum, answering), Position: at.String(), Items: turns}
	if !answering && len(turns) > 0 {
		v.ended()
	}
	return v, nil
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// pageModels answers GET /api/models: what there is to choose from.
func (s *Server) pageModels(w http.ResponseWriter, r *http.Request) {
	type modelView struct {
		ID      string `json:"id"`
		Profile string `json:"profile"`
		Default bool   `json:"default"`
	}
	models, failed := []modelView{}, []string{}
	for _, list := range s.listModels(r.Context(), r) {
		profile := cmp.Or(list.profile, s.config.DefaultProfile, DefaultName)
		if list.items == nil {
			failed = append(failed, profile)
		}
		for _, item := range list.items {
			var m struct {
				ID string `json:"id"`
			}
			if json.Unmarshal(item, &m) == nil && m.ID != "" {
				models = append(models, modelView{profile + "/" + m.ID, profile, list.profile == "" && m.ID == s.config.DefaultModel})
			}
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"models": models, "failed": failed})
}
