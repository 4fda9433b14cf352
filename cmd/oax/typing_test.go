package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"oax/internal/demo"
)

// typedWhileStreaming is what a person types while an answer arrives, and what the next
// message then begins with.
var typedWhileStreaming = []struct{ keys, text string }{
	{"hello", "hello"},
	{"a漢字b\x1b[Dé", "a漢字éb"},
	{"one\rtwo", "one\ntwo"},
	{"sent?\r", "sent?"},
	{"\x1b[200~a\n\tpaste\x1b[201~ end", "a\n\tpaste end"},
	{"abc\x7f\x7f\x1b[D\x1b[D👨‍👩‍👧\x1b[C", "👨‍👩‍👧a"},
	{"some words\x17", "some "},
	{"x\x04\x12\t\x18\x05y", "xy"},
}

// typedAhead: what is typed while an answer streams does not get into it, and is
// the next message, unsent; whether the answer ends or Ctrl-C ends it.
func typedAhead(t *testing.T) {
	runs := 10
	if torture {
		runs = 200
	}
	const tokens = 150
	random := newChance(t)
	var answer strings.Builder
	half := func(from, to int) (steps []demo.Step) {
		for i := from; i < to; i++ {
			word := fmt.Sprintf("w%d ", i)
			answer.WriteString(word)
			steps = append(steps, demo.Send(demo.Chunk(word)), demo.Pause(time.Millisecond))
		}
		return steps
	}
	first, second := half(0, tokens/2), half(tokens/2, tokens)
	var exchanges []demo.Exchange
	var typedAll []chan struct{} // closed when the second half of an answer may come
	for range runs {
		gate := make(chan struct{})
		typedAll = append(typedAll, gate)
		end := []demo.Step{demo.Send(demo.Finish("stop")), demo.Send(demo.Done())}
		exchanges = append(exchanges, demo.Stream(slices.Concat(first, []demo.Step{demo.Until(gate)}, second, end)...))
	}
	h, script := scripted(t, append(exchanges, demo.Stream(demo.Answer("the end")...))...)
	c := h.at(h.command())
	c.replies(showCursor, "the first\r")
	want := []string{"the first"}
	for run := range runs {
		at := func() string { return c.sent()[strings.LastIndex(c.sent(), "w0 "):] }
		eventually(t, "the answer begins", func() bool { return strings.Count(c.sent(), "w0 ") == run+1 })
		typed, stop := one(random, typedWhileStreaming), run%3 == 0
		if stop {
			eventually(t, "some of it came", func() bool { return strings.Contains(at(), "w9 ") })
		}
		for keys := []byte(typed.keys); len(keys) > 0; {
			n := 1 + random.below(len(keys))
			c.press(string(keys[:n]))
			keys = keys[n:]
		}
		if stop {
			c.press("\x03")
			eventually(t, "it stops", func() bool { return strings.Contains(at(), "stopped") || strings.Contains(at(), showCursor) })
		}
		close(typedAll[run])
		eventually(t, "the program waits for a message", func() bool { return strings.Contains(at(), showCursor) })
		shown, _, _ := strings.Cut(at(), "\x1b[?2004h")
		shown, _, _ = strings.Cut(shown, "\x1b[?25l")
		shown, _, _ = strings.Cut(shown, "\noax: stopped")
		if shown = strings.Join(strings.Fields(shown), " "); !strings.HasPrefix(answer.String(), shown) || !stop && shown != strings.TrimSpace(answer.String()) {
			t.Fatalf("run %d: with %q typed the terminal shows %q", run, typed.keys, shown)
		}
		if n := len(script.Requests()); n != run+1 {
			t.Fatalf("run %d: %d requests after %q, stopped: %v; the terminal shows %q", run, n, typed.keys, stop, at())
		}
		c.press("\r")
		want = append(want, typed.text)
	}
	c.shows("the end")
	c.prompts()
	c.press("\x04")
	if end := c.end(); end.code != 0 {
		t.Errorf("%+v", end)
	}
	for i, request := range script.Requests() {
		equal(t, fmt.Sprint("prompt ", i), promptIn(request.Body), want[i])
	}
}

// showCursor is what the editor writes last when it waits.
const showCursor = "\x1b[?25h"

