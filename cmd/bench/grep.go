//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// grep measures the search beside ripgrep over the same 100,000 sessions of 500 MB. Both
// ignore the case of a pattern in small letters. What oax prints is the text of the
// messages, what rg prints is the JSON of whole records.
func (b *bench) grep() error {
	if _, err := exec.LookPath("rg"); err != nil {
		fmt.Println("grep: ripgrep is not installed; nothing to compare with")
		return nil
	}
	home, err := b.home("grep")
	if err != nil {
		return err
	}
	if err := fill(home, 100_000, 2, 350); err != nil {
		return err
	}
	for _, c := range []struct{ title, pattern string }{
		{"a rare word", rareWord},
		{"a common word", "function"},
		{"the most common word", "the"},
		{"an expression", `function [a-z]+ err.r`},
		{"an expression without a letter", `[0-9]{2}`},
	} {
		for _, flags := range [][]string{{c.pattern}, {"-l", c.pattern}} {
			dir := filepath.Join(home, "data", "oax", "sessions")
			programs := []program{
				{"oax", b.ask(home, "", append([]string{"grep"}, flags...)...)},
				{"rg", func() *exec.Cmd { return exec.Command("rg", append(append([]string{"-S"}, flags...), dir)...) }},
			}
			samples, err := alternate(b.runs, programs...)
			if err != nil {
				return err
			}
			title := "grep " + c.title
			if len(flags) > 1 {
				title = "grep -l " + c.title
			}
			row(title, wall, programs, samples)
			row(title, cpu, programs, samples)
		}
	}
	return nil
}
