package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oax/internal/demo"
)

// storingFull are the faults of a disk that takes no more, or says that it failed.
var storingFull = []fault{
	{row: "F3", what: "disk full, first session", test: func(t *testing.T) {
		for _, room := range []int{0, 4096} { // the prompt's journal does not fit, or its session
			h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
			promptDoesNotFit(h, room, "hi")
			h.checkChats()
			requested(t, script, 0)
		}
	}},
	{row: "F3", what: "disk full, a session goes on", test: func(t *testing.T) {
		h, script, path := began(t)
		before := text(t, path)
		promptDoesNotFit(h, 0, "-c", "more")
		h.checkChats("q q | a a")
		if n := len(script.Requests()); n != 1 || text(t, path) != before {
			t.Errorf("%d requests; the session is %q", n, text(t, path))
		}
	}},
	{row: "F4", what: "disk full in the answer", test: func(t *testing.T) {
		h, words := answerDoesNotFit(t, "")
		if copies := h.rescued(); len(copies) != 1 || copies[0] != words {
			t.Errorf("%d copies of the answer", len(copies))
		}
		h.checkPrefix("hi", words)
	}},
	{row: "F4", what: "disk full in the answer, and no place for a copy", test: func(t *testing.T) {
		h, words := answerDoesNotFit(t, "data")
		h.checkPrefix("hi", words)
	}},
	{row: "F4", what: "disk full to the last byte", test: func(t *testing.T) {
		const n = 500
		h := newHome(t)
		h.env["OPENAI_BASE_URL"] = listens(t, demo.Paced(n, 300*time.Microsecond))
		prompt := strings.Repeat("p", 3600)        // its page has no room for the answer either
		cmd, unmount := h.fullDisk(2*4096, prompt) // one for the session, one for the journal
		r := h.finish(cmd)
		unmount()
		h.checkRun(r, want{stdout: demo.Text(n), code: 7})
		h.checkPrefix(prompt, demo.Text(n))
	}},
	{row: "F4", what: "file size limit", test: func(t *testing.T) {
		words := longAnswer()
		h, _ := scripted(t, piecemeal(words))
		r := h.finish(h.under(h.command("hi"), "prlimit", "--fsize=12000"))
		whole := strings.Join(words, "")
		h.checkRun(r, want{stdout: whole, code: 7})
		h.checkPrefix("hi", whole)
	}},
	{row: "F5", what: "room again", test: func(t *testing.T) {
		first := strings.Repeat("first ", 4000)
		h, gate := halted(t, first, "rest")
		cmd, unmount := h.fullDisk(12<<10, "wait")
		running := h.start(cmd, first) // so more of it was journaled than there is room for
		keep := h.env["XDG_DATA_HOME"] + ".keep"
		write(t, keep+".free", "")
		eventually(t, "there was room", func() bool { _, err := os.Stat(keep + ".freed"); return err == nil })
		close(gate.open)
		r := running.wait()
		unmount()
		h.check(r, want{stdout: first + "rest\n", prompt: "wait", answer: first + "rest"})
	}},
	{row: "F7", what: "the prompt meets every error", test: func(t *testing.T) {
		for _, errno := range portion(t, errnos, 2) {
			h, script, path := began(t)
			before := text(t, path)
			h.checkRun(h.injected(path, "write:error="+errno, "-c", "more"), want{code: 7})
			h.checkChats("q q | a a")
			if n := len(script.Requests()); n != 1 || text(t, path) != before {
				t.Errorf("%s: %d requests; the session is %q", errno, n, text(t, path))
			}
		}
	}},
	{row: "F7", what: "the answer meets every error", test: func(t *testing.T) {
		for _, errno := range portion(t, errnos, 2) {
			h, _, path := began(t, demo.Stream(demo.Answer("b")...))
			h.checkRun(h.injected(path, "write:error="+errno, "retry"), want{stdout: "b\n", code: 7})
			if copies := h.rescued(); !slices.Equal(copies, []string{"b"}) {
				t.Errorf("%s: copies %q", errno, copies)
			}
			h.checkRecovery()
			h.checkChats("q q | a a | a b")
		}
	}},
	{row: "F7", what: "no room to note that there is no answer", test: func(t *testing.T) {
		h, _, path := began(t, demo.Reply(401, "application/json", `{"error":{"message":"no"}}`))
		h.checkRun(h.injected(path, "write:error=ENOSPC", "retry"), want{code: 4})
		h.run("ls")
		h.checkChats("q q | a a")
	}},
	{row: "F7", what: "no more files", test: func(t *testing.T) {
		for _, errno := range []string{"EMFILE", "ENFILE"} {
			h, _, path := began(t)
			h.checkRun(h.injected(h.journalOf(path), "openat:error="+errno, "-c", "more"), want{code: 7})
			h.checkChats("q q | a a")
		}
	}},
	{row: "F8", what: "the disk fails to sync", test: func(t *testing.T) {
		h, _, path := began(t, demo.Stream(demo.Answer("b")...))
		r, log := h.traced(h.command("-c", "more"), "-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "-P", path)
		h.checkRun(r, want{stdout: "b\n", code: 7})
		if copies := h.rescued(); !slices.Equal(copies, []string{"b"}) {
			t.Errorf("copies %q", copies)
		}
		if n := strings.Count(log, "fsync("); n != 1 || !strings.Contains(log, "(INJECTED)") {
			t.Errorf("synced %d times: %s", n, log)
		}
		h.run("ls")
		h.checkChats("q q | a a | q more | a b")
	}},
	{row: "F8", what: "the disk fails to sync a prompt that is not sent", test: func(t *testing.T) {
		h := newHome(t)
		h.env["OPENAI_API_KEY"], h.env["OPENAI_BASE_URL"] = "", "https://x.invalid/v1"
		h.checkRun(h.injected("", "fsync:error=EIO", "hi"), want{code: 7})
	}},
	{row: "F9", what: "interrupted system calls", test: func(t *testing.T) {
		calls := []string{"openat", "write", "fsync", "flock", "mkdirat", "renameat", "unlinkat", "close", "fstat", "newfstatat", "fchmodat"}
		for _, call := range portion(t, calls, 3) {
			h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
			h.check(h.injected("", call+":error=EINTR:when=1+4", "hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		}
	}},
}

// errnos are the errors of a write.
var errnos = []string{"ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EIO"}

// promptDoesNotFit asks on a disk with too little room.
func promptDoesNotFit(h *home, room int, args ...string) {
	h.t.Helper()
	cmd, unmount := h.fullDisk(room, args...)
	r := h.finish(cmd)
	unmount()
	h.checkRun(r, want{code: 7})
}

// longAnswer is 60 kB in words.
func longAnswer() []string {
	var words []string
	for i := range 600 {
		words = append(words, fmt.Sprintf("%06d ", i)+strings.Repeat("word ", 18)+"\n")
	}
	return words
}

// piecemeal sends an answer so that it is not all there at once, however busy the machine.
func piecemeal(words []string) demo.Exchange {
	var steps []demo.Step
	for i, step := range demo.Answer(words...) {
		if steps = append(steps, step); i%10 == 9 {
			steps = append(steps, demo.Pause(2*time.Millisecond))
		}
	}
	return demo.Stream(steps...)
}

// answerDoesNotFit asks on a disk with room for a fifth of the answer. TMPDIR is a
// directory on that disk, or if empty on another.
func answerDoesNotFit(t *testing.T, tmp string) (*home, string) {
	words := longAnswer()
	h, _ := scripted(t, piecemeal(words))
	if tmp != "" {
		h.env["TMPDIR"] = filepath.Join(h.dir, tmp)
	}
	cmd, unmount := h.fullDisk(16<<10, "hi")
	r := h.finish(cmd)
	unmount()
	whole := strings.Join(words, "")
	h.checkRun(r, want{stdout: whole, code: 7})
	return h, whole
}

// rescued returns the copies of answers in the directory for temporary files.
func (h *home) rescued() (copies []string) {
	h.t.Helper()
	paths, _ := filepath.Glob(filepath.Join(h.env["TMPDIR"], "oax-*.txt"))
	for _, path := range paths {
		copies = append(copies, text(h.t, path))
	}
	return copies
}

// checkPrefix wants the next start to find as much of the answer as the disk took,
// and why it is no more.
func (h *home) checkPrefix(prompt, answer string) {
	h.t.Helper()
	shown := h.run("cat", "--last")
	if len(shown.stdout) < 500 || !strings.HasPrefix(answer, shown.stdout) {
		h.t.Errorf("%d bytes are left of the answer: %q", len(shown.stdout), shown.stderr)
	}
	h.checkDisk(want{prompt: prompt, answer: shown.stdout, why: "disk"})
}

// checkRecovery wants the next start to say that it completed one session.
func (h *home) checkRecovery() {
	h.t.Helper()
	r := h.run("ls")
	h.checkRun(r, want{stdout: r.stdout, notes: true})
	if !recoveredOne(r.stderr) {
		h.t.Errorf("%+v", r)
	}
}