// inForeground reports whether a process is not stopped and reads the keys of its terminal.
func (p process) inForeground() bool {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	_, after, _ := strings.Cut(string(stat), ") ") // proc(5): state ppid pgrp session tty_nr tpgid
	fields := strings.Fields(after)
	return len(fields) > 5 && fields[0] != "T" && fields[2] == fields[5]
}

// pickerSuspended: Ctrl-Z and SIGTSTP give the terminal back as it was, fg brings the picker
// back, and what is suspended after it is suspended as ever.
func pickerSuspended(t *testing.T) {
	h, _ := scripted(t, demo.Stream(demo.Answer("first")...), demo.Stream(demo.Send(demo.Chunk("half an")), demo.Hold()))
	h.run("about channels")
	w := h.jobs(`"$OAX" -r`)
	picking := func() {
		t.Helper()
		w.until("the picker is there", func(screen string) bool { return strings.Contains(screen, "1/1") })
		equal(t, "alternate screen", strings.TrimSpace(w.tmux("display-message", "-p", "#{alternate_on}")), "1")
	}
	picking()
	w.keys("C-z")
	h.resumes(w)
	picking()
	w.types("chan")
	w.shows("> chan")
	for _, p := range h.programs() {
		if !strings.Contains(p.cmdline, "__pick") {
			signalTo(p.pid, sigSuspend)
		}
	}
	h.resumes(w)
	picking()
	w.shows("> chan")
	w.keys("Enter")
	w.says("more", "half")
	w.keys("C-z")
	h.resumes(w)
	w.keys("C-c")
	w.prompts()
	w.keys("C-d")
	w.shellAsks()
	h.checkChats("q about channels | a first | q more | a half an stopped")
}

// jobs opens an interactive shell that runs a command.
func (h *home) jobs(command string) *window {
	h.t.Helper()
	w := h.window(80, 24, `exec bash --norc --noprofile -i`)
	w.shows("bash-")
	w.types(`unset HISTFILE; PS1='shell: '; clear; before=$(stty -g); ` + command)
	w.keys("Enter")
	return w
}

func (w *window) shellAsks() {
	w.t.Helper()
	w.until("the shell asks", func(screen string) bool { return strings.HasSuffix(strings.TrimSpace(screen), "shell:") })
}

// programs returns the processes of the program.
func (h *home) programs() (all []process) {
	for _, p := range processes(h.dir) {
		if strings.HasPrefix(p.cmdline, binary+"\x00") {
			all = append(all, p)
		}
	}
	return all
}

// resumes waits until the program is suspended and the terminal as it was before, and
// makes the program go on.
func (h *home) resumes(w *window) {
	h.t.Helper()
	w.shellAsks()
	w.types(`clear; [ "$before" = "$(stty -g)" ] && echo sane || stty -a; fg`)
	w.keys("Enter")
	eventually(h.t, "the programs have the terminal", func() bool {
		return len(h.programs()) > 0 && !slices.ContainsFunc(h.programs(), func(p process) bool { return !p.inForeground() })
	})
}

// suspended: Ctrl-Z and SIGTSTP stop the program, at the prompt and in an answer, and fg
// brings the line back.
func suspended(t *testing.T) {
	h, _ := scripted(t, demo.Stream(demo.Send(demo.Chunk("half an")), demo.Hold()), demo.Stream(demo.Answer("whole")...))
	w := h.jobs(`"$OAX"`)
	w.prompts()
	w.types("typed 漢字")
	w.keyShows("Left", "> typed 漢字")
	back := func() {
		t.Helper()
		h.resumes(w)
		w.until("it was sane", func(screen string) bool { return strings.HasPrefix(screen, "sane\n") })
	}
	w.keys("C-z")
	back()
	w.until("the line is back", func(screen string) bool { return strings.HasSuffix(strings.TrimSpace(screen), "> typed 漢字") })
	w.types("!")
	w.until("the cursor is where it was", func(screen string) bool { return strings.HasSuffix(strings.TrimSpace(screen), "> typed 漢!字") })
	w.keys("C-l")
	if err := signalTo(h.programs()[0].pid, sigSuspend); err != nil {
		t.Error(err)
	}
	back()
	w.until("the line is back", func(screen string) bool { return strings.HasSuffix(strings.TrimSpace(screen), "> typed 漢!字") })
	w.keyShows("Enter", "half")
	w.types("next")
	w.isRead()
	w.keys("C-z")
	back()
	w.keys("C-c")
	w.until("what was typed waits", func(screen string) bool { return strings.HasSuffix(strings.TrimSpace(screen), "> next") })
	w.keyShows("Enter", "whole")
	w.prompts()
	w.keys("C-d")
	w.shellAsks()
	h.checkChats("q typed 漢!字 | a half an stopped | q next | a whole")
}

