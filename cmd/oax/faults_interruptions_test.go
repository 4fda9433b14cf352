package main

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// interruptions are signals, terminals and standard streams (E).
var interruptions = slices.Concat(signals, terminals, openPicker, brokenStreams)

// signals are those that a person or another process sends.
var signals = []fault{
	{row: "E1", what: "Ctrl-C before headers", test: func(t *testing.T) {
		h, script := scripted(t, demo.Exchange{Before: time.Minute})
		c := h.at(h.piped("hi"))
		eventually(t, "the request arrives", func() bool { return len(script.Requests()) == 1 })
		c.press(ctrlC)
		r := c.end()
		h.check(r, want{code: 130, prompt: "hi", noAnswer: true, why: "stopped"})
		diedOf(t, r, syscall.SIGINT)
	}},
	{row: "E1", what: "Ctrl-C while standard input goes on", waits: true, test: func(t *testing.T) {
		h, script := scripted(t)
		cmd := h.piped("hi")
		cmd.Stdin = endlessPipe(t)
		c := h.at(cmd)
		c.shows("oax: waiting for standard input to end") // after two seconds
		c.press(ctrlC)
		r := c.end()
		h.check(r, want{code: 130})
		diedOf(t, r, syscall.SIGINT)
		requested(t, script, 0)
	}},
	{row: "E2", what: "Ctrl-C within the answer", test: func(t *testing.T) {
		h, script := scripted(t, halfAnswer)
		c := h.at(h.piped("hi"))
		eventually(t, "the text is printed", func() bool { return c.printed() == half })
		c.press(ctrlC)
		r := c.end()
		h.check(r, stoppedHalf(130))
		diedOf(t, r, syscall.SIGINT)
		played(t, script, "hold")
	}},
	{row: "E2", what: "Ctrl-C, all of it on one screen", test: func(t *testing.T) {
		h, _ := scripted(t, halfAnswer)
		c := h.at(h.command("hi"))
		c.replies(halfShown, ctrlC)
		r := c.endSilent()
		h.checkRun(r, want{code: 130})
		diedOf(t, r, syscall.SIGINT)
	}},
	{row: "E2", what: "Ctrl-\\ within the answer", test: func(t *testing.T) {
		h, _ := scripted(t, halfAnswer)
		c := h.at(h.command("hi"))
		c.replies(halfShown, "\x1c")
		r := c.endSilent() // which looks for stacks
		r.stdout = half + "\n"
		h.check(r, stoppedHalf(131))
	}},
	{row: "E5", what: "a second Ctrl-C while the first is waiting for the disk", test: func(t *testing.T) {
		h, _ := scripted(t, halfAnswer)
		c := h.at(h.command("hi"))
		c.shows(halfShown)
		unlock := lockSessions(h)
		c.press(ctrlC)
		c.shows("^C")
		time.Sleep(100 * time.Millisecond)
		if h.only()[0].Text != "hi" || len(h.journals()) != 1 {
			t.Fatal("the lock did not hold up the first Ctrl-C")
		}
		c.press(ctrlC)
		diedOf(t, c.end(), syscall.SIGINT)
		unlock()
		recovers(h, half) // so it did not wait until it could save the answer
	}},
	{row: "E12", what: "SIGKILL at some moment", test: killedAnywhere},
	{row: "E12", what: "SIGKILL while the journal is slow", test: killedJournaling},
	{row: "E8", what: "SIGTERM within the answer", test: func(t *testing.T) {
		h, _ := scripted(t, halfAnswer)
		run := h.start(h.command("hi"), half)
		r := run.ends(syscall.SIGTERM)
		h.check(r, stoppedHalf(143))
		diedOf(t, r, syscall.SIGTERM)
	}},
}

const ctrlC = "\x03"

// half is the part of an answer that comes before a fault.
const half = "one two "

// halfShown is what a terminal shows of it: the space waits for a word.
const halfShown = "one two"

// halfAnswer goes no further than half.
var halfAnswer = demo.Stream(demo.Send(demo.Chunk("one ")), demo.Send(demo.Chunk("two ")), demo.Hold())

// stoppedHalf is how a run ends that was stopped there.
func stoppedHalf(code int) want {
	return want{stdout: half + "\n", code: code, prompt: "hi", answer: half, why: "stopped"}
}

// endlessPipe returns a pipe that nobody writes to or closes.
func endlessPipe(t *testing.T) *os.File {
	t.Helper()
	reader, writer, err := os.Pipe()
	must(t, err)
	t.Cleanup(func() { reader.Close(); writer.Close() })
	return reader
}

// lockSessions keeps every process from adding to a session.
func lockSessions(h *home) (unlock func()) {
	h.t.Helper()
	paths, _ := filepath.Glob(filepath.Join(h.store(), "*", "*.jsonl"))
	var files []*os.File
	for _, path := range paths {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err == nil {
			err = lockFile(f)
		}
		must(h.t, err)
		files = append(files, f)
	}
	return func() {
		for _, f := range files {
			f.Close()
		}
	}
}

// recovers makes sure that the next run finds the beginning of an answer.
func recovers(h *home, text string) {
	h.t.Helper()
	h.checkRun(h.run("cat", "--last"), want{stdout: text, notes: true})
}
