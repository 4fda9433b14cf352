package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oax/internal/demo"
)

// chats returns what was said in every session on disk, oldest first: prompts as
// "q", answers as "a" and what kept one from being whole.
func (h *home) chats() []string {
	h.t.Helper()
	var chats []string
	for _, path := range h.paths() {
		chats = append(chats, transcript(h.t, text(h.t, path)))
	}
	return chats
}

// transcript returns the messages in lines of a session file, which must all be whole, as
// "q hi | a hello".
func transcript(t *testing.T, lines string) string {
	t.Helper()
	var said []string
	for line := range strings.Lines(lines) {
		var r savedRecord
		if err := json.Unmarshal([]byte(line), &r); err != nil || !strings.HasSuffix(line, "\n") {
			t.Errorf("%v in %q", err, line)
		}
		if r.Kind != "session" {
			said = append(said, strings.TrimSpace(strings.Join([]string{sender(r), r.Text, r.Why}, " ")))
		}
	}
	return strings.Join(said, " | ")
}

func sender(r savedRecord) string {
	switch {
	case r.Kind == "error":
		return "error"
	case r.Role == "user":
		return "q"
	case r.Role == "assistant" && (r.State == "complete") == (r.Why == ""):
		return "a"
	}
	return fmt.Sprint(r.Role, "?", r.State)
}

// checkChats compares them. Nothing may be left of a turn in progress.
func (h *home) checkChats(want ...string) {
	h.t.Helper()
	if got := h.chats(); !slices.Equal(got, want) {
		h.t.Errorf("on disk\n%q, want\n%q", got, want)
	}
	if left := h.journals(); len(left) > 0 {
		h.t.Errorf("left behind: %v", left)
	}
}

// paths returns the session files, oldest first.
func (h *home) paths() []string {
	paths, _ := filepath.Glob(filepath.Join(h.store(), "*", "*.jsonl"))
	return paths
}

// parts returns the journals of turns in progress.
func (h *home) journals() []string {
	journals, _ := filepath.Glob(filepath.Join(h.store(), "open", "*"))
	return journals
}

func idOf(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), ".jsonl")
	return name[strings.LastIndexByte(name, '_')+1:]
}

// journalOf returns where the journal of a session's next turn will be.
func (h *home) journalOf(path string) string {
	return filepath.Join(h.store(), "open", filepath.Base(filepath.Dir(path))+"_"+idOf(path)+".part")
}

// began returns a home with one session, "q" and its answer "a", its file, and the
// endpoint that answers what is asked next.
func began(t *testing.T, exchanges ...demo.Exchange) (*home, *demo.Scripted, string) {
	t.Helper()
	h, script := scripted(t, append([]demo.Exchange{demo.Stream(demo.Answer("a")...)}, exchanges...)...)
	h.succeeds("q")
	return h, script, h.paths()[0]
}

// gate is an endpoint that stops in the middle of an answer. A prompt that begins
// with "wait" gets first, and the rest when it is opened; any other gets "whole".
type gate struct {
	first, rest string
	open        chan struct{}
}

// halted returns a home whose endpoint is a gate.
func halted(t *testing.T, first, rest string) (*home, *gate) {
	t.Helper()
	h, g := newHome(t), &gate{first, rest, make(chan struct{})}
	h.env["OPENAI_BASE_URL"] = listens(t, g)
	return h, g
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "text/event-stream")
	if strings.HasPrefix(promptIn(data), "wait") {
		w.Write(demo.Chunk(g.first))
		w.(http.Flusher).Flush()
		select {
		case <-g.open:
		case <-r.Context().Done():
		}
		w.Write(demo.Chunk(g.rest))
	} else {
		w.Write(demo.Chunk("whole"))
	}
	w.Write(demo.Finish("stop"))
	w.Write(demo.Done())
}
