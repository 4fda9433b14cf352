package main

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// retries are the failures that may pass.
var retries = []fault{
	{row: "C9", what: "408 and 409", test: func(t *testing.T) {
		for _, status := range []int{408, 409} {
			waits(t, demo.Exchange{Status: status, Header: soon()}, 0)
		}
	}},
	{row: "C9", what: "408 at a terminal", test: func(t *testing.T) {
		watched(t, 408, "oax: retrying in 0.2 s (1/2)\nyes\n")
	}},
	{row: "C12", what: "429 at a terminal", test: func(t *testing.T) {
		watched(t, 429, "oax: rate limited; retrying in 0.2 s (1/2) — Ctrl-C to stop\nyes\n")
	}},
	{row: "C12", what: "429 with Retry-After", test: func(t *testing.T) {
		waits(t, demo.Exchange{Status: 429, Header: http.Header{"Retry-After": {"1"}}}, time.Second,
			"oax: rate limited; retrying in 1 s (1/2)\n")
	}},
	{row: "C13", what: "429 with retry-after-ms", test: func(t *testing.T) {
		x := demo.Exchange{Status: 429, Header: http.Header{"Retry-After-Ms": {"700"}, "Retry-After": {"30"}}}
		waits(t, x, 700*time.Millisecond, "oax: rate limited; retrying in 0.7 s (1/2)\n")
	}},
	{row: "C15", what: "429 for an hour", test: func(t *testing.T) {
		anHour(t, demo.Exchange{Status: 429}, unsent("429", 5, "oax: rate limited until TIME\n"))
	}},
	{row: "C15", what: "503 for an hour", test: func(t *testing.T) {
		anHour(t, demo.Exchange{Status: 503}, unsent("5xx", 5, "oax: HOST failed (503 Service Unavailable); unavailable until TIME\n"))
	}},
	{row: "C14", what: "values of Retry-After", elsewhere: "internal/openai TestRetryAfter"},
	{row: "C14", what: "Retry-After that makes no sense", test: func(t *testing.T) {
		x := demo.Exchange{Status: 429, Header: http.Header{"Retry-After": {"NaN"}}}
		waits(t, x, 375*time.Millisecond, "oax: rate limited; retrying in 0.")
	}},
	{row: "C14", what: "Retry-After of thirty years", test: func(t *testing.T) {
		replies(demo.Exchange{Status: 429, Header: http.Header{"Retry-After": {"1e9"}}},
			unsent("429", 5, "oax: rate limited for more than a day\n"))(t)
	}},
	{row: "C16", what: "429 every time", test: func(t *testing.T) {
		tomorrow := time.Now().UTC().Add(24 * time.Hour).Truncate(time.Minute)
		for reset, said := range map[string]string{
			"6m0s": "in 6m0s", "30": "in 30 s", fmt.Sprint(tomorrow.UnixMilli()): "at " + tomorrow.Format("15:04"),
		} {
			again(t, demo.Exchange{Status: 429, Header: soon("X-Ratelimit-Reset-Requests", reset)},
				unsent("429", 5, "(1/2)\n", "(2/2)\n", "oax: still rate limited after 3 tries (resets "+said+")\n"))
		}
	}},
	{row: "C18", what: "overload", test: func(t *testing.T) {
		for _, status := range []int{520, 521, 522, 523, 524, 529} {
			again(t, demo.Exchange{Status: status, Header: soon()},
				unsent("529", 5, fmt.Sprintf("oax: HOST is overloaded (%d)\n", status)))
		}
	}},
	{row: "C18", what: "no retry, by x-should-retry", test: replies(demo.Exchange{Status: 503, Header: soon("X-Should-Retry", "false")},
		unsent("5xx", 5, "oax: HOST failed (503 Service Unavailable)\n"))},
	{row: "C28", what: "Ctrl-C while waiting for a retry", test: func(t *testing.T) {
		h, script := asks(t, demo.Exchange{Status: 429, Header: http.Header{"Retry-After": {"30"}}})
		var stdout capture
		c := h.at(into(h.command("hi"), &stdout))
		c.shows("retrying in 30 s")
		pressed := time.Now()
		c.press(ctrlC)
		r := c.end()
		if took := time.Since(pressed); took > time.Second {
			t.Errorf("it took %v", took)
		}
		r.stdout, r.stderr = stdout.String(), c.shown()
		h.check(r, unsent("stopped", 130, "rate limited; retrying in 30 s (1/2) — Ctrl-C to stop\n^C\noax: stopped\n"))
		diedOf(t, r, syscall.SIGINT)
		heard(t, script, "hi")
	}},
}

// waits checks that an answer follows one failure after the wait, and not long after.
func waits(t *testing.T, x demo.Exchange, wait time.Duration, stderr ...string) {
	t.Helper()
	h, script := asks(t, x, demo.Stream(demo.Answer("yes")...))
	begun := time.Now()
	h.check(h.run("hi"), want{stdout: "yes\n", stderr: stderr, prompt: "hi", answer: "yes"})
	if took := time.Since(begun); took < wait || took > wait+5*time.Second {
		t.Errorf("it took %v, want a wait of %v", took, wait)
	}
	if n := len(script.Requests()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
	if n := len(h.only()); n != 2 {
		t.Errorf("%d records, want the prompt and one answer", n)
	}
}

// anHour is a failure that will last so long, which nobody waits for. TIME in what is
// said stands for its end.
func anHour(t *testing.T, x demo.Exchange, w want) {
	t.Helper()
	x.Header = http.Header{"Retry-After": {"3600"}}
	h, script := asks(t, x)
	begun := time.Now().UTC()
	r := h.run("hi")
	until := begun.Add(time.Hour).Format("15:04")
	if late := time.Now().UTC().Add(time.Hour).Format("15:04"); strings.Contains(r.stderr, late) {
		until = late // a minute has passed
	}
	w.stderr[0] = strings.ReplaceAll(w.stderr[0], "TIME", until)
	h.check(r, w.from(h))
	heard(t, script, "hi")
}

// watched is one failure before the answer, at a terminal that shows all of it.
func watched(t *testing.T, status int, screen string) {
	t.Helper()
	h, _ := asks(t, demo.Exchange{Status: status, Header: soon("Retry-After-Ms", "200")}, demo.Stream(demo.Answer("yes")...))
	c := h.at(h.command("hi"))
	if r := c.end(); r.code != 0 || c.shown() != screen {
		t.Errorf("exit %d, on the screen: %q", r.code, c.shown())
	}
	h.checkDisk(want{prompt: "hi", answer: "yes"})
}

// again is a failure that is met three times.
func again(t *testing.T, x demo.Exchange, w want) {
	t.Helper()
	h, script := asks(t, x)
	h.check(h.run("hi"), w.from(h))
	if n := len(script.Requests()); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

// soon is the header that keeps retries of a test short.
func soon(header ...string) http.Header {
	h := http.Header{"Retry-After-Ms": {"20"}}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return h
}
