package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oax/internal/demo"
)

// debugging are the rows about what is written down for whoever looks for a fault, and
// about a conversation that has grown too long.
var debugging = []fault{
	{row: "G21", what: "the log has no key and no text", test: func(t *testing.T) {
		h, _ := scripted(t, echoes())
		h.config("profile = \"lab\"\n[profiles.lab]\nbase_url = \"" + h.env["OPENAI_BASE_URL"] + "\"\nkey_env = \"OPENAI_API_KEY\"\nmodel = \"m\"\nheaders = { X-Token = \"the-other-secret\" }\n")
		r := h.run("--debug", "asked", "words")
		path := filepath.Join(h.dir, ".local/state/oax/debug.log")
		h.check(r, want{stdout: "answered\n", prompt: "asked words", answer: "answered", notes: true})
		log := h.logged(path)
		holdsAll(t, log, "> POST http", "> Authorization: [key]", "> body of ", "connected to 127.0.0.1:", "< HTTP/1.1 200 OK", "> X-Token: [key]", "< X-Echo: Bearer [key]",
			"event 1 of ", "end of the reply: EOF", "answer: complete, finish reason stop, 8 bytes of text", "saved: session ", "exit 0")
		holdsNone(t, log, "asked", "answered", "the-other-secret")
		h.run("--debug", "more", "words") // which adds to it
		equal(t, "requests in the log", strings.Count(h.logged(path), "> POST http"), 2)
	}},
	{row: "G21", what: "a file of one's own, that others could read", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Reply(500, "text/plain", "asked?"), demo.Reply(400, "text/plain", "you said: asked words"))
		path := filepath.Join(h.dir, "wire.log")
		must(t, os.WriteFile(path, []byte("what was there\n"), 0o644))
		r := h.run("--debug="+path, "asked", "words")
		w := unsent("400", 8)
		w.prompt = "asked words"
		h.check(r, w)
		log := h.logged(path)
		holdsAll(t, log, "what was there\n", "retry 1 of 2 in ", "bad status 500", "< HTTP/1.1 400 Bad Request", "answer: none", "saved: session ", "exit 8, 400")
		holdsNone(t, log, "asked")
	}},
	{row: "G21", what: "the log is full, or cannot be", test: func(t *testing.T) {
		h, script := scripted(t, demo.Stream(demo.Answer("hello")...))
		path := filepath.Join(h.dir, "full.log")
		must(t, os.WriteFile(path, make([]byte, 10<<20), 0o600))
		for _, log := range []string{path, h.dir} {
			r := h.run("--debug="+log, "hi")
			h.check(r, want{code: 7})
		}
		requested(t, script, 0)
	}},
	{row: "C2", what: "a conversation that is too long", test: tooLongConversation},
	{row: "G21", what: "the log stays small", test: func(t *testing.T) {
		h := newHome(t)
		h.env["OPENAI_BASE_URL"] = listens(t, demo.Tokens(10_000))
		path := filepath.Join(h.dir, "wire.log")
		write(t, path, strings.Repeat("x", 10<<20-100_000))
		r := h.run("--debug="+path, "hi")
		if r.code != 0 || len(r.stdout) < 40_000 {
			t.Errorf("exit %d with %d bytes", r.code, len(r.stdout))
		}
		if log := h.logged(path); len(log) > 10<<20 || !strings.HasSuffix(log, "the log is full (10 MiB); what follows is not in it\n") {
			t.Errorf("%d bytes were written", len(log))
		}
	}},
}

// echoes is an endpoint that sends back the key.
func echoes() demo.Exchange {
	e := demo.Stream(demo.Answer("answered")...)
	e.Header.Set("X-Echo", "Bearer "+canary)
	return e
}

// logged returns a log, which only its owner may read.
func (h *home) logged(path string) string {
	h.t.Helper()
	info, err := os.Stat(path)
	must(h.t, err)
	equal(h.t, "its mode", info.Mode(), 0o600)
	return text(h.t, path)
}

// tooLongConversation gets refused with numbers, and then follows the hint.
func tooLongConversation(t *testing.T) {
	answer := strings.Repeat("word ", 200)
	hello := demo.Stream(demo.Answer(answer)...)
	h, script := scripted(t, hello, hello, hello, hello, demo.Reply(400, "application/json",
		`{"error":{"message":"This model's maximum context length is 1000 tokens. However, your messages resulted in 1600 tokens.","code":"context_length_exceeded"}}`),
		demo.Stream(demo.Answer("it fits")...))
	h.run("-m", "small", "why")
	for range 3 {
		h.run("-c", "why")
	}
	r := h.run("-c", "and", "now")
	if r.code != 8 || r.stdout != "" {
		t.Errorf("exit %d, %q", r.code, r.stdout)
	}
	h.says(r)
	if r = h.run("-c", "--last", "2", "and", "now"); r.stdout != "it fits\n" {
		t.Errorf("%q, %q", r.stdout, r.stderr)
	}
	requests := script.Requests()
	if len(requests) != 6 {
		t.Fatalf("%d requests", len(requests))
	}
	for i, answers := range []int{0, 1, 2, 3, 4, 2} { // nothing is left out unasked
		if n := strings.Count(string(requests[i].Body), answer); n != answers {
			t.Errorf("request %d holds %d answers, want %d", i, n, answers)
		}
	}
}
