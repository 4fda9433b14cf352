package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"oax/internal/demo"
)

// sizes are bodies without measure.
var sizes = []fault{
	{row: "D25", what: "one line", test: flood{first: "data: ", then: filler}.tooLong},
	{row: "D25", what: "one comment", test: flood{first: ": ", then: filler}.tooLong},
	{row: "D26", what: "one event of many lines", test: flood{then: "data: " + filler + "\n"}.tooLong},
	{row: "D26", what: "one event of empty lines", test: flood{then: strings.Repeat("data\n", 10_000)}.tooLong},
	{row: "D27", what: "endless text", test: flood{then: string(demo.Chunk(filler))}.endless},
	{row: "D27", what: "endless reasoning", test: func(t *testing.T) { long(t); flood{then: reasoning}.endlessThought(t) }},
	{row: "D29", what: "gzip bomb of one line", test: flood{first: "data: ", then: filler, gzip: true}.tooLong},
	{row: "D29", what: "gzip bomb of endless text", test: func(t *testing.T) { long(t); flood{then: string(demo.Chunk(filler)), gzip: true}.endless(t) }},
}

// maxMemory is the most that a body may make the program use, in bytes.
const maxMemory = 64 << 20

var (
	filler    = strings.Repeat("x", 64<<10)
	reasoning = `data: {"choices":[{"delta":{"reasoning":"` + filler + `"}}]}` + "\n\n"
)

// flood is a stream that begins with "x" and then brings the same again and again.
type flood struct {
	first, then string
	gzip        bool
}

func (f flood) tooLong(t *testing.T) {
	h, r := f.run(t)
	streamed{want: partAnswer("x", "protocol")}.check(h, r)
}

func (f flood) endless(t *testing.T) {
	h, r := f.run(t)
	streamed{want: partAnswer(f.taken(t, h.only()[1].Text), "limit")}.check(h, r)
}

func (f flood) endlessThought(t *testing.T) {
	h, r := f.run(t)
	streamed{want: partAnswer("x", "limit")}.check(h, r)
	f.taken(t, h.only()[1].Reasoning)
}

// taken checks what came of the flood and returns it.
func (f flood) taken(t *testing.T, text string) string {
	const limit, batch = 16 << 20, 1 << 20
	if n := len(text); n < limit || n > limit+batch || strings.Count(text, "x") != n {
		t.Errorf("%d bytes kept, want those up to the limit", n)
	}
	return text
}

// run asks "hi" and checks that the program hung up, and its memory.
func (f flood) run(t *testing.T) (*home, result) {
	h, hungUp := newHome(t), make(chan bool, 1)
	url := listens(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hungUp <- f.send(w, r) != nil
	}))
	h.env["OPENAI_BASE_URL"] = url
	r, memory := h.measured(h.command("hi"))
	if !<-hungUp {
		t.Error("all of it was taken")
	}
	small(t, memory)
	return h, r
}

// small checks the most memory that a run had.
func small(t *testing.T, memory int) {
	t.Helper()
	if memory > maxMemory || memory == 0 {
		t.Errorf("%d MiB of memory, want %d at most", memory>>20, maxMemory>>20)
	}
	t.Logf("%d MiB of memory", memory>>20)
}

// send returns an error when nobody listens any more.
func (f flood) send(w http.ResponseWriter, r *http.Request) error {
	var body io.Writer = w
	if f.gzip {
		w.Header().Set("Content-Encoding", "gzip")
		z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
		body = z
	}
	io.WriteString(body, string(demo.Chunk("x"))+f.first)
	for sent := 0; sent < 1<<30; sent += len(f.then) {
		if _, err := io.WriteString(body, f.then); err != nil {
			return err
		}
		if err := r.Context().Err(); err != nil {
			return err
		}
	}
	return nil
}

// measured runs a prepared command to its end and returns also the most memory it
// had, in bytes. What wait4 says of that is no use: it begins with what the parent
// had when it started the child.
func (h *home) measured(cmd *exec.Cmd) (result, int) {
	h.t.Helper()
	run := h.start(cmd, "")
	for peak := 0; ; {
		peak = max(peak, peakMemoryOf(cmd.Process.Pid))
		select {
		case <-run.ended:
			return run.wait(), peak
		case <-time.After(3 * time.Millisecond):
		}
	}
}

// peakMemoryOf returns the most memory a running process has had so far, in bytes.
func peakMemoryOf(pid int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	kib := 0
	fmt.Sscan(line, &kib)
	return kib << 10
}
