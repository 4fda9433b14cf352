package main

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// terminals are what a terminal does or lacks (E).
var terminals = []fault{
	{row: "E9", what: "the terminal is closed within the answer", test: func(t *testing.T) {
		h, script := scripted(t, halfAnswer)
		r := closesTerminal(h, h.command("hi"))
		diedOf(t, r, syscall.SIGHUP)
		h.checkDisk(stoppedHalf(129))
		played(t, script, "hold")
	}},
	{row: "E11", what: "the terminal is closed and SIGHUP ignored", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(onAndOn(half)...))
		r := closesTerminal(h, h.shellCommand(`trap "" HUP; exec "$0" hi`))
		equal(t, "exit", r.code, 129)
		keptSome(h, half, "stopped")
	}},
	{row: "E19", what: "Ctrl-Z, then fg", test: func(t *testing.T) {
		h, gate := halted(t, "one ", "two")
		w := h.window(80, 24, `HISTFILE= exec bash --norc --noprofile -i`)
		w.types(`PS1='$ '; clear; "$OAX" wait` + "\n")
		w.shows("one")
		w.keyShows("C-z", "Stopped")
		close(gate.open)
		w.types("fg; echo code $?\n")
		w.shows("two\ncode 0")
		h.checkDisk(want{prompt: "wait", answer: "one two"})
	}},
	{row: "E20", what: "resized to no width and back within the answer", test: func(t *testing.T) {
		some := strings.Repeat("word ", 30)
		h, gate := halted(t, some, some)
		c := h.at(h.command("wait"))
		c.shows("word")
		for _, columns := range []uint16{1, 0, 200, 3, 80} {
			c.resize(columns, columns/3)
		}
		close(gate.open)
		r := c.end()
		text := some + some
		r.stdout = strings.Join(strings.Fields(c.shown()), " ") + " \n" // however it is wrapped
		h.check(r, want{stdout: text + "\n", prompt: "wait", answer: text})
	}},
	{row: "E20", what: "a list on a terminal of 1 and of 0 columns", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.run("a title")
		for _, columns := range []uint16{1, 0} {
			// The shell waits for the size.
			c := h.at(h.shellCommand(`read x; exec "$0" ls`))
			c.resize(columns, 0)
			c.press("\n")
			if r := c.end(); r.code != 0 || strings.Count(c.shown(), "\n") != 2 {
				t.Errorf("%d columns: exit %d, %q", columns, r.code, c.shown())
			}
		}
	}},
	{row: "E23", what: "TERM says nothing useful", test: func(t *testing.T) {
		for _, term := range []string{"dumb", "", "unheard-of"} {
			h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
			h.env["TERM"] = term
			plainTerminal(h)
		}
	}},
	{row: "E25", what: "standard output piped, standard error a terminal", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(slowly("one ", "two")...))
		c := h.at(h.piped("hi"))
		r := c.end()
		h.check(r, want{stdout: "one two\n", prompt: "hi", answer: "one two"})
	}},
	{row: "E26", what: "standard output a terminal, standard error a file", test: func(t *testing.T) {
		h, _ := scripted(t, halfAnswer)
		cmd := h.command("--no-markdown", "hi")
		cmd.Stderr = new(capture)
		c := h.at(cmd)
		c.replies(halfShown, ctrlC)
		r := c.end()
		r.stdout = strings.Replace(r.stdout, "^C", "", 1)
		h.check(r, stoppedHalf(130))
	}},
}

// closesTerminal closes the terminal of a run that has printed half an answer.
func closesTerminal(h *home, cmd *exec.Cmd) result {
	h.t.Helper()
	c := h.at(cmd)
	c.shows(halfShown)
	c.hangUp()
	r := c.end()
	if used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(); used > 5*time.Second {
		h.t.Errorf("it used %v of processor time", used)
	}
	return r
}

// plainTerminal asks and picks at a terminal that can do nothing but print lines.
func plainTerminal(h *home) {
	h.t.Helper()
	h.checkRun(h.atTerminal("hi"), want{stdout: "yes\n"})
	c := h.at(h.command("-r"))
	c.replies("number, 1 to 1: ", "1\n")
	c.replies("\n> ", "go on\n")
	c.replies("yes\n\n> ", "\x04")
	if r := c.end(); !strings.HasSuffix(c.shown(), "yes\n\n> ") || r.code != 0 || strings.Contains(c.shown(), "\x1b") {
		h.t.Errorf("TERM=%s: exit %d, %q", h.env["TERM"], r.code, c.shown())
	}
	if n := len(h.only()); n != 4 {
		h.t.Errorf("TERM=%s: %d messages, want 4", h.env["TERM"], n)
	}
}
