package serve

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coder/websocket"

	"oax/internal/serve/live"
)

const (
	maxSocketMessage = 1 << 20
	typingTime       = 5 * time.Second
)

// live answers GET /api/live: one WebSocket a window, with the events of the sessions that
// it follows, and what its person does.
func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // check has looked at the origin
	if err != nil {
		return
	}
	conn.SetReadLimit(maxSocketMessage)
	s.sockets.Add(1)
	defer s.sockets.Done()
	ctx, cancel := context.WithCancel(s.context)
	defer cancel()
	c := &socket{server: s, conn: conn, context: ctx, viewers: map[string]*subscription{}}
	go c.keep(ctx)
	c.read()
	c.unsubscribeAll()
	_ = conn.CloseNow()
}

// socket is the connection of one window.
type socket struct {
	server  *Server
	conn    *websocket.Conn
	context context.Context
	mu      sync.Mutex
	viewers map[string]*subscription // by session
}

type subscription struct {
	viewer *live.Viewer
	cancel context.CancelFunc
	done   chan struct{}
}

// operation is a message of a client.
type operation struct {
	Op      string  `json:"op"`
	Ref     *string `json:"ref"`
	Session *string `json:"session"`
	Turn    string  `json:"turn"`
	HTML    bool    `json:"html"`
	On      bool    `json:"on"`
	question
}

// keep looks whether the client is still there, and says goodbye when the server stops.
func (c *socket) keep(ctx context.Context) {
	tick := time.NewTicker(keepAlive)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			wait, cancel := context.WithTimeout(ctx, noProgress)
			err := c.conn.Ping(wait)
			cancel()
			if err != nil && ctx.Err() == nil {
				_ = c.conn.CloseNow()
				return
			}
		case <-ctx.Done():
			if c.server.context.Err() != nil {
				_ = c.conn.Close(websocket.StatusGoingAway, "stopping")
			}
			return
		}
	}
}

// read takes what the client says, until the connection ends.
func (c *socket) read() {
	for {
		kind, data, err := c.conn.Read(context.Background())
		if err != nil {
			return
		}
		var o operation
		switch err := json.Unmarshal(data, &o); {
		case kind != websocket.MessageText:
			_ = c.conn.Close(websocket.StatusUnsupportedData, "text messages only")
			return
		case err != nil && !json.Valid(data):
			_ = c.conn.Close(websocket.StatusInvalidFramePayloadData, "JSON only")
			return
		case err != nil:
			c.fail(o.Ref, badRequest("", err.Error()))
		default:
			c.do(o)
		}
	}
}

// do carries out an operation. Errors close nothing.
func (c *socket) do(o operation) {
	id := deref(o.Session)
	var failure *apiError
	var reply any = struct{}{}
	switch o.Op {
	case "sub":
		if failure = c.subscribe(id, o); failure == nil {
			return
		}
	case "unsub":
		c.unsubscribe(id)
		return
	case "typing":
		c.typing(id, o.On)
		return
	case "say":
		if o.Ref == nil {
			failure = badRequest("ref", "say needs a ref")
			break
		}
		c.typing(id, false)
		path := "/api/sessions"
		if id != "" {
			path += "/" + id + "/turns"
		}
		reply, _, failure = c.server.askOnce(*o.Ref, path, id, o.question)
	case "stop":
		failure = c.server.stopTurn(id, o.Turn)
	default:
		failure = badRequest("op", "there is no such operation")
	}
	if failure != nil {
		c.fail(o.Ref, failure)
		return
	}
	if o.Ref != nil {
		_ = c.send(map[string]any{"event": "ok", "ref": o.Ref, "data": reply})
	}
}

func (c *socket) fail(ref *string, failure *apiError) {
	data := failure.fields()
	data["status"] = failure.status
	_ = c.send(map[string]any{"event": "error", "ref": ref, "data": data})
}

// send sends a message. A client that takes nothing for 10 seconds is cut off. The end of
// the server does not cancel it: that would close the connection without a goodbye.
func (c *socket) send(message any) error {
	data, err := json.Marshal(message)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), noProgress)
	defer cancel()
	return c.conn.Write(ctx, websocket.MessageText, data)
}

// subscribe follows a session, from another position if it is followed already.
func (c *socket) subscribe(id string, o operation) *apiError {
	c.unsubscribe(id)
	room, failure := c.server.roomOf(id)
	if failure != nil {
		return failure
	}
	v, err := room.Watch(deref(o.After), o.After != nil, o.HTML)
	if err != nil {
		room.Release()
		return errTooMany
	}
	ctx, cancel := context.WithCancel(c.context)
	sub := &subscription{v, cancel, make(chan struct{})}
	c.mu.Lock()
	c.viewers[id] = sub
	c.mu.Unlock()
	go func() {
		defer close(sub.done)
		defer room.Release()
		defer v.Leave()
		err := v.Each(ctx, time.Hour, func(e *live.Event) (bool, error) {
			if e == nil {
				return true, nil
			}
			return e.Name != "gone", c.send(map[string]any{"event": e.Name, "session": id, "id": orNull(e.ID), "data": e.Data})
		})
		if err != nil && ctx.Err() == nil {
			_ = c.conn.CloseNow()
		}
	}()
	return nil
}

func (c *socket) unsubscribe(id string) {
	c.mu.Lock()
	sub := c.viewers[id]
	delete(c.viewers, id)
	c.mu.Unlock()
	if sub != nil {
		sub.cancel()
		<-sub.done
	}
}

func (c *socket) unsubscribeAll() {
	c.mu.Lock()
	ids := slices.Collect(maps.Keys(c.viewers))
	c.mu.Unlock()
	for _, id := range ids {
		c.unsubscribe(id)
	}
}

func (c *socket) typing(id string, on bool) {
	c.mu.Lock()
	sub := c.viewers[id]
	c.mu.Unlock()
	if sub == nil {
		return
	}
	until := time.Time{}
	if on {
		until = c.server.config.Now().Add(typingTime)
	}
	sub.viewer.Typing(until)
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
