package serve

import (
	"iter"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"oax/internal/search"
	"oax/internal/session"
)

// The list of sessions, and the search in them.

const (
	usualLimit = 50
	maxLimit   = 200
)

// listSessions answers GET /api/sessions.
func (s *Server) listSessions(w http.ResponseWriter, r *http.Request) *apiError {
	q := r.URL.Query()
	limit, failure := limitOf(q.Get("limit"))
	if failure != nil {
		return failure
	}
	var filter session.Filter
	if since := q.Get("since"); since != "" {
		t, err := time.Parse(time.RFC3339, since)
		if err != nil {
			return badRequest("since", "since must be a time, as 2026-11-21T08:00:00Z")
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
		if err != nil || sum.Helper && q.Get("helpers") != "1" {
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
	return nil
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
