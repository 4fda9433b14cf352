package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"oax/internal/cli"
	"oax/internal/converse"
	"oax/internal/converse/lineedit"
)

// crashes are faults of the program itself.
var crashes = []fault{
	{row: "E21", what: "a panic within the answer", test: func(t *testing.T) {
		h, gate := halted(t, "one ", "of two")
		w := h.child("clock", "wait hunter2")
		w.shows("one")
		write(t, clockBreaks(h.dir), "")
		close(gate.open)
		screen := w.shows("code 1, sane")
		stderr, _, _ := strings.Cut(screen, "\n\ncode 1, sane")
		h.says(result{command: "oax wait", stderr: strings.TrimSpace(stderr) + "\n"})
		h.checkDisk(want{prompt: "wait hunter2", answer: "one ", why: "crash"})
		files, _ := filepath.Glob(filepath.Join(h.dir, ".local/state/oax/crash-*.txt"))
		if len(files) != 1 {
			t.Fatalf("crash files: %v", files)
		}
		details := text(t, files[0])
		holdsAll(t, details, "panickingClock")
		holdsNone(t, details, "hunter2")
		if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}},
	{row: "E21", what: "a panic while the terminal is raw", test: func(t *testing.T) {
		h := newHome(t)
		w := h.child("editor", "")
		w.prompts()
		w.types("some text")
		w.shows("> some text")
		w.keys("C-x", "C-e")
		w.shows("panicked: in the editor, stack true")
		w.shows("code 1, sane")
	}},
}

// children are programs that a test starts in place of oax: the test's own, with one of
// these names in OAX_TEST_CHILD.
var children = map[string]func() int{"clock": panickingClock, "editor": panickingEditor}

// child opens a terminal and runs one of the children there.
func (h *home) child(name, args string) *window {
	h.t.Helper()
	program, err := os.Executable()
	must(h.t, err)
	h.env["OAX_TEST_CHILD"] = name
	return h.window(250, 24, sane(fmt.Sprintf("clear; '%s' %s", program, args)))
}

// clockBreaks is the file in a home that makes the clock panic once.
func clockBreaks(home string) string { return filepath.Join(home, "the-clock-breaks") }

// panickingClock is oax with such a clock.
func panickingClock() int {
	now := func() time.Time {
		if os.Remove(clockBreaks(os.Getenv("HOME"))) == nil {
			panic("hunter2 is part of the value")
		}
		return time.Now()
	}
	return cli.Run(context.Background(), &cli.Process{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(), Now: now, Version: version(),
		Interrupts: new(converse.Interrupts),
	}, os.Args[1:]).Code
}

// panickingEditor reads a message with the line editor of conversations, where Ctrl-X
// Ctrl-E panics.
func panickingEditor() (code int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Printf("panicked: %v, stack %v\n", p, strings.Contains(string(debug.Stack()), "panickingEditor"))
			code = 1
		}
	}()
	e, err := lineedit.New(lineedit.Options{In: os.Stdin, Out: os.Stdout, Prompt: "> ", Edit: func(string) (string, error) { panic("in the editor") }})
	if err != nil {
		fmt.Println(err)
		return 0
	}
	_, err = e.Read(context.Background(), "")
	fmt.Println(err)
	return 0
}
