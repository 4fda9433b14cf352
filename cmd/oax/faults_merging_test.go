package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// merging are the faults of sessions that went on in two places.
var merging = []fault{
	{row: "F37", what: "a conflict copy", test: func(t *testing.T) {
		h, _, conflict := wentOnTwice(t)
		r := h.run("cat", "a0a0")
		h.checkRun(r, want{stdout: r.stdout, notes: true})
		if !strings.Contains(r.stdout, "here") || strings.Contains(r.stdout, "there") || len(h.sessions()) != 2 || exists(conflict) {
			t.Errorf("%s: %v", r.stdout, h.sessions())
		}
		h.checkRun(h.run("ls", "-q"), want{stdout: h.run("ls", "-q").stdout})
		if again := h.run("cat", "a0a0"); again.stderr != "" || again.stdout != r.stdout {
			t.Errorf("%+v", again)
		}
	}},
	{row: "F38", what: "conflict copies that cannot be merged", test: func(t *testing.T) {
		h, path, conflict := wentOnTwice(t)
		stem := strings.TrimSuffix(path, ".jsonl") + ".sync-conflict-20261128-10111"
		fail := func(err error) {
			must(t, err)
		}
		fail(os.Rename(conflict, filepath.Join(h.dir, "victim")))
		fail(os.Symlink(filepath.Join(h.dir, "victim"), stem+"1-A.jsonl"))
		fail(mkfifo(stem + "2-A.jsonl"))
		fail(os.WriteFile(stem+"3-A.jsonl", []byte("\x00\x00\x00"), 0o600))
		fail(os.WriteFile(stem+"4-A.jsonl", []byte(`{"kind":"session","version":2,"id":"a0a0a0a0"}`+"\n"), 0o600))
		fail(os.WriteFile(stem+"5-A.jsonl", nil, 0o600))
		fail(os.Truncate(stem+"5-A.jsonl", 1<<30))
		before := text(t, path)
		cmd := h.command("cat", "a0a0")
		r, memory := h.measured(cmd)
		h.checkRun(r, want{stdout: r.stdout, notes: true})
		left, err := filepath.Glob(stem + "*")
		if text(t, path) != before || len(left) != 5 || err != nil || memory > 100<<20 {
			t.Errorf("%v are left, %d MiB", left, memory>>20)
		}
		os.Truncate(stem+"5-A.jsonl", 0) // or the gigabyte is searched for the key
	}},
	{row: "F39", what: "killed while it merges a conflict copy", test: func(t *testing.T) { killedMerge(t, "ls") }},
	{row: "F39", what: "killed while it merges another store", test: func(t *testing.T) { long(t); killedMerge(t, "merge", "other") }},
}

// wentOnTwice returns a home with a session, and a copy of it that went on earlier, so that
// the session is the part that becomes a branch.
func wentOnTwice(t *testing.T) (h *home, path, conflict string) {
	t.Helper()
	h = newHome(t)
	at := time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)
	h.rememberAs("a0a0a0a0", at, "hi", "ho")
	path = h.paths()[0]
	conflict = strings.TrimSuffix(path, ".jsonl") + ".sync-conflict-20261128-101112-ABCDEFG.jsonl"
	turn := func(at time.Time, prompt string) string {
		return fmt.Sprintf(`{"kind":"message","time":%q,"role":"user","text":%q}`+"\n"+`{"kind":"message","time":%q,"role":"assistant","text":"yes","state":"complete"}`+"\n",
			at.Format(time.RFC3339), prompt, at.Add(time.Second).Format(time.RFC3339))
	}
	both := text(t, path)
	for path, more := range map[string]string{path: turn(at.Add(2*time.Hour), "there"), conflict: turn(at.Add(time.Hour), "here")} {
		write(t, path, both+more)
	}
	return h, path, conflict
}

// killedMerge kills a merge at each of its calls that change something. Every line of the
// two copies is on disk at any time, and the next merge makes of them what it would have.
func killedMerge(t *testing.T, args ...string) {
	begin := func() *home {
		h, _, conflict := wentOnTwice(t)
		if args[0] == "merge" {
			other := h.mkdir("other/2026-11")
			must(t, os.Rename(conflict, filepath.Join(other, filepath.Base(h.paths()[0]))))
		}
		return h
	}
	whole := begin()
	whole.run(args...)
	want := whole.files()
	deaths := 0
	for _, call := range []string{"write", "fsync", "renameat", "unlinkat"} {
		for n, died := 1, true; died; n += every(t, 3) {
			h := begin()
			said := linesIn(h.files())
			r, _ := h.traced(h.command(args...), "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n))
			if died = r.signal == syscall.SIGKILL; died {
				deaths++
			}
			now := linesIn(h.files())
			for line := range said {
				if !now[line] {
					t.Errorf("killed at %s %d: %s is lost", call, n, line)
				}
			}
			h.run(args...)
			got := h.files()
			maps.DeleteFunc(got, func(name, _ string) bool { return strings.HasPrefix(filepath.Base(name), ".tmp-") }) // goes later
			if !maps.Equal(got, want) {
				t.Errorf("killed at %s %d, and merged again:\n%v\nwant\n%v", call, n, got, want)
			}
		}
	}
	if deaths < 3 {
		t.Errorf("killed %d times", deaths)
	}
}

// linesIn returns the lines of session files.
func linesIn(files map[string]string) map[string]bool {
	all := map[string]bool{}
	for path, text := range files {
		if strings.HasSuffix(path, ".jsonl") {
			for line := range strings.Lines(text) {
				all[line] = true
			}
		}
	}
	return all
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
