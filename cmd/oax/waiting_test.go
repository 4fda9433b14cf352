package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"oax/internal/demo"
)

const thought = `data: {"choices":[{"index":0,"delta":{"reasoning_content":"let me see"}}]}` + "\n\n"

// slowThinker pauses, thinks, pauses and answers.
func slowThinker() demo.Exchange {
	steps := []demo.Step{demo.Pause(700 * time.Millisecond), demo.Send([]byte(thought)), demo.Pause(700 * time.Millisecond)}
	return demo.Stream(append(steps, demo.Answer("the answer")...)...)
}

// TestWaiting: on a terminal a line says what is being waited for, and is gone when
// the text begins.
func TestWaiting(t *testing.T) {
	t.Parallel()
	thinks, answers := make(chan struct{}), make(chan struct{})
	h, _ := scripted(t, demo.Stream(append([]demo.Step{demo.Until(thinks), demo.Send([]byte(thought)), demo.Until(answers)}, demo.Answer("the answer")...)...))
	w := h.window(80, 24, `clear; "$OAX" -m slow-model hi; echo code $?`)
	says := func(what string) {
		t.Helper()
		line := regexp.MustCompile(what + ` \d+ s`)
		w.until("it waits: "+what, line.MatchString)
	}
	says("slow-model")
	close(thinks)
	says("thinking")
	close(answers)
	equal(t, "on the screen", strings.TrimSpace(w.shows("code 0")), "the answer\ncode 0")
}

// silence: a silence in the middle of an answer is shown behind the text, which stays as
// it is, at the end of a row too.
func silence(t *testing.T) {
	gate, full := make(chan struct{}), make(chan struct{})
	row := strings.Repeat("x", 40)
	h, _ := scripted(t, demo.Stream(append([]demo.Step{demo.Send(demo.Chunk("half an ")), demo.Until(gate)}, demo.Answer("answer")...)...),
		demo.Stream(append([]demo.Step{demo.Send(demo.Chunk("```\n" + row)), demo.Until(full)}, demo.Answer("y\n```\n")...)...))
	w := h.window(40, 12, `clear; "$OAX" -m slow hi; "$OAX" -m slow hi; echo code $?`)
	line := regexp.MustCompile(`half an  [⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] slow \d+ s`)
	first := line.FindString(w.until("the silence is shown", line.MatchString))
	w.until("its time goes on", func(screen string) bool { return line.MatchString(screen) && line.FindString(screen) != first })
	close(gate)
	w.until("the answer is whole, and nothing else", func(screen string) bool { return strings.HasPrefix(screen, "half an answer\n") })
	w.shows(row)
	time.Sleep(maxSilence) // nothing must happen
	close(full)
	if screen := strings.TrimSpace(w.shows("code 0")); !strings.Contains(screen, row+"\ny\n") || strings.Contains(screen, "⠋") {
		t.Errorf("on the screen:\n%s", screen)
	}
}

// maxSilence is longer than a silence in an answer that is not shown.
const maxSilence = 3500 * time.Millisecond

// TestNotWaiting: no such line without a terminal on standard error, nor where it is
// not wanted.
func TestNotWaiting(t *testing.T) {
	t.Parallel()
	for what, run := range map[string]func(h *home) string{
		"a pipe":    func(h *home) string { return h.run("hi").stderr },
		"--quiet":   func(h *home) string { return h.onTerminal("-q", "hi") },
		"--json":    func(h *home) string { return h.onTerminal("--json", "hi") },
		"TERM=dumb": func(h *home) string { h.env["TERM"] = "dumb"; return h.onTerminal("hi") },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h, _ := scripted(t, slowThinker())
			equal(t, "standard error", run(h), "")
		})
	}
}

// onTerminal runs the program with a terminal on standard error alone and returns
// what it wrote there.
func (h *home) onTerminal(args ...string) string {
	h.t.Helper()
	c := h.at(h.piped(args...))
	c.end()
	return c.sent()
}

func TestReasoning(t *testing.T) {
	t.Parallel()
	answer := append([]demo.Step{demo.Send([]byte(thought))}, demo.Answer("the answer")...)
	h, _ := scripted(t, demo.Stream(answer...))
	h.checkRun(h.run("hi"), want{stdout: "the answer\n"})
	h.checkRun(h.run("--reasoning", "hi"), want{stdout: "let me see\n\nthe answer\n"})
	h.env["TERM"] = "xterm"
	h.checkRun(h.atTerminal("--reasoning", "hi"), want{stdout: "\x1b[2mlet me see\x1b[22m\n\nthe answer\n"})
}

func TestStats(t *testing.T) {
	t.Parallel()
	steps := append([]demo.Step{demo.Send(demo.Chunk("the ")), demo.Pause(500 * time.Millisecond), demo.Send(demo.Chunk("answer"))},
		demo.Send(demo.Finish("stop")), demo.Send(demo.Usage(12, 34)), demo.Send(demo.Done()))
	h, _ := scripted(t, demo.Stream(steps...), demo.Stream(demo.Answer("yes")...))
	for _, says := range []string{
		`^oax: 12 tokens in, 34 out, ([0-9.]+) s to the first, .* tokens/s\n$`, `^oax: the service sent no usage, ([0-9.]+) s to the first\n$`,
	} {
		begun := time.Now()
		r := h.run("--stats", "hi")
		found := regexp.MustCompile(says).FindStringSubmatch(r.stderr)
		if found == nil {
			t.Fatalf("%+v, want %s", r, says)
		}
		first, err := strconv.ParseFloat(found[1], 64)
		if took := time.Since(begun).Seconds(); err != nil || first > took+0.005 { // it is rounded
			t.Errorf("%s in %v s", r.stderr, took)
		}
	}
}

// TestCode: only the code block, its bytes exactly.
func TestCode(t *testing.T) {
	t.Parallel()
	const text = "So:\n\n```sh\necho \ta\n```\n\nor\n\n~~~\nb\n\n~~~\n"
	h, _ := scripted(t, demo.Stream(demo.Answer(text)...))
	for flag, want := range map[string]string{"--code": "echo \ta\n", "--code=2": "b\n\n", "--code=all": "echo \ta\nb\n\n"} {
		if r := h.run(flag, "hi"); r.stdout != want || r.code != 0 {
			t.Errorf("%s: %+v", flag, r)
		}
	}
	if r := h.run("--code=3", "hi"); r.stdout != "" || r.code != 1 || !strings.HasPrefix(r.stderr, "oax: there is no code block 3, only 2\n") {
		t.Errorf("%+v", r)
	}
}
