package main

import (
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// What many tests ask of files, requests, outputs and the ends of runs.

// must ends the test if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// equal fails the test unless what it names is as wanted.
func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %#v, want %#v", what, got, want)
	}
}

// requested fails the test unless an endpoint was sent so many requests.
func requested(t *testing.T, script *demo.Scripted, n int) {
	t.Helper()
	if got := len(script.Requests()); got != n {
		t.Errorf("%d requests were sent, want %d", got, n)
	}
}

// oneRequest fails the test unless one request was sent, and its last message is text.
func oneRequest(t *testing.T, script *demo.Scripted, text string) {
	t.Helper()
	requests := script.Requests()
	if len(requests) != 1 {
		t.Fatalf("%d requests were sent, want 1", len(requests))
	}
	equal(t, "the prompt sent", promptIn(requests[0].Body), text)
}

// promptIn returns the last message of a request, or "" if it is cut.
func promptIn(request []byte) string {
	var body struct{ Messages []struct{ Content string } }
	if json.Unmarshal(request, &body) != nil || len(body.Messages) == 0 {
		return ""
	}
	return body.Messages[len(body.Messages)-1].Content
}

// played makes sure that these faults, with a space between them, were injected.
func played(t *testing.T, script *demo.Scripted, faults string) {
	t.Helper()
	equal(t, "the faults played", strings.Join(script.Fired(), " "), faults)
}

func diedOf(t *testing.T, r result, s syscall.Signal) {
	t.Helper()
	if r.signal != s {
		t.Errorf("it ended with %d, signal %v; want a death by %v", r.code, r.signal, s)
	}
}

func holdsAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, cutAt(text, 5000))
		}
	}
}

func holdsNone(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			t.Errorf("%q is in\n%s", part, cutAt(text, 5000))
		}
	}
}

func cutAt(text string, longest int) string { return text[:min(len(text), longest)] }

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return string(b)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

// patience is how long a test waits for what must come: a busy machine may take its time.
const patience = 2 * time.Minute

// eventually waits for a condition of another process.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	pause := 2 * time.Millisecond
	for end := time.Now().Add(patience); time.Now().Before(end); pause = min(pause*5/4, 50*time.Millisecond) {
		if holds() {
			return
		}
		time.Sleep(pause)
	}
	t.Fatalf("it never happened that %s", what)
}
