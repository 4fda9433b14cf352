package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// brokenStreams are standard streams that are closed, broken or slow (E).
var brokenStreams = []fault{
	{row: "E13", what: "piped to head -1", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(onAndOn("first\nsecond\n")...))
		r, seen := intoHead(h, h.command("hi"))
		if seen != "first\n" || r.stderr != "" {
			t.Errorf("head shows %q; standard error %q", seen, r.stderr)
		}
		diedOf(t, r, syscall.SIGPIPE)
		keptSome(h, "first\nsecond\n", "pipe")
	}},
	{row: "E13", what: "piped to head -1, as a shell sees it", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(onAndOn("first\n")...))
		if r := h.shell(`"$0" hi | head -1; echo ${PIPESTATUS[0]}`); r.stdout != "first\n141\n" || r.stderr != "" {
			t.Errorf("the shell sees %+v", r)
		}
	}},
	{row: "E14", what: "standard error closed", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.check(h.shell(`printf 'a\377' | "$0" 2>&-`), complained)
	}},
	{row: "E14", what: "standard error on a full disk", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		cmd := h.command()
		cmd.Stdin, cmd.Stderr = strings.NewReader("a\xff"), full(t)
		h.check(h.finish(cmd), complained)
	}},
	{row: "E14", what: "standard error a pipe that nobody reads", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		cmd := h.command()
		cmd.Stdin, cmd.Stderr = strings.NewReader("a\xff"), unread(t)
		h.check(h.finish(cmd), complained)
	}},
	{row: "E14", what: "standard error a pipe that nobody reads, before signals are caught", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		cmd := h.under(h.command(), "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=rt_sigaction", "-e", "inject=rt_sigaction:delay_enter=2000")
		cmd.Stdin, cmd.Stderr = strings.NewReader("a\xff"), unread(t)
		h.check(h.finish(cmd), complained)
	}},
	{row: "E15", what: "standard output on a full disk", test: func(t *testing.T) {
		h, script := scripted(t, demo.Stream(slowly("one ", "two ", "three")...))
		cmd := h.command("hi")
		cmd.Stdout = full(t)
		h.check(h.finish(cmd), want{
			code:   7,
			prompt: "hi", answer: "one two three",
		})
		requested(t, script, 1)
	}},
	{row: "E16", what: "standard output closed", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.check(h.shell(`exec "$0" hi >&-`), want{prompt: "hi", answer: "yes"})
	}},
	{row: "E17", what: "standard input closed", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.check(h.shell(`exec "$0" hi <&-`), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
	}},
	{row: "E18", what: "a reader that does not read yet", test: func(t *testing.T) {
		const tokens = 50_000
		h := serves(t, demo.Tokens(tokens))
		r := h.unreadUntilSaved("hi")
		if r.code != 0 || r.stdout != demo.Text(tokens) {
			t.Errorf("exit %d, %d bytes printed, want 0 and %d", r.code, len(r.stdout), len(demo.Text(tokens)))
		}
		if h.only()[1].Text != demo.Text(tokens) {
			t.Error("another text was saved")
		}
	}},
}

// onAndOn is the steps of an answer that goes on until nobody listens.
func onAndOn(text string) []demo.Step {
	var steps []demo.Step
	for range 3000 {
		steps = append(steps, demo.Send(demo.Chunk(text)), demo.Pause(time.Millisecond))
	}
	return append(steps, demo.Hold())
}

// slowly is the steps of a whole answer, each text a moment after the last.
func slowly(texts ...string) []demo.Step {
	var steps []demo.Step
	for _, step := range demo.Answer(texts...) {
		steps = append(steps, step, demo.Pause(5*time.Millisecond))
	}
	return steps
}

// serves returns a home whose environment points to a handler.
func serves(t *testing.T, handler http.Handler) *home {
	t.Helper()
	h := newHome(t)
	h.env["OPENAI_BASE_URL"] = listens(t, handler)
	return h
}

// keptSome makes sure that an answer of repeated text is saved as far as it came.
func keptSome(h *home, text, why string) {
	h.t.Helper()
	records := h.only()
	last := records[len(records)-1]
	n := len(last.Text) / len(text)
	if n == 0 || last.Text != strings.Repeat(text, n) || last.State != "incomplete" || last.Why != why {
		h.t.Errorf("saved %+v, want some %q, why %s", last, text, why)
	}
	if parts := h.journals(); len(parts) > 0 {
		h.t.Errorf("left behind: %v", parts)
	}
}

// unreadUntilSaved runs the program, whose output nobody reads until the answer is saved, and
// which must not hold it all.
func (h *home) unreadUntilSaved(args ...string) result {
	h.t.Helper()
	cmd := h.command(args...)
	out, err := cmd.StdoutPipe()
	must(h.t, err)
	must(h.t, cmd.Start())
	memory := 0
	eventually(h.t, "the answer is saved", func() bool {
		memory = max(memory, peakMemoryOf(cmd.Process.Pid))
		// While there is a part the session may be half written.
		return len(h.journals()) == 0 && len(h.paths()) == 1 && len(h.only()) == 2
	})
	small(h.t, memory)
	stdout, _ := io.ReadAll(out)
	cmd.Wait()
	r := ended(cmd)
	r.stdout = string(stdout)
	return r
}

// complained is how a run ends that had to complain of a byte of its prompt, where
// nobody could hear it.
var complained = want{stdout: "yes\n", prompt: "a\ufffd", answer: "yes"}

func full(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	must(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// unread returns a pipe without a reader.
func unread(t *testing.T) *os.File {
	t.Helper()
	reader, writer, err := os.Pipe()
	must(t, err)
	reader.Close()
	t.Cleanup(func() { writer.Close() })
	return writer
}
