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

	"oax/internal/demo"
)

// storingShared are faults between processes, and stores that are not where or whose
// they seem to be.
var storingShared = []fault{
	{row: "F19", what: "eight processes, a session each time", test: func(t *testing.T) {
		h := newHome(t)
		server, err := demo.Start(demo.Tokens(200))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		h.env["OPENAI_BASE_URL"] = server.URL()
		want := eightAtOnce(h, 6)
		if got := slices.Sorted(slices.Values(h.chats())); !slices.Equal(got, want) || len(h.parts()) > 0 {
			t.Errorf("%d sessions, left %v", len(got), h.parts())
		}
	}},
	{row: "F20", what: "two processes in one session", test: func(t *testing.T) {
		h, gate := halted(t, "one", " of two")
		if r := h.run("q"); r.code != 0 {
			t.Fatalf("%+v", r)
		}
		first := h.start(h.command("-c", "wait"), "one")
		says := fmt.Sprintf("oax: this chat is open in another oax (PID %d); your turn becomes a branch\n", first.cmd.Process.Pid)
		if r := h.run("-c", "more"); r.stdout != "whole\n" || r.stderr != says || r.code != 0 {
			t.Errorf("the second: %+v, want %q", r, says)
		}
		close(gate.open)
		if r := first.wait(); r.stdout != "one of two\n" || r.stderr != "" || r.code != 0 {
			t.Errorf("the first: %+v", r)
		}
		h.checkChats("q q | a whole | q wait | a one of two", "q q | a whole | q more | a whole")
	}},
	{row: "F20", what: "asked again while it is being answered", test: func(t *testing.T) {
		h, gate := halted(t, "one", " of two")
		first := h.start(h.command("wait"), "one")
		second := h.start(h.command("retry"), "one")
		close(gate.open)
		if r := second.wait(); r.stdout != "one of two\n" || !strings.HasSuffix(r.stderr, "your turn becomes a branch\n") || r.code != 0 {
			t.Errorf("%+v", r)
		}
		first.wait()
		h.checkChats("q wait | a one of two", "q wait | a one of two")
	}},
	{row: "F21", what: "the writer is killed", test: func(t *testing.T) {
		h, _ := halted(t, "one", "")
		if r := h.run("q"); r.code != 0 {
			t.Fatalf("%+v", r)
		}
		first := h.start(h.command("-c", "wait"), "one")
		first.cmd.Process.Kill()
		if r := first.wait(); r.signal != syscall.SIGKILL || len(h.parts()) != 1 {
			t.Errorf("%+v, %v", r, h.parts())
		}
		began := time.Now()
		r := h.run("-c", "more")
		if r.stdout != "whole\n" || !recoveredOne(r.stderr) || r.code != 0 {
			t.Errorf("%+v", r)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it waited %v for a lock", took)
		}
		h.checkChats("q q | a whole | q wait | a one killed | q more | a whole")
	}},
	// The matrix says exit 7, or a branch; a branch loses nothing, as in F20.
	{row: "F22", what: "the file is locked for long", test: func(t *testing.T) {
		h, _, path := began(t, demo.Stream(demo.Answer("b")...))
		lock, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Close()
		if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		r := h.run("-c", "more")
		if r.stdout != "b\n" || r.stderr != "oax: this chat is open in another oax; your turn becomes a branch\n" || r.code != 0 {
			t.Errorf("%+v", r)
		}
		if took := time.Since(began); took < 2*time.Second || took > 6*time.Second {
			t.Errorf("it waited %v", took)
		}
		h.checkChats("q q | a a", "q q | a a | q more | a b")
	}},
	{row: "F23", what: "no locks", test: func(t *testing.T) {
		for _, errno := range []string{"ENOLCK", "EOPNOTSUPP"} {
			h, _ := asks(t, demo.Stream(demo.Answer("yes")...))
			h.check(h.injected("", "flock:error="+errno, "hi"), want{
				stdout: "yes\n", prompt: "hi", answer: "yes",
				stderr: []string{"oax: the file system has no locks; do not continue one session twice at once\n"},
			})
		}
	}},
	{row: "F24", what: "sessions of one moment", elsewhere: "internal/session TestIDsSortWithinASecond"},
	{row: "F25", what: "deleted while it is open", test: func(t *testing.T) {
		h, gate := halted(t, "one", " of two")
		if r := h.run("q"); r.code != 0 {
			t.Fatalf("%+v", r)
		}
		path := h.paths()[0]
		run := h.start(h.command("-c", "wait"), "one")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		close(gate.open)
		r := run.wait()
		paths := h.paths()
		if len(paths) != 1 || paths[0] == path {
			t.Fatalf("%v", paths)
		}
		says := fmt.Sprintf("oax: session %s was deleted elsewhere; your turn is saved as %s\n", idOf(path), idOf(paths[0]))
		if r.stdout != "one of two\n" || r.stderr != says || r.code != 0 {
			t.Errorf("%+v, want %q", r, says)
		}
		h.checkChats("q q | a whole | q wait | a one of two")
	}},
	{row: "F29", what: "the store is a symbolic link", test: func(t *testing.T) {
		h, _ := asks(t, demo.Stream(demo.Answer("yes")...))
		elsewhere := filepath.Join(h.dir, "elsewhere")
		h.mkStore("..")
		if err := os.Mkdir(elsewhere, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(elsewhere, h.store()); err != nil {
			t.Fatal(err)
		}
		h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		if there, _ := filepath.Glob(filepath.Join(elsewhere, "*", "*.jsonl")); len(there) != 1 {
			t.Errorf("%v", there)
		}
	}},
	{row: "F31", what: "a store of root's", test: func(t *testing.T) { ofRoot(t, "..") }},
	{row: "F31", what: "a journal directory of root's", test: func(t *testing.T) { ofRoot(t, "open") }},
	{row: "F34", what: "--no-save", test: func(t *testing.T) {
		h, _ := asks(t, demo.Stream(demo.Answer("yes")...))
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

// ofRoot asks where a directory of the store was made by a program that ran as root.
func ofRoot(t *testing.T, rel string) {
	h, script := asks(t)
	dir := h.mkStore(rel)
	cmd := h.nobody("hi")
	if os.Getuid() != 0 && os.Getenv("OAX_CI") == "" {
		t.Skip("only root can make what is root's")
	}
	if err := os.Chown(dir, 0, 0); err != nil {
		t.Fatal(err)
	}
	r := h.finish(cmd)
	os.Chown(dir, 65534, 65534)
	if r.stdout != "" || r.code != 7 || r.stderr != "oax: "+dir+" belongs to root\nhint: sudo chown -R $USER "+dir+"\n" {
		t.Errorf("%+v", r)
	}
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
