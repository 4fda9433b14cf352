package serve

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// A stream that its client lost can be resumed, as llama.cpp's page does it (llama.cpp,
// pull request 23226): a request with X-Conversation-Id goes on without its client, and
// GET /v1/stream sends the same bytes again from an offset on, then what comes.

// resumeStream answers GET /v1/stream?conv_id=ID&from=OFFSET.
func (s *Server) resumeStream(w http.ResponseWriter, r *http.Request) *apiError {
	s.allowOrigin(w, r)
	query := r.URL.Query()
	at, err := strconv.Atoi(query.Get("from"))
	if query.Get("from") == "" {
		at, err = 0, nil
	}
	t := s.tapes.Find(query.Get("conv_id"), s.config.Now())
	if t == nil {
		return &apiError{status: http.StatusNotFound, code: "no_stream", message: "there is no such stream"}
	}
	if _, _, _, ok := t.After(at); err != nil || !ok {
		return badRequest("from", "from must be an offset that is still kept; begin again")
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := newReplyWriter(w)
	if out.flush() != nil {
		return nil
	}
	for {
		piece, more, broken, ok := t.After(at)
		if !ok {
			panic(http.ErrAbortHandler) // a reader that fell behind what is kept
		}
		if len(piece) > 0 {
			if _, err := out.Write(piece); err != nil {
				return nil
			}
			at += len(piece)
			continue
		}
		if more == nil {
			if broken {
				panic(http.ErrAbortHandler)
			}
			return nil
		}
		select {
		case <-more:
		case <-r.Context().Done():
			return nil
		}
	}
}

// stopStream answers DELETE /v1/stream?conv_id=ID.
func (s *Server) stopStream(w http.ResponseWriter, r *http.Request) {
	s.allowOrigin(w, r)
	if t := s.tapes.Remove(r.URL.Query().Get("conv_id")); t != nil {
		t.Stop()
	}
	w.WriteHeader(http.StatusNoContent)
}

// lookUpStreams answers POST /v1/streams/lookup: which of the conversations that a client
// names can be resumed.
func (s *Server) lookUpStreams(w http.ResponseWriter, r *http.Request) *apiError {
	s.allowOrigin(w, r)
	type streamView struct {
		ID        string `json:"conversation_id"`
		Done      bool   `json:"is_done"`
		Size      int    `json:"total_bytes"`
		Started   int64  `json:"started_at"` // in milliseconds
		Completed int64  `json:"completed_at"`
	}
	var asked struct {
		IDs []string `json:"conversation_ids"`
	}
	body, failure := readBody(w, r)
	if failure == nil && json.Unmarshal(body, &asked) != nil {
		failure = badRequest("conversation_ids", "conversation_ids must be a list of names")
	}
	if failure != nil {
		return failure
	}
	found := []streamView{}
	for _, id := range asked.IDs {
		t := s.tapes.Find(id, s.config.Now())
		if t == nil {
			continue
		}
		state := t.State()
		v := streamView{ID: id, Done: !state.Ended.IsZero(), Size: state.Size, Started: state.Began.UnixMilli()}
		if v.Done {
			v.Completed = state.Ended.UnixMilli()
		}
		found = append(found, v)
	}
	writeJSON(w, http.StatusOK, found)
	return nil
}