// notified: the end of a long answer rings and shows a notification, unless the window has
// the focus.
func notified(t *testing.T) {
	const told = "\a\x1b]9;oax: the answer has come\x1b\\"
	gates := []chan struct{}{make(chan struct{}), make(chan struct{})}
	held := func(gate <-chan struct{}) demo.Exchange {
		return demo.Stream(append([]demo.Step{demo.Send(demo.Chunk("half an ")), demo.Until(gate)}, demo.Answer("answer")...)...)
	}
	h, _ := scripted(t, demo.Stream(demo.Answer("yes")...), demo.Stream(demo.Answer("yes")...), held(gates[0]), held(gates[1]))
	h.env["TERM"], h.env["NO_COLOR"] = "xterm", "1"
	c := h.at(h.command("hi"))
	if c.end(); strings.Contains(c.sent(), "\a") {
		t.Errorf("without the setting: %q", c.sent())
	}
	h.config("[display]\nnotify = \"1ns\"\n")
	c = h.at(h.command("hi"))
	if c.end(); !strings.HasSuffix(c.sent(), "yes\n"+told) {
		t.Errorf("one answer: %q", c.sent())
	}
	h.env["XTERM_VERSION"] = "XTerm(390)" // it reports the focus
	c = h.at(h.command())
	for i, focus := range []string{"\x1b[O", "\x1b[I"} {
		eventually(t, "it waits for a message", func() bool { return strings.Count(c.sent(), showCursor) > 0 && strings.HasSuffix(c.sent(), showCursor) })
		c.press("hi\r")
		eventually(t, "the answer begins", func() bool { return strings.Count(c.sent(), "half an") == i+1 })
		c.press(focus + "typed")
		close(gates[i])
		eventually(t, "what was typed waits", func() bool { return strings.Count(c.sent(), "typed") == i+1 })
		c.press("\x15")
	}
	c.press("\x04")
	c.end()
	if strings.Count(c.sent(), told) != 1 || !strings.Contains(c.sent(), "\x1b[?1004h") || !strings.HasSuffix(strings.TrimSpace(c.sent()), "\x1b[?1004l") {
		t.Errorf("%q", c.sent())
	}
}

// notifiedHostile: the service's words in a notification do nothing but to be shown.
func notifiedHostile(t *testing.T) {
	h, _ := scripted(t, demo.Reply(400, "application/json", `{"error":{"message":"a\u001b]0;title\u0007\u009cb"}}`))
	h.env["TERM"], h.env["NO_COLOR"], h.env["VTE_VERSION"] = "xterm", "1", "7600"
	h.config("[display]\nnotify = \"1ns\"\n")
	c := h.at(h.command("hi"))
	const told = "\a\x1b]777;notify;oax;the service refused the request (400): a^[]0;title^G‹U+009C›b\x1b\\"
	if r := c.end(); r.code != 8 || !strings.Contains(c.sent(), told) || strings.Count(c.sent(), "\a") != 1 {
		t.Errorf("exit %d, %q", r.code, c.sent())
	}
}

// keySaidFirst: a conversation says that there is no key before anything is typed, and can
// go on where none is needed.
func keySaidFirst(t *testing.T) {
	h := newHome(t)
	delete(h.env, "OPENAI_API_KEY")
	w := h.converse("")
	screen := w.prompts()
	holdsAll(t, screen, "oax: no API key for https://api.openai.com/v1\n", "set OPENAI_API_KEY, or key_command", "/profile demo needs no key\n")
	if paths := h.paths(); len(paths) > 0 {
		t.Errorf("saved: %q", paths)
	}
	w.enters("/profile demo", "the built-in demo")
	w.says("hello", "list them with oax ls")
	w.leaves("code 0, sane")
}
