package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oax/internal/demo"
)

// Runs that share a store and are all at once in the middle of a turn: there must be
// as many sessions, each with its own prompt and the whole answer.
func TestTortureCrowd(t *testing.T) {
	t.Parallel()
	runs := 60
	if torture {
		runs = 500
	}
	h, crowd := crowded(t, runs)
	crowd.asks(h, func(int) []string { return nil })
	equal(t, "sessions", len(h.sessions()), runs)
	for id, records := range h.sessions() {
		if len(records) != 2 {
			t.Errorf("session %s: %+v", id, records)
		}
	}
}

// The same with all in one session, which one of them gets, and the others a branch.
func TestTortureCrowdInOneSession(t *testing.T) {
	t.Parallel()
	h, crowd := crowded(t, 20)
	h.remember("q", "a")
	id := idOf(h.paths()[0])
	crowd.asks(h, func(n int) []string {
		if n%2 == 0 {
			return []string{"-c"} // the newest, which may be another's branch by then
		}
		return []string{"--session", id}
	})
	for id, records := range h.sessions() {
		if records[0].Text != "q" || records[1].Text != "a" {
			t.Errorf("session %s is no branch: %+v", id, records)
		}
	}
}

// crowd is an endpoint that answers no one before all have asked.
type crowd struct {
	size     int
	starting chan struct{} // holds those that have begun and not asked, so that few are busy with that at once
	asked    atomic.Int64
	all      chan struct{} // closed when they have, or when that took too long
	end      func()
}

func crowded(t *testing.T, size int) (*home, *crowd) {
	t.Helper()
	c := &crowd{size: size, starting: make(chan struct{}, 20), all: make(chan struct{})}
	c.end = sync.OnceFunc(func() { close(c.all) })
	late := time.AfterFunc(5*time.Minute, func() { t.Error("not all were there at once"); c.end() })
	t.Cleanup(func() { late.Stop() })
	return serves(t, c), c
}

func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	select {
	case <-c.starting:
	default:
	}
	if c.asked.Add(1) == int64(c.size) {
		c.end()
	}
	select {
	case <-c.all:
	case <-r.Context().Done():
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for word := range strings.SplitAfterSeq(crowdAnswer(promptIn(data)), " ") {
		w.Write(demo.Chunk(word))
	}
	w.Write(demo.Finish("stop"))
	w.Write(demo.Done())
}

func crowdAnswer(prompt string) string { return prompt + " is answered with " + demo.Text(30) }

// asks runs the program for everyone at once, and wants each turn on disk.
func (c *crowd) asks(h *home, flags func(n int) []string) {
	h.t.Helper()
	abreast(c.size, c.size, func(n int) {
		prompt := fmt.Sprint("prompt ", n)
		c.starting <- struct{}{}
		r := h.run(append(append([]string{"--raw"}, flags(n)...), prompt)...)
		const branched = "your turn becomes a branch\n"
		if r.code != 0 || r.stdout != crowdAnswer(prompt) || r.stderr != "" && !strings.HasSuffix(r.stderr, branched) {
			h.t.Errorf("run %d: %+v", n, r)
		}
	})
	tortured.add("runs at once", c.size)
	kept := map[string]bool{}
	for _, records := range h.sessions() {
		for n, r := range records[1:] {
			if asked := records[n].Text; r.Text == crowdAnswer(asked) && r.State == "complete" {
				kept[asked] = true
			}
		}
	}
	if asked := int(c.asked.Load()); len(kept) != c.size || asked != c.size || len(h.journals()) > 0 {
		h.t.Errorf("%d turns kept, %d requests made, want %d; left behind: %v", len(kept), asked, c.size, h.journals())
	}
}
