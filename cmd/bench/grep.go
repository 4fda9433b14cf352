//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

const (
	chatCount = 100_000
	chatBytes = 500_000_000
)

// grep measures the search beside ripgrep over the same directory. Both ignore the
// case of a pattern in small letters. What oax prints is the text of the messages,
// what rg prints is the JSON of whole records, and rg finds what is no text, too.
func (b *bench) grep() error {
	if _, err := exec.LookPath("rg"); err != nil {
		fmt.Println("grep: ripgrep is not installed; nothing to compare with")
		return nil
	}
	home, err := b.home("grep")
	if err != nil {
		return err
	}
	if err := chatted(home, chatCount, chatBytes); err != nil {
		return err
	}
	for _, c := range []struct{ title, pattern string }{
		{"a rare word", rareWord},
		{"a common word", "function"},
		{"the most common word", "the"},
		{"an expression", `goroutine [0-9]+ \[running\]: .*sal`},
		{"a rare expression", `z[uo]g(zwang)+\b`},
		{"an expression of no letter", `[0-9]{2}`},
	} {
		for _, flag := range []string{"", "-l"} {
			if err := b.grepOf(home, c.title, c.pattern, flag); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bench) grepOf(home, title, pattern, flag string) error {
	flags := []string{pattern}
	if flag != "" {
		flags = []string{flag, pattern}
	}
	dir := filepath.Join(home, "data", "oax", "sessions")
	programs := []program{
		{"oax", b.ask(home, "", append([]string{"grep"}, flags...)...)},
		{"rg", func() *exec.Cmd { return exec.Command("rg", append(append([]string{"-S"}, flags...), dir)...) }},
	}
	samples, err := alternate(b.runs, programs...)
	if err != nil {
		return err
	}
	title = "grep " + flag + " " + title
	row(title, wall, programs, samples)
	row(title, cpu, programs, samples)
	if flag == "" {
		row(title, first, programs, samples)
		row(title, memory, programs, samples)
	}
	return nil
}

func chatted(home string, count, bytes int) error {
	return again("-chats", home, strconv.Itoa(count), strconv.Itoa(bytes))
}

// again runs this program as its own child.
func again(args ...string) error {
	out, err := exec.Command(os.Args[0], args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
