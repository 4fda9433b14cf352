package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// removingKilled are runs that change sessions and are killed in it (F10).
var removingKilled = []fault{{row: "F10", what: "killed at each step of rm, undo, purge, mv, cp", test: killedRemoving}}

// killedRemoving kills runs at the nth call, for every n, and looks for all sessions.
func killedRemoving(t *testing.T) {
	h := remembers(t)
	torn := strings.TrimSuffix(h.paths()[1], ".jsonl") + ".torn"
	write(t, torn, "torn")
	ids := []string{idOf(h.paths()[0]), idOf(h.paths()[1]), idOf(h.paths()[2])}
	h.succeeds("rm", "-y", ids[2])
	keep := filepath.Join(h.dir, "keep")
	copyAll(t, h.env["XDG_DATA_HOME"], keep)
	before, random := h.everywhere(), newChance(t)
	for _, run := range []struct{ args, calls string }{
		{"rm -y A B", "renameat mkdirat fsync"}, {"rm --undo", "renameat unlinkat fsync"}, {"rm --purge -y C", "unlinkat fsync"},
		{"mv A new", "fsync write"}, {"cp A", "renameat write fsync unlinkat"},
	} {
		args := strings.NewReplacer("A", ids[0], "B", ids[1], "C", ids[2]).Replace(run.args)
		calls := strings.Fields(run.calls)
		if !torture {
			calls = calls[:1] // what matters most
		}
		for _, call := range calls {
			deaths := atCalls(random, func(n int) (bool, bool) {
				copyAll(t, keep, h.env["XDG_DATA_HOME"])
				r, log := h.traced(h.command(strings.Fields(args)...), "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n))
				what := fmt.Sprintf("oax %s, %s %d", run.args, call, n)
				purged := ""
				if strings.Contains(run.args, "purge") {
					purged = ids[2]
				}
				h.checkAll(what, before, purged)
				if strings.Contains(run.args, "A B") {
					for h.run("rm", "--undo").code == 0 {
					}
					if got := text(t, torn); got != "torn" || len(h.paths()) != len(chats) {
						t.Errorf("%s: undone, there are %d sessions and %q", what, len(h.paths()), got)
					}
				}
				return r.signal == syscall.SIGKILL, h.isIn(unfinished(log, call))
			})
			if deaths == 0 {
				t.Errorf("%s killed no oax %s", call, run.args)
			}
		}
	}
}

// everywhere returns the sessions in the store and in the trash, by ID.
func (h *home) everywhere() map[string]string {
	h.t.Helper()
	trash, _ := filepath.Glob(filepath.Join(h.store(), "trash", "*", "*", "*.jsonl"))
	all := map[string]string{}
	for _, path := range append(h.paths(), trash...) {
		if _, twice := all[idOf(path)]; twice {
			h.t.Errorf("session %s is there twice", idOf(path))
		}
		all[idOf(path)] = text(h.t, path)
	}
	return all
}

// checkAll wants every session to be somewhere with all that was in it, but for one
// that may be gone, and the program to read them all.
func (h *home) checkAll(what string, before map[string]string, mayBeGone string) map[string]string {
	h.t.Helper()
	if r := h.run("ls"); r.code != 0 || strings.Contains(r.stdout, "damaged") {
		h.t.Errorf("%s: the next start says %+v", what, r)
	}
	now := h.everywhere()
	for id, had := range before {
		has, there := now[id]
		if !there && id == mayBeGone {
			continue
		}
		if !strings.HasPrefix(has, had) {
			h.t.Errorf("%s: session %s had %q, has %q", what, id, had, has)
		}
	}
	for id, text := range now {
		transcript(h.t, text)
		if !strings.HasPrefix(text, `{"kind":"session"`) {
			h.t.Errorf("%s: session %s has no header: %q", what, id, text)
		}
	}
	return now
}

// killedAfter runs the program and kills it after a while, unless it has ended.
func (h *home) killedAfter(d time.Duration, args ...string) result {
	h.t.Helper()
	run := h.start(h.command(args...), "")
	late := time.AfterFunc(d, func() { run.cmd.Process.Kill() })
	defer late.Stop()
	return run.wait()
}
