package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"oax/internal/demo"
)

// storingUnread are files and directories that are there and cannot be looked at: that
// must not be taken for their not being there.
var storingUnread = []fault{
	{row: "F7", what: "what a dead process left cannot be read", test: func(t *testing.T) {
		for _, fault := range []string{"openat:error=EMFILE", "pread64:error=EIO"} {
			h, path := leftHalf(t)
			r := h.injected(h.journalOf(path), fault, "ls")
			h.checkRun(r, want{stdout: r.stdout, notes: true})
			h.checkRecovery()
			h.checkChats("q left | a one two  killed")
		}
	}},
	{row: "F7", what: "the directory of what a dead process left cannot be read", test: func(t *testing.T) {
		h, path := leftHalf(t)
		write(t, h.journalOf(path), strings.Replace(text(t, h.journalOf(path)), `"time":"2`, `"time":"1`, 1)) // of a turn that came later, say
		// Every read fails: strace counts by thread, and the recovery and the list may run on two.
		h.checkRun(h.injected(filepath.Dir(path), "getdents64:error=EIO", "ls"), want{notes: true, code: 7})
		h.checkRecovery()
		h.checkChats("q left | a one two  killed")
	}},
	{row: "F10", what: "killed while it makes a session of what is left of one", test: func(t *testing.T) {
		h, path := leftHalf(t)
		must(t, os.Remove(path))
		r, _ := h.traced(h.command("ls"), "-e", "trace=unlinkat", "-e", "inject=unlinkat:signal=KILL", "-P", h.journalOf(path))
		diedOf(t, r, syscall.SIGKILL)
		h.run("ls")
		h.checkChats("a one two  killed")
	}},
	{row: "F7", what: "a session cannot be looked at", test: func(t *testing.T) {
		h, script, path := began(t)
		for _, later := range []string{"", `{"kind":"message","time":"2100-01-01T00:00:00Z","role":"user","text":"used after it began"}` + "\n"} {
			write(t, path, text(t, path)+later)
			h.run("ls") // makes the cache
			h.checkRun(h.injected(path, "newfstatat:error=EIO", "-c", "more"), want{code: 7})
		}
		requested(t, script, 1)
		h.checkChats("q q | a a | q used after it began")
	}},
	{row: "F7", what: "the trash cannot be looked at", test: func(t *testing.T) {
		h, _, _ := began(t)
		h.run("rm", "-y", "@")
		removals, _ := filepath.Glob(filepath.Join(h.store(), "trash", "*"))
		h.checkRun(h.injected(removals[0], "openat:error=EIO", "rm", "--undo"), want{code: 7})
	}},
	{row: "F7", what: "the mode of a file cannot be set", test: func(t *testing.T) {
		o := newOrdeal(t, ordealOf("first"))
		o.wrapper = []string{"sh", "-c", `umask 277; exec "$@"`, "sh"}
		o.all("fchmod error=EROFS +", "fchmod signal=KILL ")
	}},
	{row: "F7", what: "no more files, at each of them", test: func(t *testing.T) {
		newOrdeal(t, ordealOf("new")).all("openat error=EMFILE ")
	}},
}

// leftHalf returns a home with a session whose writer died in the answer, and its file.
func leftHalf(t *testing.T) (*home, string) {
	t.Helper()
	h, _ := scripted(t, demo.Stream(demo.Send(demo.Chunk(half)), demo.Hold()))
	run := h.start(h.command("left"), half)
	run.ends(syscall.SIGKILL)
	return h, h.paths()[0]
}
