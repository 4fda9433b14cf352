package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// A run that is stopped leaves no process: not the key_command that hangs, nor what
// that has started, nor the finder. The finder ends even if the run is killed, but no
// other program does that was started: key_command, editor and pager go on.
func TestTortureChildren(t *testing.T) {
	t.Parallel()
	stops := portion(t, []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}, 2)
	for _, signal := range stops {
		t.Run(fmt.Sprint("key_command, ", signal), func(t *testing.T) { t.Parallel(); stoppedWaitingForKey(t, signal) })
	}
	for _, signal := range append(stops, syscall.SIGKILL) {
		t.Run(fmt.Sprint("finder, ", signal), func(t *testing.T) { t.Parallel(); stoppedPicking(t, signal) })
		t.Run(fmt.Sprint("demo, ", signal), func(t *testing.T) { t.Parallel(); stoppedInDemo(t, signal) })
	}
}

func stoppedWaitingForKey(t *testing.T, signal syscall.Signal) {
	h, script := scripted(t, demo.Stream(demo.Answer("never")...))
	delete(h.env, "OPENAI_API_KEY")
	h.config("profile = 'p'\n[profiles.p]\nbase_url = '" + h.env["OPENAI_BASE_URL"] + "'\nkey_command = '''sleep 600 & touch begun; sleep 601; echo k'''\n")
	delete(h.env, "OPENAI_BASE_URL")
	run := h.start(h.command("hi"), "")
	eventually(t, "key_command runs", func() bool { return len(h.descendants()) >= 3 })
	signalled := time.Now()
	r := run.ends(signal)
	if took := time.Since(signalled); took > patience { // sleep goes on for longer
		t.Errorf("it took %v", took)
	}
	if r.code != 128+int(signal) || r.stdout != "" || len(script.Requests()) > 0 {
		t.Errorf("%+v", r)
	}
	h.nothingLeft()
	tortured.add("runs stopped", 1)
}

func stoppedPicking(t *testing.T, signal syscall.Signal) {
	h := newHome(t)
	h.remember("q", "a")
	c := h.at(h.command("-r"))
	c.shows("1/1")
	eventually(t, "the finder runs", func() bool { return len(h.descendants()) == 2 })
	c.cmd.Process.Signal(signal)
	h.nothingLeft()
	if r := c.end(); r.code != 128+int(signal) {
		t.Errorf("%+v", r)
	}
	tortured.add("runs stopped", 1)
}

func stoppedInDemo(t *testing.T, signal syscall.Signal) {
	h := newHome(t)
	run := h.start(h.command("--raw", "-p", "demo", "hi"), "")
	run.until("it prints", func() bool { return run.printed() != "" })
	r := run.ends(signal)
	if r.code != 128+int(signal) {
		t.Errorf("%+v", r)
	}
	h.nothingLeft()
	if recovered := h.run("cat", "--last"); !strings.HasPrefix(recovered.stdout, strings.TrimSpace(r.stdout)) {
		t.Errorf("printed %q, then %+v", r.stdout, recovered)
	}
	tortured.add("runs stopped", 1)
}

// nothingLeft wants all that a run has started to end soon, and its temporary files to
// be gone.
func (h *home) nothingLeft() {
	h.t.Helper()
	eventually(h.t, "nothing of it runs", func() bool { return len(h.descendants()) == 0 })
	entries, err := os.ReadDir(h.env["TMPDIR"])
	if err != nil || len(entries) > 0 {
		h.t.Errorf("left behind: %v, %v", entries, err)
	}
}

// descendants returns the processes that have this home in their environment.
func (h *home) descendants() (found []int) {
	paths, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range paths {
		environ, _ := os.ReadFile(filepath.Join(path, "environ"))
		stat, _ := os.ReadFile(filepath.Join(path, "stat"))
		if strings.Contains(string(environ), "HOME="+h.dir+"\x00") && !strings.Contains(string(stat), ") Z ") {
			pid, _ := strconv.Atoi(filepath.Base(path))
			found = append(found, pid)
		}
	}
	return found
}
