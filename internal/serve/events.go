package serve

import (
	"encoding/json"
	"net/http"
	"time"

	"oax/internal/serve/live"
	"oax/internal/sse"
)

// keepAlive is after how much silence something is sent.
const keepAlive = 15 * time.Second

// events answers GET /api/sessions/{id}/events: what happens in a session, as server-sent
// events.
func (s *Server) events(w http.ResponseWriter, r *http.Request) *apiError {
	room, failure := s.roomOf(r.PathValue("id"))
	if failure != nil {
		return failure
	}
	defer room.Release()
	query := r.URL.Query()
	after, given := query.Get("after"), query.Has("after")
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		after, given = id, true
	}
	v, err := room.Watch(after, given, query.Get("html") == "1")
	if err != nil {
		return errTooMany
	}
	defer v.Leave()
	once := query.Get("until") == "end"
	if once && room.NothingAfter(after) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	out := newReplyWriter(w)
	if out.flush() != nil {
		return nil
	}
	_ = v.Each(r.Context(), keepAlive, func(e *live.Event) (bool, error) {
		if e == nil {
			_, err := out.Write(sse.AppendComment(nil, "keep"))
			return true, err
		}
		data, err := json.Marshal(e.Data)
		if err == nil {
			_, err = out.Write(sse.AppendEvent(nil, sse.Event{Type: e.Name, ID: e.ID, Data: data}))
		}
		return e.Name != "gone" && !(once && e.Name == "end" && room.NothingAfter(e.ID)), err
	})
	return nil
}

// roomOf returns the room of the session with an ID, which Release must let go of.
func (s *Server) roomOf(id string) (*live.Room, *apiError) {
	e, failure := s.entry(id)
	if failure != nil {
		return nil, failure
	}
	room, err := s.rooms.Open(e)
	if err != nil {
		return nil, errNoSession
	}
	return room, nil
}
