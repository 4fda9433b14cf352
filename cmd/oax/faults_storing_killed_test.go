package main

import (
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// storingKilled are runs killed before each system call of one kind in turn.
var storingKilled = slices.Concat(
	killedTurns("openat", "", "part session"), // the ends of a new one's openat are the beginnings of other calls
	killedTurns("write", "part temp network stdout session", "part session network stdout"),
	killedTurns("fsync", "session month", "session"),
	killedTurns("renameat", "temp", ""),
	killedTurns("unlinkat", "part", "part"),
	killedTurns("flock", "part session", "part session"),
	[]fault{
		{row: "F10", what: "killed while it recovers", test: killedRecovery},
		{row: "F13", what: "the order of a turn on disk", test: orderOfTurn},
	},
)

// killedTurns are the two kinds of turns, killed at one system call: in a new
// session and in one that goes on, and on what that call is to be met there.
func killedTurns(call, atNew, atOld string) []fault {
	return []fault{
		{row: "F10", what: "a new session, killed at " + call, test: func(t *testing.T) {
			killedTurn(t, call, strings.Fields(atNew), "hi")
		}},
		{row: "F10", what: "a session goes on, killed at " + call, test: func(t *testing.T) {
			killedTurn(t, call, strings.Fields(atOld), "-c", "hi")
		}},
	}
}

// killedTurn kills a turn before the nth call of each of its threads, for every n,
// until it was killed at all that it must be killed at.
func killedTurn(t *testing.T, call string, at []string, args ...string) {
	pause := demo.Pause(time.Millisecond)
	h, script, _ := began(t, demo.Stream(demo.Send(demo.Chunk("one ")), pause, demo.Send(demo.Chunk("two ")), pause,
		demo.Send(demo.Chunk("three")), demo.Send(demo.Finish("stop")), demo.Send(demo.Done())))
	h.run("other")
	met := map[string]bool{}
	missing := func(kind string) bool { return !met[kind] }
	for round := 0; round == 0 || round < 5 && slices.ContainsFunc(at, missing); round++ {
		for n, alive := 1, 0; alive < 2; n++ {
			k := h.kill(call, n, script, args...)
			k.check()
			if k.signal != syscall.SIGKILL {
				alive++
			}
			maps.Copy(met, k.met)
		}
	}
	if slices.ContainsFunc(at, missing) {
		t.Errorf("killed at %v, and not at all of %v", slices.Sorted(maps.Keys(met)), at)
	}
}

// killed is a run that was killed, or meant to be.
type killed struct {
	result
	h      *home
	what   string
	before map[string]string // the session files
	asked  bool              // the request was sent
	met    map[string]bool   // the kinds of files it was killed at
}

func (h *home) kill(call string, n int, script *demo.Scripted, args ...string) *killed {
	h.t.Helper()
	k := &killed{h: h, what: fmt.Sprintf("%s %d of oax %s", call, n, strings.Join(args, " ")), before: h.saved()}
	requests := len(script.Requests())
	var log string
	k.result, log = h.traced(h.command(args...),
		"-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n))
	k.asked = len(script.Requests()) > requests
	k.met = unfinished(log, call)
	return k
}

// unfinished returns the kinds of files of the calls that did not return.
func unfinished(log, call string) map[string]bool {
	pending := map[string]string{}
	for line := range strings.Lines(log) {
		pid, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		switch {
		case strings.HasPrefix(rest, call+"("):
			pending[pid] = rest
			if !strings.HasSuffix(rest, "<unfinished ...>") && !strings.HasSuffix(rest, "= ?") {
				delete(pending, pid)
			}
		case strings.HasPrefix(rest, "<... "+call+" resumed>") && !strings.HasSuffix(rest, "= ?"):
			delete(pending, pid)
		}
	}
	kinds := map[string]bool{}
	for _, line := range pending {
		kinds[kindOf(line)] = true
	}
	return kinds
}

// kindOf returns what a system call is on.
func kindOf(line string) string {
	_, args, _ := strings.Cut(line, "(")
	switch {
	case strings.Contains(args, ".part"):
		return "part"
	case strings.Contains(args, "/.tmp-"):
		return "temp"
	case strings.Contains(args, ".jsonl"):
		return "session"
	case strings.Contains(args, "/sessions/2"):
		return "month"
	case strings.Contains(args, "<TCP:"):
		return "network"
	case strings.HasPrefix(args, "1<"):
		return "stdout"
	}
	return "other"
}

// saved returns the session files and what is in them.
func (h *home) saved() map[string]string {
	files := map[string]string{}
	for _, path := range h.paths() {
		files[path] = text(h.t, path)
	}
	return files
}

// check starts the program again, and wants the store before the turn or after it.
func (k *killed) check() {
	t := k.h.t
	t.Helper()
	next := k.h.run("ls")
	if next.code != 0 || next.stderr != "" && !recoveredOne(next.stderr) {
		t.Errorf("%s: the next start says %+v", k.what, next)
	}
	if parts := k.h.parts(); len(parts) > 0 {
		t.Errorf("%s: left %v", k.what, parts)
	}
	turn, others := "", 0
	for path, now := range k.h.saved() {
		added, isPrefix := strings.CutPrefix(now, k.before[path])
		if !isPrefix {
			t.Errorf("%s: %s was changed", k.what, path)
		}
		if added != "" {
			turn = said(t, added)
			others++
		}
		delete(k.before, path)
	}
	if len(k.before) > 0 || others > 1 {
		t.Errorf("%s: %d sessions are gone, %d have something new", k.what, len(k.before), others)
	}
	k.checkTurn(turn)
}

// checkTurn wants nothing of the turn, or its prompt and what was printed.
func (k *killed) checkTurn(turn string) {
	k.h.t.Helper()
	const whole = "one two three"
	answer, isAnswered := strings.CutPrefix(turn, "q hi | a ")
	answer, isKilled := strings.CutSuffix(answer, " killed")
	printed := strings.TrimSpace(k.stdout)
	switch {
	case turn == "" && !k.asked && printed == "":
	case turn == "q hi | error stopped before an answer came killed" && printed == "":
	case !isAnswered || !strings.HasPrefix(whole, strings.TrimSpace(answer)) || !strings.HasPrefix(answer, printed):
		k.h.t.Errorf("%s: printed %q, saved %q", k.what, printed, turn)
	case !isKilled && answer != whole || k.signal == 0 && isKilled:
		k.h.t.Errorf("%s: %q is called whole, or the other way round", k.what, turn)
	}
}

func recoveredOne(stderr string) bool {
	return strings.HasPrefix(stderr, "oax: recovered session ") && strings.Count(stderr, "\n") == 1
}

// killedRecovery kills the start that puts right what a killed run has left.
func killedRecovery(t *testing.T) {
	h, _ := halted(t, "first", "rest")
	run := h.start(h.command("wait"), "first")
	run.cmd.Process.Kill()
	run.wait()
	keep := filepath.Join(h.dir, "keep")
	shell(t, `cp -a "$1" "$2"`, h.env["XDG_DATA_HOME"], keep)
	deaths := 0
	for call, times := range map[string]int{"openat": 12, "write": 2, "fsync": 2, "flock": 3, "unlinkat": 2} {
		for n := 1; n <= times; n++ {
			shell(t, `rm -rf "$1" && cp -a "$2" "$1"`, h.env["XDG_DATA_HOME"], keep)
			r, _ := h.traced(h.command("ls"), "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n))
			if r.signal == syscall.SIGKILL {
				deaths++
			}
			if next := h.run("ls"); next.code != 0 || next.stderr != "" && !recoveredOne(next.stderr) {
				t.Errorf("%s %d: %+v", call, n, next)
			}
			h.checkChats("q wait | a first killed")
		}
	}
	if deaths < 12 {
		t.Errorf("only %d were killed", deaths)
	}
}

func shell(t *testing.T, script string, args ...string) {
	t.Helper()
	if out, err := exec.Command("sh", append([]string{"-c", script, "sh"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
