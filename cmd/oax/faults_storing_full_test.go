package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oax/internal/demo"
)

// storingFull are the faults of a disk that takes no more, or says that it failed.
var storingFull = []fault{
	{row: "F3", what: "disk full, first session", test: func(t *testing.T) {
		for _, room := range []int{0, 4096} { // the prompt's journal does not fit, or its session
			h, script := asks(t, demo.Stream(demo.Answer("yes")...))
			promptDoesNotFit(h, room, "hi")
			h.checkChats()
			if n := len(script.Requests()); n > 0 {
				t.Errorf("%d requests were sent", n)
			}
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
		h, words, r := answerDoesNotFit(t, "")
		copied := strings.TrimSuffix(after(r.stderr, "saved: a copy of the answer in "), "\n")
		if text(t, copied) != words {
			t.Errorf("%s is no copy of the answer", copied)
		}
		h.checkPrefix("hi", words)
	}},
	{row: "F4", what: "disk full in the answer, and no place for a copy", test: func(t *testing.T) {
		h, words, r := answerDoesNotFit(t, "data")
		if r.stderr != "oax: disk full: the rest of this answer is not saved\n" {
			t.Errorf("stderr %q", r.stderr)
		}
		h.checkPrefix("hi", words)
	}},
	{row: "F4", what: "disk full to the last byte", test: func(t *testing.T) {
		const n = 500
		h := newHome(t)
		server, err := demo.Start(demo.Paced(n, 300*time.Microsecond))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		h.env["OPENAI_BASE_URL"] = server.URL()
		prompt := strings.Repeat("p", 3600)       // its page has no room for the answer either
		cmd, settle := h.fullDisk(2*4096, prompt) // one for the session, one for the journal
		r := h.finish(cmd)
		settle()
		if r.stdout != demo.Text(n) || r.code != 7 {
			t.Errorf("exit %d, %d bytes, %q", r.code, len(r.stdout), r.stderr)
		}
		h.checkPrefix(prompt, demo.Text(n))
	}},
	{row: "F4", what: "file size limit", test: func(t *testing.T) {
		words := longAnswer()
		h, _ := asks(t, demo.Stream(demo.Answer(words...)...))
		r := h.finish(h.under(h.command("hi"), "prlimit", "--fsize=12000"))
		whole := strings.Join(words, "")
		if r.stdout != whole || r.code != 7 || r.stderr != "oax: the rest of this answer is not saved: file too large\n" {
			t.Errorf("exit %d, %d bytes, %q", r.code, len(r.stdout), r.stderr)
		}
		h.checkPrefix("hi", whole)
	}},
	{row: "F5", what: "room again", test: func(t *testing.T) {
		first := strings.Repeat("first ", 4000)
		h, gate := halted(t, first, "rest")
		cmd, settle := h.fullDisk(12<<10, "wait")
		running := h.start(cmd, first) // so more of it was journaled than there is room for
		keep := h.env["XDG_DATA_HOME"] + ".keep"
		write(t, keep+".free", "")
		eventually(t, "there was room", func() bool { _, err := os.Stat(keep + ".freed"); return err == nil })
		close(gate.open)
		r := running.wait()
		settle()
		h.check(r, want{stdout: first + "rest\n", prompt: "wait", answer: first + "rest"})
	}},
	{row: "F7", what: "the prompt meets every error", test: func(t *testing.T) {
		for errno, words := range errnos {
			h, script, path := began(t)
			before := text(t, path)
			what := cannotSave(h, words)
			if words == "full" {
				what = "oax: disk full: cannot save your prompt in " + h.store() + "\nhint: free space, or --no-save\n"
			}
			r := h.injected(path, "write:error="+errno, "-c", "more")
			if r.stdout != "" || r.stderr != what || r.code != 7 {
				t.Errorf("%s: %+v", errno, r)
			}
			h.checkChats("q q | a a")
			if n := len(script.Requests()); n != 1 || text(t, path) != before {
				t.Errorf("%s: %d requests; the session is %q", errno, n, text(t, path))
			}
		}
	}},
	{row: "F7", what: "the answer meets every error", test: func(t *testing.T) {
		for errno, words := range errnos {
			h, _, path := began(t, demo.Stream(demo.Answer("b")...))
			what := "oax: the rest of this answer is not saved: " + words
			if words == "full" {
				what = "oax: disk full: the rest of this answer is not saved"
			}
			r := h.injected(path, "write:error="+errno, "retry")
			copied, isCopied := strings.CutPrefix(r.stderr, what+"\nsaved: a copy of the answer in ")
			if r.stdout != "b\n" || !isCopied || r.code != 7 || text(t, strings.TrimSpace(copied)) != "b" {
				t.Errorf("%s: %+v", errno, r)
			}
			h.checkRecovery()
			h.checkChats("q q | a a | a b")
		}
	}},
	{row: "F7", what: "no room to note that there is no answer", test: func(t *testing.T) {
		h, _, path := began(t, demo.Reply(401, "application/json", `{"error":{"message":"no"}}`))
		r := h.injected(path, "write:error=ENOSPC", "retry")
		if r.stdout != "" || !strings.Contains(r.stderr, "does not accept the API key (401)\nhint: ") || r.code != 4 {
			t.Errorf("%+v", r)
		}
		h.run("ls")
		h.checkChats("q q | a a")
	}},
	{row: "F7", what: "no more files", test: func(t *testing.T) {
		for errno, words := range map[string]string{"EMFILE": "too many open files", "ENFILE": "too many open files in system"} {
			h, _, path := began(t)
			r := h.injected(h.partOf(path), "openat:error="+errno, "-c", "more")
			if r.stdout != "" || r.stderr != cannotSave(h, words) || r.code != 7 {
				t.Errorf("%s: %+v", errno, r)
			}
			h.checkChats("q q | a a")
		}
	}},
	{row: "F8", what: "the disk fails to sync", test: func(t *testing.T) {
		h, _, path := began(t, demo.Stream(demo.Answer("b")...))
		r, log := h.traced(h.command("-c", "more"), "-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "-P", path)
		copied, isCopied := strings.CutPrefix(r.stderr,
			"oax: the disk reported a write error; this answer may not be safe\nsaved: a copy of the answer in ")
		if r.stdout != "b\n" || !isCopied || r.code != 7 || text(t, strings.TrimSpace(copied)) != "b" {
			t.Errorf("%+v", r)
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
		r := h.injected("", "fsync:error=EIO", "hi")
		if r.stdout != "" || r.stderr != "oax: the disk reported a write error; this answer may not be safe\n" || r.code != 7 {
			t.Errorf("%+v", r)
		}
	}},
	{row: "F9", what: "interrupted system calls", test: func(t *testing.T) {
		for _, call := range []string{"openat", "write", "fsync", "flock", "mkdirat", "renameat", "unlinkat", "close", "fstat", "newfstatat", "fchmodat"} {
			h, _ := asks(t, demo.Stream(demo.Answer("yes")...))
			h.check(h.injected("", call+":error=EINTR:when=1+4", "hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
		}
	}},
}

// errnos are the errors of a write, and what is said of each.
var errnos = map[string]string{
	"ENOSPC": "full", "EDQUOT": "full",
	"EFBIG": "file too large", "EROFS": "read-only file system",
	"EACCES": "permission denied", "EIO": "input/output error",
}

// promptDoesNotFit asks on a disk with too little room.
func promptDoesNotFit(h *home, room int, args ...string) {
	h.t.Helper()
	cmd, settle := h.fullDisk(room, args...)
	r := h.finish(cmd)
	settle()
	what := "oax: disk full: cannot save your prompt in " + h.store() + "\nhint: free space, or --no-save\n"
	if r.stdout != "" || r.stderr != what || r.code != 7 {
		h.t.Errorf("room %d: %+v", room, r)
	}
}

// longAnswer is 60 kB in words.
func longAnswer() []string {
	var words []string
	for i := range 600 {
		words = append(words, fmt.Sprintf("%06d ", i)+strings.Repeat("word ", 18)+"\n")
	}
	return words
}

// answerDoesNotFit asks on a disk with room for a fifth of the answer. TMPDIR is a
// directory on that disk, or if empty on another.
func answerDoesNotFit(t *testing.T, tmp string) (*home, string, result) {
	words := longAnswer()
	h, _ := asks(t, demo.Stream(demo.Answer(words...)...))
	if tmp != "" {
		h.env["TMPDIR"] = filepath.Join(h.dir, tmp)
	}
	cmd, settle := h.fullDisk(16<<10, "hi")
	r := h.finish(cmd)
	settle()
	whole := strings.Join(words, "")
	if r.stdout != whole || r.code != 7 {
		t.Errorf("exit %d, %d bytes of the answer", r.code, len(r.stdout))
	}
	h.checkStderr(r.stderr, []string{"oax: disk full: the rest of this answer is not saved\n"})
	return h, whole, r
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
	if !strings.HasPrefix(r.stderr, "oax: recovered session ") || strings.Count(r.stderr, "\n") != 1 || r.code != 0 {
		h.t.Errorf("%+v", r)
	}
}

func after(s, sep string) string {
	_, rest, _ := strings.Cut(s, sep)
	return rest
}
