package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block returns the first fenced block of the README in a language. A fence inside
// the block, as in the demo's answer, is one that names a language and its end.
func block(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "```"+language+"\n")
	if !found {
		t.Fatalf("no block of %s in the README", language)
	}
	var lines []string
	inside := false
	for line := range strings.Lines(rest) {
		fence := strings.HasPrefix(line, "```")
		if fence && !inside && line == "```\n" {
			return lines
		}
		if fence {
			inside = !inside
		}
		lines = append(lines, line)
	}
	t.Fatal("a block without an end")
	return nil
}

var (
	anyID   = regexp.MustCompile(`(?m)^[a-z0-9]{8}\t`)
	anyTime = regexp.MustCompile(`20\d\d-\d\d-\d\d \d\d:\d\d`)
)

// settle makes the IDs and times of a transcript equal to any other's.
func settle(text string) string {
	return anyTime.ReplaceAllString(anyID.ReplaceAllString(text, "ID\t"), "TIME")
}

func TestReadmeTranscript(t *testing.T) {
	h := newHome(t)
	delete(h.env, "OPENAI_API_KEY")
	h.env["PATH"] = filepath.Dir(binary) + ":" + h.env["PATH"]
	var command string
	var want strings.Builder
	commands := 0
	check := func() {
		if command == "" {
			return
		}
		commands++
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Dir, cmd.Env = h.dir, h.environ()
		got, _ := cmd.CombinedOutput()
		if settle(string(got)) != settle(want.String()) {
			t.Errorf("$ %s\ngot:\n%s\nthe README has:\n%s", command, got, want.String())
		}
		want.Reset()
	}
	for _, line := range block(t, "console") {
		if next, ok := strings.CutPrefix(line, "$ "); ok {
			check()
			command = strings.TrimSuffix(next, "\n")
			continue
		}
		want.WriteString(line)
	}
	check()
	if commands < 4 {
		t.Errorf("only %d commands were found", commands)
	}
}

// The README's first command prints the demo's answer; the second is what runs this.
func TestReadmeFirstCommands(t *testing.T) {
	commands := block(t, "sh")
	if len(commands) != 2 || strings.TrimSpace(commands[1]) != "go test ./..." {
		t.Fatalf("the README begins with %q", commands)
	}
	h := newHome(t)
	// What is built already stays where it is, whose home it may be.
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} {
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		h.env[name] = strings.TrimSpace(string(value))
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", commands[0])
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), h.environ()...)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "> what can you do") || !strings.Contains(string(out), "OPENAI_API_KEY") {
		t.Errorf("%v\n%s", err, out)
	}
}
