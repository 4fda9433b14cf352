package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/demo"
	"oax/internal/session/record"
)

// storingShared are faults between processes, and stores that are not where or whose
// they seem to be.
var storingShared = []fault{
	{row: "F19", what: "eight processes, a session each time", test: func(t *testing.T) {
		h := newHome(t)
		h.env["OPENAI_BASE_URL"] = listens(t, demo.Tokens(200))
		want := eightAtOnce(h, reduced(t, "sessions of each process", 6, 2))
		if got := slices.Sorted(slices.Values(h.chats())); !slices.Equal(got, want) || len(h.journals()) > 0 {
			t.Errorf("%d sessions, left %v", len(got), h.journals())
		}
	}},
	{row: "F20", what: "two processes in one session", test: func(t *testing.T) {
		h, gate := halted(t, "one", " of two")
		h.succeeds("q")
		first := h.start(h.command("-c", "wait"), "one")
		second := h.run("-c", "more")
		h.checkRun(second, want{stdout: "whole\n", notes: true})
		if pid := fmt.Sprintf("PID %d)", first.cmd.Process.Pid); !strings.Contains(second.stderr, pid) {
			t.Errorf("%q, want %s", second.stderr, pid)
		}
		close(gate.open)
		h.checkRun(first.wait(), want{stdout: "one of two\n"})
		h.checkChats("q q | a whole | q wait | a one of two", "q q | a whole | q more | a whole")
	}},
	{row: "F20", what: "asked again while it is being answered", test: func(t *testing.T) {
		h, gate := halted(t, "one", " of two")
		first := h.start(h.command("wait"), "one")
		second := h.start(h.command("retry"), "one")
		close(gate.open)
		h.checkRun(second.wait(), want{stdout: "one of two\n", notes: true})
		first.wait()
		h.checkChats("q wait | a one of two", "q wait | a one of two")
	}},
	{row: "F21", what: "the writer is killed", test: func(t *testing.T) {
		h, _ := halted(t, "one", "")
		h.succeeds("q")
		first := h.start(h.command("-c", "wait"), "one")
		if r := first.ends(syscall.SIGKILL); r.signal != syscall.SIGKILL || len(h.journals()) != 1 {
			t.Errorf("%+v, %v", r, h.journals())
		}
		h.checkRun(h.run("-c", "more"), want{stdout: "whole\n", notes: true})
		h.checkChats("q q | a whole | q wait | a one killed | q more | a whole")
	}},
	{row: "F22", what: "the file is locked for long", waits: true, test: func(t *testing.T) {
		h, _, path := began(t, demo.Stream(demo.Answer("b")...))
		lock, err := os.Open(path)
		must(t, err)
		defer lock.Close()
		must(t, lockFile(lock))
		began := time.Now()
		h.checkRun(h.run("-c", "more"), want{stdout: "b\n", notes: true})
		if took := time.Since(began); took < 2*time.Second {
			t.Errorf("it waited %v", took)
		}
		h.checkChats("q q | a a", "q q | a a | q more | a b")
	}},
	{row: "F23", what: "no locks", test: func(t *testing.T) {
		for _, errno := range []string{"ENOLCK", "EOPNOTSUPP"} {
			h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
			h.check(h.injected("", "flock:error="+errno, "hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes", notes: true})
		}
	}},
	{row: "F24", what: "sessions of one moment, and the clock goes back", test: oneMoment},
	{row: "F25", what: "deleted while it is open", test: func(t *testing.T) {
		h, gate := halted(t, "one", " of two")
		h.succeeds("q")
		path := h.paths()[0]
		run := h.start(h.command("-c", "wait"), "one")
		must(t, os.Remove(path))
		close(gate.open)
		r := run.wait()
		paths := h.paths()
		if len(paths) != 1 || paths[0] == path {
			t.Fatalf("%v", paths)
		}
		h.known = []string{idOf(path)}
		h.checkRun(r, want{stdout: "one of two\n", notes: true})
		h.checkChats("q q | a whole | q wait | a one of two")
	}},
	{row: "F29", what: "the store is a symbolic link", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		elsewhere := filepath.Join(h.dir, "elsewhere")
		h.mkStore("..")
		must(t, os.Mkdir(elsewhere, 0o755))
		must(t, os.Symlink(elsewhere, h.store()))
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		if there, _ := filepath.Glob(filepath.Join(elsewhere, "*", "*.jsonl")); len(there) != 1 {
			t.Errorf("%v", there)
		}
	}},
	{row: "F31", what: "a store of root's", test: func(t *testing.T) { ofRoot(t, "..") }},
	{row: "F31", what: "a journal directory of root's", test: func(t *testing.T) { ofRoot(t, "open") }},
	{row: "F34", what: "--no-save", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		before := len(h.files())
		h.check(h.run("--no-save", "hi"), want{stdout: "yes\n"})
		if files := h.files(); len(files) != before {
			t.Errorf("%v", files)
		}
		if _, err := os.Stat(h.env["XDG_DATA_HOME"]); !os.IsNotExist(err) {
			t.Errorf("there is a data directory: %v", err)
		}
	}},
}

// oneMoment begins two sessions in one nanosecond, and a third in an hour before.
func oneMoment(t *testing.T) {
	h := newHome(t)
	at := time.Date(2026, 11, 21, 23, 45, 12, 123456789, time.UTC)
	for _, begun := range []struct {
		prompt string
		at     time.Time
	}{{"first", at}, {"second", at}, {"earlier", at.Add(-time.Hour)}} {
		w, err := h.openStore(func() time.Time { return begun.at }).Create(record.Message{Message: chat.Message{Role: chat.User, Text: begun.prompt}})
		if err == nil {
			err = w.Finish(chat.Message{Role: chat.Assistant, Text: "yes", State: chat.Complete})
		}
		must(t, err)
		w.Close()
	}
	list := h.run("ls")
	lines := strings.Split(list.stdout, "\n")
	if len(lines) != 4 || !strings.HasSuffix(lines[2], "\tearlier") || len(h.sessions()) != 3 {
		t.Errorf("listed as %q", list.stdout)
	}
}

// ofRoot asks where a directory of the store was made by a program that ran as root.
func ofRoot(t *testing.T, rel string) {
	h, script := scripted(t)
	dir := h.mkStore(rel)
	cmd := h.nobody("hi")
	if os.Getuid() != 0 && os.Getenv("OAX_CI") == "" {
		t.Skip("only root can make what is root's")
	}
	must(t, os.Chown(dir, 0, 0))
	r := h.finish(cmd)
	os.Chown(dir, 65534, 65534)
	h.checkRun(r, want{code: 7})
	if len(script.Requests()) > 0 || len(h.paths()) > 0 {
		t.Error("something was sent or saved")
	}
}

// eightAtOnce asks from eight processes at a time and returns what is to be saved.
func eightAtOnce(h *home, each int) []string {
	h.t.Helper()
	var said []string
	var wg sync.WaitGroup
	for p := range 8 {
		for i := range each {
			said = append(said, fmt.Sprintf("q %d of %d | a %s", i, p, strings.TrimSpace(demo.Text(200))))
		}
		wg.Go(func() {
			for i := range each {
				cmd, out := h.command(fmt.Sprintf("%d of %d", i, p)), bytes.Buffer{}
				cmd.Stdout, cmd.Stderr = &out, &out
				if err := cmd.Run(); err != nil || out.String() != demo.Text(200) {
					h.t.Errorf("%v: %.100q", err, out.String())
				}
			}
		})
	}
	wg.Wait()
	slices.Sort(said)
	return said
}
