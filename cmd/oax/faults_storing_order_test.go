package main

import (
	"path/filepath"
	"slices"
	"strings"
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

// orderOfTurn reads the promises of a turn from what the system saw of it.
func orderOfTurn(t *testing.T) {
	steps := []demo.Step{}
	words := []string{"one ", "two ", "three"}
	for _, word := range words {
		steps = append(steps, demo.Send(demo.Chunk(word)), demo.Pause(5*time.Millisecond))
	}
	h, _ := asks(t, demo.Stream(append(steps, demo.Send(demo.Finish("stop")), demo.Send(demo.Done()))...))
	r, log := h.traced(h.command("hi"), "-s", "4096", "-e", "trace=write,fsync,renameat,unlinkat,exit_group",
		"-e", "inject=fsync:delay_exit=50000:when=1") // the disk is slower than the endpoint
	h.check(r, want{stdout: "one two three\n", prompt: "hi", answer: "one two three"})
	o := order{t, log, events(log)}

	prompt := o.find("write", "temp", `\"text\":\"hi\"`)
	named := o.find("renameat", "temp", "")
	request := o.find("write", "network", "POST ")
	o.inOrder(prompt, named, request)

	syncs := o.all("fsync", "session", "")
	printed := o.all("write", "stdout", "")
	o.inOrder(named, syncs[0], printed[0])
	o.inOrder(named, o.find("fsync", "month", ""), printed[0])
	for dir := filepath.Dir(h.paths()[0]); dir != filepath.Dir(h.dir); dir = filepath.Dir(dir) { // all of them are new
		o.inOrder(o.find("fsync", "", "<"+dir+">"), printed[0])
	}
	for _, word := range words {
		o.inOrder(o.find("write", "part", word), o.find("write", "stdout", word))
	}

	answer := o.find("write", "session", `\"text\":\"one two three\"`)
	o.inOrder(answer, syncs[1], o.find("unlinkat", "part", ""), o.find("exit_group", "", ""))
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

func (o order) inOrder(events ...event) {
	o.t.Helper()
	for i := 1; i < len(events); i++ {
		if events[i-1].returned >= events[i].began {
			o.t.Errorf("%s\nreturned after this began:\n%s", events[i-1].line, events[i].line)
		}
	}
}
