package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oax/internal/demo"
)

// beforeSending are the faults that are found before a request is sent (A).
var beforeSending = append([]fault{
	{row: "A1", what: "unknown flag", test: func(t *testing.T) {
		h, script := scripted(t)
		h.check(h.run("--modle", "x", "hi"), want{code: 2})
		requested(t, script, 0)
	}},
	{row: "A1", what: "flag without its value", test: func(t *testing.T) {
		for _, args := range [][]string{{"-m"}, {"hi", "-m"}, {"hi", "--model"}, {"hi", "-qm"}, {"retry", "-m"}} {
			h, script := scripted(t)
			h.check(h.run(args...), want{code: 2})
			requested(t, script, 0)
		}
	}},
	{row: "A2", what: "flags in one word", test: func(t *testing.T) {
		for _, args := range [][]string{{"-qm", "x", "hi"}, {"hi", "-qmx"}, {"-qm", "x", "--", "hi"}} {
			h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
			h.check(h.run(args...), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
			oneRequest(t, script, "hi")
			holdsAll(t, string(script.Requests()[0].Body), `"model":"x"`)
		}
	}},
	{row: "A2", what: "prompt begins with a dash", test: func(t *testing.T) {
		h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.check(h.run("--", "-v what is this"), want{stdout: "yes\n", prompt: "-v what is this", answer: "yes"})
		oneRequest(t, script, "-v what is this")
	}},
	{row: "A4", what: "no prompt", test: func(t *testing.T) {
		for _, input := range []string{"", " \n\t\n"} {
			h, script := scripted(t)
			h.check(h.pipe(input), want{code: 2})
			requested(t, script, 0)
		}
	}},
	{row: "A5", what: "prompt and standard input", test: func(t *testing.T) {
		const input = "\n\tx  \n\nlast line "
		h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.check(h.pipe(input, "explain", "this"), want{stdout: "yes\n", prompt: "explain this\n\n" + input, answer: "yes"})
		oneRequest(t, script, "explain this\n\n"+input)
	}},
	{row: "A6", what: "endless standard input", test: endlessInput},
	{row: "A7", what: "NUL in standard input", test: func(t *testing.T) {
		for _, input := range []string{"\x00", "ab\n\x00c", strings.Repeat("\xff\x01", 2048) + "\x00"} {
			h, script := scripted(t)
			h.check(h.pipe(input, "words"), want{code: 2})
			requested(t, script, 0)
		}
	}},
	{row: "A8", what: "invalid UTF-8 in the prompt", test: invalidInput},
	{row: "A10", what: "no key", test: func(t *testing.T) {
		h := newHome(t)
		delete(h.env, "OPENAI_API_KEY")
		h.env["OPENAI_BASE_URL"] = "https://api.invalid/v1"
		h.check(h.run("hi"), want{code: 4, prompt: "hi", noAnswer: true, why: "no-key"})
	}},
	{row: "A11", what: "no key for this machine", test: func(t *testing.T) {
		h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
		delete(h.env, "OPENAI_API_KEY")
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		oneRequest(t, script, "hi")
		if got := script.Requests()[0].Header["Authorization"]; got != nil {
			t.Errorf("Authorization %q was sent", got)
		}
	}},
	{row: "A19", what: "key over plain http", test: func(t *testing.T) {
		h := newHome(t)
		h.env["OPENAI_BASE_URL"] = "http://api.invalid/v1"
		h.check(h.run("hi"), want{code: 2, prompt: "hi", noAnswer: true, why: "config"})
	}},
}, configuring...)

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
	h, script := scripted(t)
	cmd, read := h.command("words"), new(endless)
	cmd.Stdin = read
	r, memory := h.measured(cmd)
	r.stderr = waitsForInput.ReplaceAllString(r.stderr, "") // if the machine is busy
	h.check(r, want{code: 2})
	requested(t, script, 0)
	if *read > 11<<20 {
		t.Errorf("%d bytes were read", *read)
	}
	if memory == 0 || memory > 96<<20 {
		t.Errorf("%d MiB of memory were used", memory>>20)
	}

	h, script = scripted(t, demo.Stream(demo.Answer("yes")...))
	const limit = 10 << 20 // without --max-input
	text := strings.Repeat("y\n", limit/2+100)
	h.write("large.txt", text)
	cmd = h.command("--max-input", "11")
	file, err := os.Open(filepath.Join(h.dir, "large.txt"))
	must(t, err)
	defer file.Close()
	cmd.Stdin = file
	r = h.finish(cmd)
	h.check(r, want{stdout: "yes\n", prompt: text, answer: "yes"})
	oneRequest(t, script, text)
}

func invalidInput(t *testing.T) {
	h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
	h.check(h.pipe("a\xff\xfe�\xc3", "ä"), want{
		stdout: "yes\n",
		prompt: "ä\n\na����", answer: "yes", notes: true,
	})
	oneRequest(t, script, "ä\n\na����")
	equal(t, "replaced bytes in the session", h.only()[0].ReplacedBytes, 3)
}
