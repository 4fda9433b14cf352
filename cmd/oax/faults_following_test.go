package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"oax/internal/demo"
)

// following are faults of an answer that other processes follow, and of a disk and a file
// system that hinder its saving.
var following = []fault{
	{row: "F40", what: "three follow an answer whose writer is killed", test: followed},
	{row: "F40", what: "an answer is followed to its end", test: func(t *testing.T) {
		h, gate := halted(t, "one", " of two")
		writer := h.start(h.command("wait"), "one")
		follower := h.start(h.command("cat", "--follow", "--last"), "one")
		prompt := h.start(h.command("cat", "--follow", "--role=user", "--raw"), "wait")
		h.checkRun(prompt.wait(), want{stdout: "wait"})
		close(gate.open)
		writer.wait()
		h.checkRun(follower.wait(), want{stdout: "one of two"})
		h.checkRun(h.run("cat", "--follow", "--last"), want{stdout: "one of two"})
		h.checkRun(h.run("cat", "--follow"), want{stdout: h.run("cat").stdout})
	}},
	{row: "F40", what: "a turn is followed while its tools run", test: func(t *testing.T) {
		h, _ := offering(t, asking(`slow {}`), done)
		h.config(text(t, filepath.Join(h.env["XDG_CONFIG_HOME"], "oax", "config.toml")) + `[tools.slow]
command = ["sh", "-c", 'echo waits >> "$HOME/noted"; until test -e "$HOME/go"; do sleep 0.05; done; echo seen']
schema = "any.json"
`)
		// What it asks is what answers: a follower names the model before the service has.
		writer := h.start(h.command("-m", "demo", "-T", "slow", "--allow", "slow", "hi"), "")
		eventually(t, "the tool runs", func() bool { return h.noted() != "" })
		follower := h.start(h.command("cat", "--follow"), "--- user")
		last := h.start(h.command("cat", "--follow", "--last"), "")
		h.write("go", "")
		writer.wait()
		h.checkRun(follower.wait(), want{stdout: h.run("cat").stdout})
		h.checkRun(last.wait(), want{stdout: "done"})
	}},
	{row: "F41", what: "the modes of files cannot be set", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		cmd := h.under(h.command("hi"), "strace", "-D", "-f", "-qq", "-o", filepath.Join(h.dir, "log"),
			"-e", "trace=fchmod,fchmodat", "-e", "inject=fchmod,fchmodat:error=EPERM")
		r := h.finish(h.under(cmd, "sh", "-c", `umask 277; exec "$@"`, "sh"))
		h.checkRun(r, want{stdout: "yes\n", notes: true})
		h.checkChats("q hi | a yes")
	}},
	{row: "E31", what: "at the first sync", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
		hungDisk(t, h, h.command("hi"), "q hi")
	}},
	{row: "E31", what: "when what a dead process left is saved", test: func(t *testing.T) {
		h, _ := leftHalf(t)
		hungDisk(t, h, h.command("ls"), "q left | a one two  killed")
		h.run("ls")
		h.checkChats("q left | a one two  killed")
	}},
}

// followed kills the writer of an answer that three follow, of which one is stopped for a
// while, until the session is whole again.
func followed(t *testing.T) {
	h, _ := scripted(t, demo.Stream(onAndOn("word ")...))
	writer := h.start(h.command("--raw", "hi"), "word ")
	var followers []*running
	for range 3 {
		followers = append(followers, h.start(h.command("cat", "--follow", "--last"), "word "))
	}
	followers[2].cmd.Process.Signal(sigStop)
	before := len(writer.printed())
	eventually(t, "the writer went on", func() bool { return len(writer.printed()) > before+500 })
	writer.ends(syscall.SIGKILL)
	first, second := followers[0].wait(), followers[1].wait()
	whole := h.recovered()
	followers[2].cmd.Process.Signal(sigContinue)
	for i, r := range []result{first, second, followers[2].wait()} {
		h.checkRun(r, want{stdout: whole, notes: true})
		if !strings.HasPrefix(r.stdout, writer.printed()) {
			t.Errorf("follower %d has less than was printed", i)
		}
	}
}

// hungDisk runs a command whose first fsync of each thread hangs for an hour, sends a signal once a
// session has what is being saved, and wants the program to end before the disk answers.
func hungDisk(t *testing.T, h *home, cmd *exec.Cmd, written string) {
	t.Helper()
	log, stderr := filepath.Join(h.dir, "log"), new(capture)
	cmd = h.under(cmd, "strace", "-D", "-f", "-qq", "-o", log, "-e", "trace=fsync", "-e", "inject=fsync:delay_enter=3600s:when=1")
	command := "oax " + cmd.Args[len(cmd.Args)-1]
	cmd.Stderr = stderr
	must(t, cmd.Start())
	eventually(t, "it was written", func() bool { return len(h.paths()) == 1 && transcript(t, text(t, h.paths()[0])) == written })
	tracer := tracerOf(t, cmd.Process.Pid)
	cmd.Process.Signal(syscall.SIGTERM)
	eventually(t, "it said that it ends", func() bool { return strings.HasSuffix(stderr.String(), "\n") })
	said, _, _ := strings.Cut(stderr.String(), "strace: ")
	cmd.Process.Kill()
	eventually(t, "the hung call ends with the process", func() bool { return strings.Contains(text(t, log), "= ?") })
	signalTo(tracer, syscall.SIGKILL) // it would wait for the hour to end
	cmd.Wait()
	if got := text(t, log); !strings.Contains(got, "fsync") || strings.Contains(got, "DELAYED") {
		t.Errorf("the disk has answered: %s", got)
	}
	h.says(result{command: command, stderr: said})
}

// tracerOf returns the process that traces another.
func tracerOf(t *testing.T, pid int) (tracer int) {
	t.Helper()
	_, line, _ := strings.Cut(text(t, fmt.Sprintf("/proc/%d/status", pid)), "\nTracerPid:")
	if _, err := fmt.Sscan(line, &tracer); err != nil || tracer == 0 {
		t.Fatalf("process %d is not traced: %v", pid, err)
	}
	return tracer
}
