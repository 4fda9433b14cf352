package main

import (
	"fmt"
	"net/http"
	"regexp"
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
			retried(t, demo.Exchange{Status: status, Header: soon()}, 0)
		}
	}},
	{row: "C9", what: "408 at a terminal", test: func(t *testing.T) {
		watched(t, 408)
	}},
	{row: "C12", what: "429 at a terminal", test: func(t *testing.T) {
		watched(t, 429)
	}},
	{row: "C12", what: "429 with Retry-After", test: func(t *testing.T) {
		retried(t, demo.Exchange{Status: 429, Header: http.Header{"Retry-After": {"1"}}}, time.Second)
	}},
	{row: "C13", what: "429 with retry-after-ms", test: func(t *testing.T) {
		x := demo.Exchange{Status: 429, Header: http.Header{"Retry-After-Ms": {"700"}, "Retry-After": {"30"}}}
		retried(t, x, 700*time.Millisecond)
	}},
	{row: "C15", what: "429 for an hour", test: func(t *testing.T) {
		anHour(t, demo.Exchange{Status: 429}, unsent("429", 5))
	}},
	{row: "C15", what: "503 for an hour", test: func(t *testing.T) {
		anHour(t, demo.Exchange{Status: 503}, unsent("5xx", 5))
	}},
	{row: "C14", what: "Retry-After that makes no sense, or is over", test: func(t *testing.T) {
		for name, value := range map[string]string{
			"no number": "NaN", "a word": "soon", "negative": "-5", "too large": "1e400", "over": time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				retried(t, demo.Exchange{Status: 429, Header: http.Header{"Retry-After": {value}}}, 375*time.Millisecond, seconds)
			})
		}
	}},
	{row: "C14", what: "Retry-After as a date", waits: true, test: func(t *testing.T) {
		begun, at := time.Now(), time.Now().Add(3*time.Second).UTC().Truncate(time.Second)
		retried(t, demo.Exchange{Status: 429, Header: http.Header{"Retry-After": {at.Format(http.TimeFormat)}}}, 0, seconds)
		if late := time.Now(); late.Before(at) {
			t.Errorf("asked again after %v, want %v", late.Sub(begun), at.Sub(begun))
		}
	}},
	{row: "C14", what: "Retry-After of thirty years", test: func(t *testing.T) {
		replies(demo.Exchange{Status: 429, Header: http.Header{"Retry-After": {"1e9"}}},
			unsent("429", 5))(t)
	}},
	{row: "C16", what: "429 every time", test: func(t *testing.T) {
		tomorrow := time.Now().UTC().Add(24 * time.Hour).Truncate(time.Minute)
		for _, reset := range []string{"6m0s", "30", fmt.Sprint(tomorrow.UnixMilli())} {
			again(t, demo.Exchange{Status: 429, Header: soon("X-Ratelimit-Reset-Requests", reset)},
				unsent("429", 5))
		}
	}},
	{row: "C18", what: "overload", test: func(t *testing.T) {
		for _, status := range []int{520, 521, 522, 523, 524, 529} {
			again(t, demo.Exchange{Status: status, Header: soon()},
				unsent("529", 5))
		}
	}},
	{row: "C18", what: "no retry, by x-should-retry", test: replies(demo.Exchange{Status: 503, Header: soon("X-Should-Retry", "false")},
		unsent("5xx", 5))},
	{row: "C28", what: "Ctrl-C while waiting for a retry", test: func(t *testing.T) {
		h, script := scripted(t, demo.Exchange{Status: 429, Header: http.Header{"Retry-After": {"30"}}})
		c := h.at(h.piped("hi"))
		c.shows("retrying in 30 s")
		pressed := time.Now()
		c.press(ctrlC)
		r := c.end()
		if took := time.Since(pressed); took > 25*time.Second {
			t.Errorf("it took %v", took)
		}
		h.check(r, unsent("stopped", 130))
		diedOf(t, r, syscall.SIGINT)
		oneRequest(t, script, "hi")
	}},
}

// seconds is a wait that is left to chance, or lasts until a date.
var seconds = regexp.MustCompile(`\b[0-9.]+ s\b`)

// retried checks that an answer follows one failure after the wait, and not after a wait
// of half a minute.
func retried(t *testing.T, x demo.Exchange, wait time.Duration, varies ...*regexp.Regexp) {
	t.Helper()
	h, script := scripted(t, x, demo.Stream(demo.Answer("yes")...))
	h.varies = varies
	begun := time.Now()
	h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes", notes: x.Status == 429})
	if took := time.Since(begun); took < wait || took > wait+25*time.Second {
		t.Errorf("it took %v, want a wait of %v", took, wait)
	}
	requested(t, script, 2)
	equal(t, "records", len(h.only()), 2)
}

// anHour is a failure that will last so long, which nobody waits for.
func anHour(t *testing.T, x demo.Exchange, w want) {
	t.Helper()
	x.Header = http.Header{"Retry-After": {"3600"}}
	h, script := scripted(t, x)
	begun := time.Now().UTC()
	r := h.run("hi")
	until := begun.Add(time.Hour).Format("15:04")
	if late := time.Now().UTC().Add(time.Hour).Format("15:04"); strings.Contains(r.stderr, late) {
		until = late // a minute has passed
	}
	holdsAll(t, r.stderr, until)
	h.check(r, w)
	oneRequest(t, script, "hi")
}

// watched is one failure before the answer, at a terminal that shows all of it.
func watched(t *testing.T, status int) {
	t.Helper()
	h, _ := scripted(t, demo.Exchange{Status: status, Header: soon("Retry-After-Ms", "200")}, demo.Stream(demo.Answer("yes")...))
	c := h.at(h.command("hi"))
	h.check(c.endSilent(), want{prompt: "hi", answer: "yes", notes: true})
}

// again is a failure that is met three times.
func again(t *testing.T, x demo.Exchange, w want) {
	t.Helper()
	h, script := scripted(t, x)
	h.check(h.run("hi"), w)
	requested(t, script, 3)
}

// soon is the header that keeps retries of a test short.
func soon(header ...string) http.Header {
	h := http.Header{"Retry-After-Ms": {"20"}}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return h
}
