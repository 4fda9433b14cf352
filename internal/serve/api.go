package serve

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash/fnv"
	"iter"
	"math"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"oax/internal/chat"
	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/search"
	"oax/internal/session"
)

// The sessions, as the page lists, shows and manages them.

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
	Position string     `json:"position"`
	Items    []turnView `json:"items"`
	Earlier  *string    `json:"earlier"`
}

// entry returns the session with a whole ID.
func (s *Server) entry(id string) (session.Entry, *apiError) {
	if id == "" || strings.HasPrefix(id, "@") {
		return session.Entry{}, errNoSession
	}
	e, err := s.config.Store.Find(id)
	if err != nil || e.ID != id {
		return session.Entry{}, errNoSession
	}
	return e, nil
}

const (
	usualLimit = 50
	maxLimit   = 200
)

// listSessions answers GET /api/sessions.
func (s *Server) listSessions(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit, failure := limitOf(q.Get("limit"))
	if failure != nil {
		failure.write(w)
		return
	}
	var filter session.Filter
	if since := q.Get("since"); since != "" {
		t, err := time.Parse(time.RFC3339, since)
		if err != nil {
			badRequest("since", "since must be a time, as 2026-11-21T08:00:00Z").write(w)
			return
		}
		filter.Since = t
	}
	list := s.config.Store.List(filter)
	if before := q.Get("before"); before != "" {
		list = behind(list, before)
	}
	words := strings.Fields(q.Get("q"))
	if len(words) > 0 {
		list = search.Words(r.Context(), list, words, 0)
	}
	open := s.config.Store.Open()
	sessions, next := []sessionView{}, (*string)(nil)
	for e, err := range list {
		if err != nil {
			continue
		}
		sum, err := s.summary(e)
		if err != nil || sum.From.Helper && sum.Turns < 2 && q.Get("helpers") != "1" {
			continue
		}
		if len(sessions) == limit {
			next = &sessions[limit-1].ID
			break
		}
		v := s.viewOf(sum, open[e.ID])
		if len(words) > 0 {
			v.Snippet = orNull(s.snippet(e, words))
		}
		sessions = append(sessions, v)
	}
	writeJSON(w, http.StatusOK, map[string]any{"sessions": sessions, "next": next})
}

// summaries keeps what a list shows of sessions whose files have not changed: the page asks
// for its list each second.
type summaries struct {
	mu    sync.Mutex
	known map[string]summaryAt // by path
	// branches has the last turn that a branch has in common with its session, by ID.
	branches map[string]string
}

type summaryAt struct {
	session.Summary
	size    int64
	changed time.Time
}

const maxSummaries = 4 * maxLimit

func (s *Server) summary(e session.Entry) (session.Summary, error) {
	info, err := os.Stat(e.Path)
	if err != nil {
		return session.Summary{}, err
	}
	s.shown.mu.Lock()
	k, ok := s.shown.known[e.Path]
	s.shown.mu.Unlock()
	if ok && k.size == info.Size() && k.changed.Equal(info.ModTime()) {
		return k.Summary, nil
	}
	sum, err := s.config.Store.Summary(e)
	if err != nil {
		return sum, err
	}
	s.shown.mu.Lock()
	defer s.shown.mu.Unlock()
	if len(s.shown.known) >= maxSummaries || s.shown.known == nil {
		s.shown.known = map[string]summaryAt{}
	}
	s.shown.known[e.Path] = summaryAt{sum, info.Size(), info.ModTime()}
	return sum, nil
}

// behind skips the sessions up to the one with an ID. If it moved to the front meanwhile,
// or is gone, the list begins anew: the page knows what it has.
func behind(list iter.Seq2[session.Entry, error], id string) iter.Seq2[session.Entry, error] {
	return func(yield func(session.Entry, error) bool) {
		found := false
		for e, err := range list {
			if found && !yield(e, err) {
				return
			}
			found = found || err == nil && e.ID == id
		}
	}
}

func limitOf(text string) (int, *apiError) {
	if text == "" {
		return usualLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, badRequest("limit", "limit must be 1 to 200")
	}
	return n, nil
}

