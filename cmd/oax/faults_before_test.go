package main

import (
	"encoding/json"
	"strings"
	"testing"

	"oax/internal/demo"
)

// beforeSending are the faults that are found before a request is sent (A).
var beforeSending = append([]fault{
	{row: "A1", what: "unknown flag", test: func(t *testing.T) {
		h, script := asks(t)
		h.check(h.run("--modle", "x", "hi"), want{
			stderr: []string{"oax: unknown flag --modle\nhint: did you mean one of --model, "}, code: 2,
		})
		unasked(t, script)
	}},
	{row: "A1", what: "flag without its value", test: func(t *testing.T) {
		for _, args := range [][]string{{"-m"}, {"hi", "-m"}, {"hi", "--model"}, {"hi", "-qm"}, {"retry", "-m"}} {
			h, script := asks(t)
			h.check(h.run(args...), want{stderr: []string{"oax: --model needs a value\nhint: see oax "}, code: 2})
			unasked(t, script)
		}
	}},
	{row: "A2", what: "flags in one word", test: func(t *testing.T) {
		for _, args := range [][]string{{"-qm", "x", "hi"}, {"hi", "-qmx"}, {"-qm", "x", "--", "hi"}} {
			h, script := asks(t, demo.Stream(demo.Answer("yes")...))
			h.check(h.run(args...), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
			heard(t, script, "hi")
			if !strings.Contains(string(script.Requests()[0].Body), `"model":"x"`) {
				t.Errorf("%q: the request is %s", args, script.Requests()[0].Body)
			}
		}
	}},
	{row: "A2", what: "prompt begins with a dash", test: func(t *testing.T) {
		h, script := asks(t, demo.Stream(demo.Answer("yes")...))
		h.check(h.run("--", "-v what is this"), want{stdout: "yes\n", prompt: "-v what is this", answer: "yes"})
		heard(t, script, "-v what is this")
	}},
	{row: "A4", what: "no prompt", test: func(t *testing.T) {
		for _, input := range []string{"", " \n\t\n"} {
			h, script := asks(t)
			h.check(h.pipe(input), want{
				stderr: []string{"oax: no prompt given\nhint: oax \"question\", or pipe text in\n"}, code: 2,
			})
			unasked(t, script)
		}
	}},
	{row: "A5", what: "prompt and standard input", test: func(t *testing.T) {
		const input = "\n\tx  \n\nlast line "
		h, script := asks(t, demo.Stream(demo.Answer("yes")...))
		h.check(h.pipe(input, "explain", "this"), want{stdout: "yes\n", prompt: "explain this\n\n" + input, answer: "yes"})
		heard(t, script, "explain this\n\n"+input)
	}},
	{row: "A6", what: "endless standard input", test: endlessInput},
	{row: "A7", what: "NUL in standard input", test: func(t *testing.T) {
		for input, offset := range map[string]string{"\x00": "0", "ab\n\x00c": "3", strings.Repeat("\xff\x01", 2048) + "\x00": "4096"} {
			h, script := asks(t)
			h.check(h.pipe(input, "words"), want{
				stderr: []string{"oax: input is not text (NUL byte at offset " + offset + ")\n"}, code: 2,
			})
			unasked(t, script)
		}
	}},
	{row: "A8", what: "invalid UTF-8 in the prompt", test: invalidInput},
	{row: "A10", what: "no key", test: func(t *testing.T) {
		h := newHome(t)
		delete(h.env, "OPENAI_API_KEY")
		h.env["OPENAI_BASE_URL"] = "https://api.invalid/v1"
		h.check(h.run("hi"), want{
			stderr: []string{"oax: no API key for https://api.invalid/v1\n",
				"hint: set OPENAI_API_KEY, or key_command in the config file; oax -p demo needs no key\n"},
			code: 4, prompt: "hi", noAnswer: true, why: "no-key",
		})
	}},
	{row: "A11", what: "no key for this machine", test: func(t *testing.T) {
		h, script := asks(t, demo.Stream(demo.Answer("yes")...))
		delete(h.env, "OPENAI_API_KEY")
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		heard(t, script, "hi")
		if got := script.Requests()[0].Header["Authorization"]; got != nil {
			t.Errorf("Authorization %q was sent", got)
		}
	}},
	{row: "A19", what: "key over plain http", test: func(t *testing.T) {
		h := newHome(t)
		h.env["OPENAI_BASE_URL"] = "http://api.invalid/v1"
		h.check(h.run("hi"), want{
			stderr: []string{"oax: refusing to send the key unencrypted to http://api.invalid\n",
				"hint: use https, or allow_plain_http = true\n"},
			code: 2, prompt: "hi", noAnswer: true, why: "config",
		})
	}},
}, configuring...)

// unasked fails the test if a request was sent.
func unasked(t *testing.T, script *demo.Scripted) {
	t.Helper()
	if n := len(script.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// heard fails the test unless one request was sent, and its last message is text.
func heard(t *testing.T, script *demo.Scripted, text string) {
	t.Helper()
	requests := script.Requests()
	if len(requests) != 1 {
		t.Fatalf("%d requests were sent, want 1", len(requests))
	}
	var body struct{ Messages []struct{ Content string } }
	if err := json.Unmarshal(requests[0].Body, &body); err != nil || len(body.Messages) == 0 {
		t.Fatalf("the request is %q: %v", requests[0].Body, err)
	}
	if got := body.Messages[len(body.Messages)-1].Content; got != text {
		t.Errorf("the request says %q, want %q", got, text)
	}
}

// endless is a reader of "y\n" without end that counts what is read.
type endless int64

func (n *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "y\n"[i%2]
	}
	*n += endless(len(p))
	return len(p), nil
}

func endlessInput(t *testing.T) {
	h, script := asks(t)
	cmd, read := h.command("words"), new(endless)
	cmd.Stdin = read
	r, memory := h.measured(cmd)
	h.check(r, want{stderr: []string{"oax: input is over 10 MiB (limit)\nhint: --max-input to raise it\n"}, code: 2})
	unasked(t, script)
	if *read > 11<<20 {
		t.Errorf("%d bytes were read", *read)
	}
	if memory == 0 || memory > 96<<20 {
		t.Errorf("%d MiB of memory were used", memory>>20)
	}

	h, script = asks(t, demo.Stream(demo.Answer("yes")...))
	text := strings.Repeat("y\n", 6<<20)
	h.check(h.pipe(text, "--max-input", "12"), want{stdout: "yes\n", prompt: text, answer: "yes"})
	heard(t, script, text)
}

func invalidInput(t *testing.T) {
	h, script := asks(t, demo.Stream(demo.Answer("yes")...))
	h.check(h.pipe("a\xff\xfe�\xc3", "ä"), want{
		stdout: "yes\n", stderr: []string{"oax: replaced 3 invalid bytes in the input\n"},
		prompt: "ä\n\na����", answer: "yes",
	})
	heard(t, script, "ä\n\na����")
	if n := h.only()[0].ReplacedBytes; n != 3 {
		t.Errorf("%d replaced bytes are counted in the session", n)
	}
}
