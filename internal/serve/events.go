package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"oax/internal/sse"
)

const (
	keepAlive  = 15 * time.Second
	maxViewers = 256 // of a session
	// htmlRate bounds how often the HTML of an open block is sent again: as many bytes a
	// second at most, and at least every maxPause.
	htmlRate = 2 << 20
	maxPause = 250 * time.Millisecond
)

// events answers GET /api/sessions/{id}/events: what happens in a session, as server-sent
// events.
func (s *Server) events(w http.ResponseWriter, r *http.Request) *apiError {
	room, failure := s.roomOf(r.PathValue("id"))
	if failure != nil {
		return failure
	}
	defer room.release()
	query := r.URL.Query()
	after, given := query.Get("after"), query.Has("after")
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		after, given = id, true
	}
	v, failure := room.watchFrom(after, given, query.Get("html") == "1")
	if failure != nil {
		return failure
	}
	defer v.leave()
	once := query.Get("until") == "end"
	if once && room.nothingAfter(after) {
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
	_ = v.each(r.Context(), keepAlive, func(e *event) (bool, error) {
		if e == nil {
			_, err := out.Write(sse.AppendComment(nil, "keep"))
			return true, err
		}
		data, err := json.Marshal(e.data)
		if err == nil {
			_, err = out.Write(sse.AppendEvent(nil, sse.Event{Type: e.name, ID: e.id, Data: data}))
		}
		return e.name != "gone" && !(once && e.name == "end" && room.nothingAfter(e.id)), err
	})
	return nil
}

// roomOf returns the room of the session with an ID, which release must let go of.
func (s *Server) roomOf(id string) (*room, *apiError) {
	e, failure := s.entry(id)
	if failure != nil {
		return nil, failure
	}
	room, err := s.room(e)
	if err != nil {
		return nil, errNoSession
	}
	return room, nil
}

// nothingAfter reports whether a position is the end of the session, and no turn runs nor
// another process tools.
func (r *room) nothingAfter(after string) bool {
	p, ok := parsePosition(after)
	r.mu.Lock()
	defer r.mu.Unlock()
	return ok && p.end && r.running == nil && !r.tools && len(r.turns) > 0 && r.turns[len(r.turns)-1].Turn == p.Turn
}

// each calls tell for what happens in the session, and with nil after a silence, until it
// says no, returns an error, or ctx ends.
func (v *viewer) each(ctx context.Context, silence time.Duration, tell func(*event) (bool, error)) error {
	timer := time.NewTimer(silence)
	defer timer.Stop()
	for {
		events, changed := v.next()
		sent := 0
		for i := range events {
			if more, err := tell(&events[i]); err != nil || !more {
				return err
			}
			if d, ok := events[i].data.(*deltaView); ok && d.HTML != nil {
				for _, block := range d.HTML.Blocks {
					sent += len(block)
				}
			}
		}
		timer.Reset(silence)
		if pause := min(time.Duration(sent)*time.Second/htmlRate, maxPause); pause > time.Millisecond {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		select {
		case <-changed:
		case <-timer.C:
			if more, err := tell(nil); err != nil || !more {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
