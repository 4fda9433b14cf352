package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
	if r := h.run("q"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	return h, script, h.paths()[0]
}

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
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
	var body struct{ Messages []struct{ Content string } }
	data, _ := io.ReadAll(r.Body)
	json.Unmarshal(data, &body)
	w.Header().Set("Content-Type", "text/event-stream")
	if asked := body.Messages[len(body.Messages)-1].Content; strings.HasPrefix(asked, "wait") {
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

// running is a run of the program in the background.
type running struct {
	h              *home
	cmd            *exec.Cmd
	ended          chan struct{} // closed when it has ended
	mu             sync.Mutex
	stdout, stderr bytes.Buffer
}

// start begins a prepared run and returns once what it prints begins so.
func (h *home) start(cmd *exec.Cmd, with string) *running {
	h.t.Helper()
	r := &running{h: h, cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = r, &r.stderr
	start(h.t, cmd)
	go func() { cmd.Wait(); close(r.ended) }()
	r.until("it printed "+with[:min(len(with), 20)], func() bool { return strings.HasPrefix(r.printed(), with) })
	return r
}

// until waits for a condition that the run brings about. One that has ended cannot.
func (r *running) until(what string, holds func() bool) {
	r.h.t.Helper()
	eventually(r.h.t, what, func() bool {
		select {
		case <-r.ended:
			if !holds() {
				r.h.t.Fatalf("it ended before %s: %+v", what, r.wait())
			}
			return true
		default:
			return holds()
		}
	})
}

func (r *running) printed() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stdout.String()
}

// Write takes what the program prints.
func (r *running) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stdout.Write(b)
}

// wait returns how the run ended.
func (r *running) wait() result {
	<-r.ended
	ended := ended(r.cmd)
	ended.stdout, ended.stderr = r.stdout.String(), r.stderr.String()
	r.h.clean(ended.stdout + ended.stderr)
	return ended
}
