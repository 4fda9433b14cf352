package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

const hiddenText = "see \U000e0041\U000e0042 and \u202eback\u202c here"

// networkAndDisk are faults of the whole machine: no network, a service that was put to sleep,
// a disk that takes its time; and text that is not what it looks like.
var networkAndDisk = []fault{
	{row: "A9", what: "hidden characters in the input", test: func(t *testing.T) {
		h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.check(h.pipe(hiddenText), want{stdout: "yes\n", prompt: hiddenText, answer: "yes", notes: true})
		oneRequest(t, script, hiddenText)
	}},
	{row: "A9", what: "and they are not wanted", test: func(t *testing.T) {
		h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
		const kept = "see  and back here"
		h.check(h.pipe(hiddenText, "--strip-hidden"), want{stdout: "yes\n", prompt: kept, answer: "yes"})
		oneRequest(t, script, kept)
	}},
	{row: "B4", what: "no network", test: func(t *testing.T) {
		h := newHome(t)
		h.env["OPENAI_BASE_URL"] = "https://example.invalid/v1"
		h.check(h.finish(h.under(h.command("hi"), "unshare", "-rn")), unsent("net", 6))
	}},
	{row: "B22", what: "the service sleeps, Ctrl-C", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Exchange{Before: time.Minute})
		c := h.at(h.command("hi"))
		eventually(t, "the prompt is saved", func() bool { return len(h.paths()) == 1 })
		pressed := time.Now()
		c.press(ctrlC)
		diedOf(t, c.end(), syscall.SIGINT)
		if took := time.Since(pressed); took > 45*time.Second {
			t.Errorf("it took %v", took)
		}
		h.checkChats("q hi | error stopped stopped")
	}},
	{row: "F18", what: "caches of nonsense", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Reply(200, "application/json", `{"data":[{"id":"real"}]}`), demo.Stream(demo.Answer("yes")...))
		h.run("models")
		garbled := 0
		for path := range h.files() {
			if strings.HasPrefix(filepath.Join(h.dir, path), h.env["XDG_CACHE_HOME"]) {
				h.write(path, "\x00\xff{\n[")
				garbled++
			}
		}
		if garbled == 0 {
			t.Fatalf("no cache in %v", h.files())
		}
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		if r := h.run("ls"); r.code != 0 || !strings.Contains(r.stdout, "hi") || r.stderr != "" {
			t.Errorf("%+v", r)
		}
	}},
	{row: "F18", what: "what was used last is lost, nonsense, or half of it", test: usesLost},
	{row: "F35", what: "an export to a file that is there", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		h.run("hi")
		path := filepath.Join(h.dir, "out.md")
		write(t, path, "old")
		h.checkRun(h.run("cat", "-o", "out.md"), want{code: 2})
		equal(t, "the file", text(t, path), "old")
		if r := h.run("cat", "--last", "-o", "out.md", "--force"); r.code != 0 || r.stdout != "" || text(t, path) != "yes" {
			t.Errorf("%+v, %q", r, text(t, path))
		}
	}},
	{row: "F35", what: "an export to a disk that is full", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer(strings.Repeat("yes ", 10000))...))
		h.run("hi")
		path := filepath.Join(h.dir, "out.md")
		write(t, path, "old")
		r := h.finish(h.under(h.command("cat", "-o", "out.md", "--force"), "prlimit", "--fsize=8192"))
		h.checkRun(r, want{code: 7})
		equal(t, "the file", text(t, path), "old")
		for name := range h.files() {
			if strings.HasPrefix(name, ".oax-") {
				t.Errorf("%s is left behind", name)
			}
		}
	}},
	{row: "E4", what: "Ctrl-C while the answer is being saved", waits: true, test: func(t *testing.T) {
		for delay := time.Second; !interruptsSave(t, delay); delay *= 2 {
			if delay > patience {
				t.Fatal("each save was over before the signal")
			}
		}
	}},
}

// interruptsSave presses Ctrl-C while an answer is being saved to a disk that takes so long
// for each sync. It reports whether the save was still going on then.
func interruptsSave(t *testing.T, delay time.Duration) bool {
	h, _, path := began(t, demo.Stream(demo.Answer("whole")...))
	// -D keeps oax our child.
	cmd := h.under(h.command("-c", "hi"), "strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-P", path, "-e", "trace=fsync",
		"-e", fmt.Sprintf("inject=fsync:delay_exit=%d", delay.Microseconds()))
	run := h.start(cmd, "")
	eventually(t, "the answer is written", func() bool {
		return transcript(t, text(t, path)) == "q q | a a | q hi | a whole"
	})
	isSaving := len(h.journals()) == 1
	cmd.Process.Signal(syscall.SIGINT)
	end := run.wait()
	if !isSaving || end.code == 0 {
		return false
	}
	diedOf(t, end, syscall.SIGINT)
	if end.stdout != "whole\n" && end.stdout != "whole" {
		t.Errorf("stdout %q", end.stdout)
	}
	h.checkChats("q q | a a | q hi | a whole")
	return true
}

// usesLost wants the session used last first, whatever becomes of the cache that says so.
func usesLost(t *testing.T) {
	h, script := scripted(t, demo.Stream(demo.Answer("again")...), demo.Stream(demo.Answer("and again")...))
	for i, c := range chats {
		h.rememberAt(time.Date(2026, 11, 21, 23, i, 0, 0, time.UTC), c.prompt, c.answer)
	}
	oldest := idOf(h.paths()[0])
	h.run("--session", oldest, "more")
	list := h.run("ls").stdout
	if !strings.HasPrefix(list, oldest) {
		t.Fatalf("%s", list)
	}
	for what, damage := range map[string]func(path, text string) error{
		"gone":     func(path, _ string) error { return os.Remove(path) },
		"empty":    func(path, _ string) error { return os.Truncate(path, 0) },
		"half":     func(path, text string) error { return os.Truncate(path, int64(len(text)/2)) },
		"nonsense": func(path, _ string) error { return os.WriteFile(path, []byte("\x00\xff{\n[\n\n"), 0o600) },
		"a directory": func(path, _ string) error {
			return errors.Join(os.Remove(path), os.Mkdir(path, 0o700))
		},
	} {
		paths, _ := filepath.Glob(filepath.Join(h.store(), "cache", "*"))
		if len(paths) == 0 {
			t.Errorf("before it is %s there is no cache", what)
		}
		for _, path := range paths {
			must(t, damage(path, text(t, path)))
		}
		h.checkRun(h.run("ls"), want{stdout: list})
		os.RemoveAll(filepath.Join(h.store(), "cache"))
		h.run("ls")
	}
	h.run("-c", "and more")
	holdsAll(t, string(script.Requests()[1].Body), chats[0].prompt)
}
