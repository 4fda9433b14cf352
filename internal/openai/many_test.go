package openai_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oax/internal/chat"
	. "oax/internal/openai"
)

const (
	chunkEvent  = `data: {"choices":[{"delta":{"content":"%s"}}]}` + "\n\n"
	finishEvent = `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	doneEvent   = "data: [DONE]\n\n"
)

// TestManyStreams: one client, 64 streams at once. Half of the requests are cut, and half
// refused at first for their stream_options; each gets its own answer all the same.
func TestManyStreams(t *testing.T) {
	const streams = 64
	var refused, cut atomic.Int32
	all := make(chan struct{}) // closed when all requests are there
	var arrived atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if arrived.Add(1) == streams {
			close(all)
		}
		<-all
		var n int
		at := strings.Index(string(body), `"prompt `)
		fmt.Sscanf(string(body)[at:], `"prompt %d"`, &n)
		if n%4 >= 2 && strings.Contains(string(body), "stream_options") {
			refused.Add(1)
			http.Error(w, `{"error":{"message":"unknown field: stream_options"}}`, http.StatusBadRequest)
			return
		}
		for i := range 50 {
			fmt.Fprintf(w, chunkEvent, fmt.Sprintf("%d.%d ", n, i))
			w.(http.Flusher).Flush()
		}
		if n%2 == 1 {
			cut.Add(1)
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, finishEvent+doneEvent)
	}))
	defer server.Close()
	c := newClient(Config{BaseURL: server.URL, Limits: DefaultLimits()})
	defer c.Close()
	var done sync.WaitGroup
	for n := range streams {
		done.Go(func() {
			m, err := askFor(t.Context(), c, fmt.Sprintf("prompt %d", n))
			var want strings.Builder
			for i := range 50 {
				fmt.Fprintf(&want, "%d.%d ", n, i)
			}
			wantKind, wantState := Kind(""), chat.Complete
			if n%2 == 1 {
				wantKind, wantState = ResetLate, chat.Incomplete
			}
			if kindOf(err) != wantKind || m.State != wantState || m.Text != want.String() {
				t.Errorf("stream %d: %v, %s %q", n, err, m.State, m.Text)
			}
		})
	}
	done.Wait()
	if refused.Load() != streams/2 || cut.Load() != streams/2 {
		t.Errorf("%d refused, %d cut", refused.Load(), cut.Load())
	}
	if _, err := askFor(t.Context(), c, "prompt 2"); err != nil || refused.Load() != streams/2 {
		t.Errorf("what was learned is forgotten: %v, %d refused", err, refused.Load())
	}
}

// TestConnectionsAreKept: one connection carries many turns, also if the reply goes on for
// a moment after [DONE], and whether an answer is a stream, a body of JSON or an error.
func TestConnectionsAreKept(t *testing.T) {
	var connections atomic.Int32
	replies := []string{
		fmt.Sprintf(chunkEvent, "a") + finishEvent + doneEvent,
		fmt.Sprintf(chunkEvent, "a") + finishEvent + doneEvent + ": bye\n\n",
		fmt.Sprintf(chunkEvent, "a") + finishEvent,
		`{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}`,
	}
	left := make(chan struct{}) // the client has left the answer
	turn := 0
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply := replies[turn%len(replies)]
		turn++
		io.WriteString(w, reply)
		w.(http.Flusher).Flush()
		if strings.Contains(reply, "[DONE]") { // nobody waits for more
			<-left
		}
	}))
	server.Config.ConnState = countNew(&connections)
	server.Start()
	defer server.Close()
	c := newClient(Config{BaseURL: server.URL, Limits: DefaultLimits()})
	defer c.Close()
	late := 0 // turns after which the rest of the reply may have come too late for its connection
	for n := range 3 * len(replies) {
		begun := time.Now()
		if m, err := askFor(t.Context(), c, "q"); err != nil || m.Text != "a" {
			t.Fatal(m, err)
		}
		if strings.Contains(replies[n%len(replies)], "[DONE]") {
			left <- struct{}{}
		}
		waitIdle(t)
		if time.Since(begun) > 100*time.Millisecond {
			late++
		}
	}
	if n := int(connections.Load()); n < 1 || n > 1+late {
		t.Errorf("%d connections for %d turns, of which %d ended late", n, turn, late)
	}
}

// TestCutConnectionsAreNotKept: a stream that is left early ends its connection.
func TestCutConnectionsAreNotKept(t *testing.T) {
	gone := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, chunkEvent, "a")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		gone <- r.Context().Err()
	}))
	defer server.Close()
	c := newClient(Config{BaseURL: server.URL, Limits: DefaultLimits()})
	defer c.Close()
	stream, err := c.Stream(t.Context(), Request{})
	if err != nil {
		t.Fatal(err)
	}
	stream.Close()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