// snippet returns the line of a session in which the first word is found.
func (s *Server) snippet(e session.Entry, words []string) string {
	messages, err := s.config.Store.Excerpt(e, words...)
	if err != nil {
		return ""
	}
	const around = 60
	word := strings.ToLower(words[0])
	for _, m := range messages {
		for line := range strings.Lines(m.Shown()) {
			at := strings.Index(strings.ToLower(line), word)
			if at < 0 || at > len(line) {
				continue
			}
			// What is cut in the middle of a character is no UTF-8.
			part := line[max(0, at-around):min(len(line), at+len(word)+around)]
			return strings.TrimSpace(strings.ToValidUTF8(part, ""))
		}
	}
	return ""
}

func (s *Server) viewOf(sum session.Summary, open bool) sessionView {
	v := sessionView{
		ID: sum.ID, Title: sum.Title, Created: sum.Time.UTC(), Used: sum.Used.UTC(), Turns: sum.Turns,
		Model: orNull(sum.Model), Profile: orNull(sum.Profile), By: by(sum.Imported, sum.From), Helper: sum.From.Helper && sum.Turns < 2,
		State: string(chat.Complete),
	}
	switch {
	case open:
		v.State = answering
	case sum.Failed:
		v.State = failed
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
	turns, _ := turnsOf(x)
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
func lastCopied(turns []turnView, n int, began time.Time) (id string) {
	for _, t := range turns {
		n -= t.prompts()
		ofBranch := t.prompts() == 0 && len(t.Messages) > 0 && !t.Time.Before(began)
		if n < 0 || ofBranch {
			break
		}
		id = t.Turn
	}
	return id
}

// showSession answers GET /api/sessions/{id}.
func (s *Server) showSession(w http.ResponseWriter, r *http.Request) {
	e, failure := s.entry(r.PathValue("id"))
	if failure != nil {
		failure.write(w)
		return
	}
	query := r.URL.Query()
	html := query.Get("html") == "1"
	limit := math.MaxInt
	if html || query.Has("limit") { // HTML is rendered for each request
		if limit, failure = limitOf(query.Get("limit")); failure != nil {
			failure.write(w)
			return
		}
	}
	view, err := s.full(e)
	if err != nil {
		errNoSession.write(w)
		return
	}
	if !view.cut(query.Get("before"), limit) {
		errNoTurn.write(w)
		return
	}
	if html {
		for i := range view.Items {
			if a := view.Items[i].Answer; a != nil && a.Text != "" {
				with := *a // the room has the answer, too
				with.HTML = htmlOf(a.Text)
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
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// cut leaves the last turns before one, or before the end; ok is whether there is that turn.
func (v *fullView) cut(before string, limit int) (ok bool) {
	if before != "" {
		end := slices.IndexFunc(v.Items, func(t turnView) bool { return t.Turn == before })
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

// full returns a session with its turns, and what has come of the one that runs.
func (s *Server) full(e session.Entry) (fullView, error) {
	room, err := s.room(e)
	if err != nil {
		return fullView{}, err
	}
	defer room.release()
	room.shown.Store(true)
	sum, err := s.summary(e)
	if err != nil {
		return fullView{}, err
	}
	room.mu.Lock()
	defer room.mu.Unlock()
	v := fullView{sessionView: s.viewOf(sum, room.running != nil), Position: "0"}
	n := room.count()
	v.Items = make([]turnView, n)
	for i := range v.Items {
		v.Items[i] = *room.turn(i)
	}
	if n == 0 {
		return v, nil
	}
	last := &v.Items[n-1]
	if room.running == nil {
		v.Position = endOf(last.Turn).String()
		if last.Answer != nil {
			v.State = last.Answer.State
		}
		return v, nil
	}
	text, reasoning, refusal := room.texts(room.turn(n - 1))
	v.Position = position{Position: session.Position{Turn: last.Turn, Text: len(text), Reasoning: len(reasoning), Refusal: len(refusal)}}.String()
	if len(text)+len(reasoning)+len(refusal) > 0 {
		last.Answer = &answerView{Text: text, Reasoning: reasoning, Refusal: refusal, State: answering, Position: v.Position}
	}
	return v, nil
}

// patchSession answers PATCH /api/sessions/{id}: the title.
func (s *Server) patchSession(w http.ResponseWriter, r *http.Request) {
	e, failure := s.entry(r.PathValue("id"))
	if failure != nil {
		failure.write(w)
		return
	}
	var given map[string]json.RawMessage
	if failure := readJSON(w, r, &given); failure != nil {
		failure.write(w)
		return
	}
	var title *string
	if raw, ok := given["title"]; !ok || json.Unmarshal(raw, &title) != nil {
		badRequest("title", "title must be text, or null").write(w)
		return
	}
	text := ""
	if title != nil {
		text = *title
	}
	if err := s.config.Store.Retitle(e, text); err != nil {
		storeError(err).write(w)
		return
	}
	s.replyWithSession(w, e)
}

func (s *Server) replyWithSession(w http.ResponseWriter, e session.Entry) {
	sum, err := s.config.Store.Summary(e)
	if err != nil {
		errNoSession.write(w)
		return
	}
	writeJSON(w, http.StatusOK, s.viewOf(sum, s.config.Store.Open()[e.ID]))
}

// storeError says why a session could not be changed.
func storeError(err error) *apiError {
	if _, ok := errors.AsType[*session.BusyError](err); ok {
		return busy("")
	}
	if _, ok := errors.AsType[*session.NotFoundError](err); ok {
		return errNoSession
	}
	return &apiError{status: http.StatusInsufficientStorage, code: "not_saved", message: report.Of(err).What}
}

// deleteSession answers DELETE /api/sessions/{id}: into the trash.
func (s *Server) deleteSession(w http.ResponseWriter, r *http.Request) {
	e, failure := s.entry(r.PathValue("id"))
	if failure != nil {
		failure.write(w)
		return
	}
	trash := s.config.Store.Trash()
	err := trash.Take(e)
	if err == nil {
		err = trash.Sync()
	}
	if err != nil {
		storeError(err).write(w)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// restoreSession answers POST /api/sessions/{id}/restore: out of the trash.
func (s *Server) restoreSession(w http.ResponseWriter, r *http.Request) {
	if failure := readJSON(w, r, &struct{}{}); failure != nil {
		failure.write(w)
		return
	}
	trash := s.config.Store.Trash()
	all, err := trash.All()
	id := r.PathValue("id")
	i := slices.IndexFunc(all, func(t session.Trashed) bool { return t.ID == id })
	if err != nil || i < 0 {
		errNoSession.write(w)
		return
	}
	e, err := trash.Restore(all[i])
	if err == nil {
		err = trash.Sync()
	}
	if err != nil {
		storeError(err).write(w)
		return
	}
	s.replyWithSession(w, e)
}

// exportSession answers GET /api/sessions/{id}/export.
func (s *Server) exportSession(w http.ResponseWriter, r *http.Request) {
	e, failure := s.entry(r.PathValue("id"))
	if failure != nil {
		failure.write(w)
		return
	}
	format := r.URL.Query().Get("format")
	types := map[string]string{"markdown": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8", "json": "application/json"}
	extensions := map[string]string{"markdown": "md", "html": "html", "json": "json"}
	if types[format] == "" {
		badRequest("format", "format must be markdown, html or json").write(w)
		return
	}
	x, err := s.config.Store.Load(e)
	if err != nil {
		errNoSession.write(w)
		return
	}
	var out bytes.Buffer
	one := func(yield func(*session.Session, error) bool) { yield(x, nil) }
	if err := export.Write(&out, one, export.Options{Form: export.Form(format)}); err != nil {
		storeError(err).write(w)
		return
	}
	w.Header().Set("Content-Type", types[format])
	w.Header().Set("Content-Disposition", `attachment; filename="`+e.ID+"."+extensions[format]+`"`)
	w.Header().Set("Content-Security-Policy", "sandbox")
	_, _ = w.Write(out.Bytes())
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
