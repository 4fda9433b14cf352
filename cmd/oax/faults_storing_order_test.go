package main

import (
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// event is one system call: the lines of the log on which it began and returned.
type event struct {
	call, kind, line string
	began, returned  int
}

// events reads a log of strace. What is said of two calls is so only if the first
// returned before the other began.
func events(log string) []event {
	var all []event
	pending := map[string]int{}
	number := 0
	for line := range strings.Lines(log) {
		number++
		pid, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		call, _, isCall := strings.Cut(rest, "(")
		switch {
		case strings.HasPrefix(rest, "<... "):
			all[pending[pid]].returned = number
		case isCall && !strings.HasPrefix(rest, "---"):
			e := event{call, kindOf(rest), rest, number, number}
			if strings.HasSuffix(rest, "<unfinished ...>") {
				e.returned = 1 << 30
				pending[pid] = len(all)
			}
			all = append(all, e)
		}
	}
	return all
}

// threeWords are an answer.
var threeWords = []string{"one ", "two ", "three"}

// wordByWord sends them one after the other.
func wordByWord() demo.Exchange {
	steps := []demo.Step{}
	for _, word := range threeWords {
		steps = append(steps, demo.Send(demo.Chunk(word)), demo.Pause(5*time.Millisecond))
	}
	return demo.Stream(append(steps, demo.Send(demo.Finish("stop")), demo.Send(demo.Done()))...)
}

// orderOfTurn reads the promises of a turn from what the system saw of it.
func orderOfTurn(t *testing.T) {
	h, _ := scripted(t, wordByWord())
	o := h.ordered("hi")
	prompt := o.find("write", "temp", `\"text\":\"hi\"`)
	named := o.find("renameat", "temp", "")
	o.inOrder(prompt, named, o.find("write", "network", "POST "))

	printed := o.find("write", "stdout", "")
	o.inOrder(named, o.find("fsync", "month", ""), printed)
	for dir := filepath.Dir(h.paths()[0]); dir != filepath.Dir(h.dir); dir = filepath.Dir(dir) { // all of them are new
		o.inOrder(o.find("fsync", "", "<"+dir+">"), printed)
	}
	o.checkAnswer(named)
	h.checkChats("q hi | a one two three")
}

// orderOfGoingOn does so of a session that goes on.
func orderOfGoingOn(t *testing.T) {
	h, _, _ := began(t, wordByWord())
	o := h.ordered("-c", "hi")
	lock := o.find("flock", "part", "LOCK_EX")
	prompt := o.find("write", "session", `\"text\":\"hi\"`)
	o.inOrder(lock, o.find("write", "part", `\"kind\":\"part\"`), prompt, o.find("write", "network", "POST "))
	o.checkAnswer(prompt)
	h.checkChats("q q | a a | q hi | a one two three")
}

// orderOfStopping does so of an answer that is stopped, where saved is a word.
func orderOfStopping(t *testing.T) {
	h, _ := scripted(t, halfAnswer)
	log := filepath.Join(t.TempDir(), "strace")
	cmd := h.under(h.command("hi"), "strace", "-D", "-f", "-qq", "-yy", "-o", log, "-s", "4096", "-e", "trace=write,fsync,unlinkat,kill", "-e", "inject=fsync:delay_exit=50000")
	run := h.start(cmd, half)
	cmd.Process.Signal(syscall.SIGINT)
	h.check(run.wait(), stoppedHalf(130))
	o := order{t, text(t, log), events(text(t, log))}
	o.inOrder(o.find("write", "session", `\"text\":\"one two \"`), o.last("fsync", "session"),
		o.find("write", "", `"saved: session `), o.find("kill", "", "SIGINT"))
	o.inOrder(o.last("fsync", "session"), o.find("unlinkat", "part", ""))
}

// ordered runs the program on a disk that is slower than the endpoint, and returns
// its system calls.
func (h *home) ordered(args ...string) order {
	h.t.Helper()
	r, log := h.traced(h.command(args...), "-s", "4096", "-e", "trace=write,fsync,flock,renameat,unlinkat,exit_group",
		"-e", "inject=fsync:delay_exit=50000:when=1")
	r.stderr = withoutLines(r.stderr, "strace: ") // it may speak of delays that met
	if r.stderr != "" || r.stdout != strings.Join(threeWords, "")+"\n" || r.code != 0 || !strings.Contains(log, "(DELAYED)") {
		h.t.Errorf("%+v\n%s", r, log)
	}
	return order{h.t, log, events(log)}
}

// withoutLines returns text without the lines that begin so.
func withoutLines(text, start string) string {
	var rest strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, start) {
			rest.WriteString(line)
		}
	}
	return rest.String()
}

// checkAnswer wants the prompt, once it is there, synced before a word is printed, each
// word in the journal before that, and the answer synced before the end.
func (o order) checkAnswer(prompt event) {
	o.t.Helper()
	o.inOrder(prompt, o.find("fsync", "session", ""), o.find("write", "stdout", ""))
	for _, word := range threeWords {
		o.inOrder(o.find("write", "part", word), o.find("write", "stdout", word))
	}
	answer := o.find("write", "session", `\"text\":\"one two three\"`)
	o.inOrder(answer, o.last("fsync", "session"), o.find("unlinkat", "part", ""), o.find("exit_group", "", ""))
}

// order are the system calls of a run.
type order struct {
	t      *testing.T
	log    string
	events []event
}

// all returns the calls on a kind of file, or any if it is empty, that have text in them.
func (o order) all(call, kind, text string) []event {
	o.t.Helper()
	found := slices.DeleteFunc(slices.Clone(o.events), func(e event) bool {
		return e.call != call || kind != "" && e.kind != kind || !strings.Contains(e.line, text)
	})
	if len(found) == 0 {
		o.t.Fatalf("there is no %s on %s with %s in\n%s", call, kind, text, o.log)
	}
	return found
}

func (o order) find(call, kind, text string) event {
	o.t.Helper()
	return o.all(call, kind, text)[0]
}

func (o order) last(call, kind string) event {
	o.t.Helper()
	all := o.all(call, kind, "")
	return all[len(all)-1]
}

func (o order) inOrder(events ...event) {
	o.t.Helper()
	for i := 1; i < len(events); i++ {
		if events[i-1].returned >= events[i].began {
			o.t.Errorf("%s\nreturned after this began:\n%s", events[i-1].line, events[i].line)
		}
	}
}
