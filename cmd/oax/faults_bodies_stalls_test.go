package main

import (
	"net/http"
	"testing"
	"time"

	"oax/internal/demo"
)

// stalls are silences, and what is none. Their limits leave a busy machine time.
var stalls = []fault{
	{row: "D8", what: "no bytes", test: forms{
		"after text": {
			reply: demo.Stream(sendText("Hello"), demo.Hold()), args: []string{"--timeout", "1500ms"}, fired: "hold",
			want: partAnswer("Hello", "stall"),
		},
		"before text": {
			reply: demo.Stream(demo.Hold()), args: []string{"--timeout", "1500ms"}, fired: "hold",
			want: want{code: 3, noAnswer: true, why: "stall"},
		},
		"inside an event": {
			reply: demo.Stream(sendText("Hello"), sendPart(150), demo.Hold()), args: []string{"--timeout", "1500ms"}, fired: "hold",
			want: partAnswer("Hello", "stall"),
		},
	}.test},
	{row: "D8", what: "stopped for longer than the limit, not the service but the program", waits: true, test: asleep},
	{row: "D9", what: "comments while it thinks", waits: true, test: longerThan(2500*time.Millisecond, streamed{
		reply: demo.Stream(append(kept(14, 200*time.Millisecond), demo.Answer("Hello")...)...), args: []string{"--timeout", "2500ms"}, want: wholeAnswer("Hello"),
	})},
	{row: "D10", what: "drip", waits: true, test: longerThan(2500*time.Millisecond, streamed{
		reply: thenStops(drip(demo.Chunk("Hello"), 18*time.Millisecond)...), args: []string{"--timeout", "2500ms"}, want: wholeAnswer("Hello"),
	})},
}

// longerThan is a row that would be wrong if it were over sooner.
func longerThan(limit time.Duration, s streamed) func(*testing.T) {
	return func(t *testing.T) {
		begun := time.Now()
		s.test(t)
		if took := time.Since(begun); took < limit {
			t.Errorf("it took %v, which tests no limit of %v", took, limit)
		}
	}
}

// kept sends a comment again and again.
func kept(n int, pause time.Duration) []demo.Step {
	var steps []demo.Step
	for range n {
		steps = append(steps, sendRaw(": keepalive\n\n"), demo.Pause(pause))
	}
	return steps
}

// drip sends text a byte at a time.
func drip(text []byte, pause time.Duration) []demo.Step {
	var steps []demo.Step
	for i := range text {
		steps = append(steps, demo.Send(text[i:i+1]), demo.Pause(pause))
	}
	return steps
}

// asleep stops the program for longer than the limit, as Ctrl-Z does, while the
// service sends the rest of the answer.
func asleep(t *testing.T) {
	h, stopped := newHome(t), make(chan bool)
	url := listens(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write(demo.Chunk("Hel"))
		http.NewResponseController(w).Flush()
		<-stopped
		w.Write(append(demo.Chunk("lo"), demo.Finish("stop")...))
	}))
	h.env["OPENAI_BASE_URL"] = url
	run := h.start(h.command("--timeout", "2500ms", "hi"), "Hel")
	run.cmd.Process.Signal(sigStop)
	time.Sleep(2750 * time.Millisecond)
	run.cmd.Process.Signal(sigContinue)
	close(stopped)
	streamed{want: wholeAnswer("Hello")}.check(h, run.wait())
}
