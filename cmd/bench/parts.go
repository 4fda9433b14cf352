//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// start measures what a program costs that does nothing.
func (b *bench) start() {
	oax := b.oax(b.home("start", 0, 0, 0), "", "--version")
	compare("start-up", 5*b.runs, []figure{wall, cpu}, b.with(oax, command("bare", filepath.Join(b.dir, "other")))...)
}

// stream measures whole answers.
func (b *bench) stream() {
	const question = `{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}`
	for _, tokens := range []int{1, 1_000, 10_000, 100_000, 1_000_000} {
		url, stop := endpoint(tokens)
		home := b.home(fmt.Sprint("stream", tokens), 0, 0, 0)
		post := url + "/chat/completions"
		programs := b.with(b.oax(home, url, "hi"),
			command("curl", "curl", "-sN", "-H", "Content-Type: application/json", "-d", question, post),
			command("bare", filepath.Join(b.dir, "other"), post))
		programs[0].prints = 5 * tokens // see demo.Text, which would take memory here
		compare(fmt.Sprintf("%d tokens", tokens), b.runs, []figure{first, wall, cpu, memory}, programs...)
		stop()
		check(os.RemoveAll(home))
	}
}

// turns measures going on with a long session.
func (b *bench) turns() {
	var homes []sized
	for _, n := range []int{10_000, 1_000, 10} {
		homes = append(homes, sized{fmt.Sprint(n, " turns"), b.home(fmt.Sprint("turns", n), 1, n, 150)})
	}
	b.compareSizes("oax -c", homes, b.runs, []figure{wall, memory}, "-c", "hi")
}

// sessions measures finding the newest of many.
func (b *bench) sessions() {
	var homes []sized
	for _, n := range []int{100_000, 10_000, 100} {
		homes = append(homes, sized{fmt.Sprint(n, " sessions"), b.home(fmt.Sprint("sessions", n), n, 2, 150)})
	}
	b.compareSizes("oax ls -n 20", homes, 3*b.runs, []figure{wall}, "ls", "-n", "20")
	b.compareSizes("oax -c", homes, 3*b.runs, []figure{wall}, "-c", "hi")
}

// sized is a home, and how much is in it.
type sized struct{ size, home string }

// compareSizes compares oax in the largest home with oax in the others, or in each home
// with the other oax.
func (b *bench) compareSizes(title string, homes []sized, runs int, figures []figure, args ...string) {
	url, stop := endpoint(1)
	defer stop()
	var sizes []program
	for _, h := range homes {
		programs := b.oax(h.home, url, args...)
		if b.against {
			compare(title+", "+h.size, runs, figures, programs...)
			continue
		}
		programs[0].name = h.size
		sizes = append(sizes, programs[0])
	}
	if !b.against {
		compare(title, runs, figures, sizes...)
	}
}

// grep measures the search beside ripgrep over the same 100,000 sessions of 500 MB. Both
// ignore the case of a pattern in lower case. oax prints the text of the messages, rg
// the JSON of whole records.
func (b *bench) grep() {
	if _, err := exec.LookPath("rg"); err != nil && !b.against {
		fmt.Println("grep: ripgrep is not installed; nothing to compare with")
		return
	}
	home := b.home("grep", 100_000, 2, 350)
	for _, c := range []struct{ title, pattern string }{
		{"a rare word", rareWord},
		{"a common word", "function"},
		{"the most common word", "the"},
		{"an expression", `function [a-z]+ err.r`},
		{"an expression without a letter", `[0-9]{2}`},
	} {
		rg := []string{"-S", c.pattern, filepath.Join(home, "data", "oax", "sessions")}
		figures := []figure{wall, cpu}
		compare("grep "+c.title, b.runs, figures, b.with(b.oax(home, "", "grep", c.pattern), command("rg", "rg", rg...))...)
		compare("grep -l "+c.title, b.runs, figures, b.with(b.oax(home, "", "grep", "-l", c.pattern), command("rg", "rg", append(rg, "-l")...))...)
	}
}
