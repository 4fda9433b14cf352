package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// storingKilled are runs that are killed before a system call.
var storingKilled = []fault{
	{row: "F10", what: "killed at openat", test: func(t *testing.T) { long(t); killedSweep(t, "openat") }},
	{row: "F10", what: "killed at write", test: func(t *testing.T) { long(t); killedSweep(t, "write") }},
	{row: "F10", what: "killed at fsync, flock, unlinkat", test: func(t *testing.T) { killedSweep(t, "fsync", "flock", "unlinkat") }},
	{row: "F10", what: "killed at each step of a turn", test: killedSteps},
	{row: "F10", what: "killed while it recovers", test: killedRecovery},
	{row: "F13", what: "the order of a turn on disk", test: orderOfTurn},
	{row: "F13", what: "the order of a turn on disk, a session goes on", test: orderOfGoingOn},
	{row: "F13", what: "the order of a turn on disk, stopped", test: orderOfStopping},
}

// toKill returns a home with two sessions and an endpoint that answers in three parts.
func toKill(t *testing.T) (*home, *demo.Scripted) {
	pause := demo.Pause(time.Millisecond)
	h, script, _ := began(t, demo.Stream(demo.Send(demo.Chunk("one ")), pause, demo.Send(demo.Chunk("two ")), pause,
		demo.Send(demo.Chunk("three")), demo.Send(demo.Finish("stop")), demo.Send(demo.Done())))
	h.run("other")
	return h, script
}

// killedSweep kills turns at the nth call of each of their threads, for every n. Which of
// its calls a thread is at is left to chance. killedSteps has the calls by what they do.
func killedSweep(t *testing.T, calls ...string) {
	h, script := toKill(t)
	random := newChance(t)
	for _, args := range [][]string{{"hi"}, {"-c", "hi"}} {
		for _, call := range calls {
			deaths := 0
			for tries := 0; deaths == 0 && tries < 20; tries++ {
				deaths = atCalls(random, func(n int) (bool, bool) {
					k := h.kill(call, fmt.Sprint("when=", n), "", script, args...)
					k.check()
					return k.signal == syscall.SIGKILL, h.isIn(k.at)
				})
			}
			if deaths == 0 {
				t.Errorf("%s killed none of oax %v at a file of its own", call, args)
			}
		}
	}
}

// atCalls calls meets with n for the nth call of a thread, and returns how often that was a
// call on a file of the home: the first calls of a process are those by which Go finds out
// where it runs. Under torture it goes on until none is met, twice, since each thread counts
// for itself; else it ends after the first call on such a file and, in CI, one of the next three.
func atCalls(random *chance, meets func(n int) (met, inHome bool)) (times int) {
	most := 1
	if thorough() {
		most = 2
	}
	for n, missed := 1, 0; missed < 2 && (times < most || torture && !tortureIsOver()); n++ {
		met, inHome := meets(n)
		if !met {
			missed++
		}
		if inHome {
			times++
		}
		if times > 0 && !torture {
			n += random.below(3)
		}
	}
	return times
}

// killedSteps kills turns at calls that are met once, or for the first time.
func killedSteps(t *testing.T) {
	h, script := toKill(t)
	for _, step := range portion(t, []struct{ call, on, args string }{
		{"flock", "part", "hi"}, {"unlinkat", "temp", "hi"}, {"renameat", "temp", "hi"}, {"connect", "", "hi"}, {"write", "stdout", "hi"},
		{"openat", "session", "-c hi"}, {"openat", "part", "-c hi"}, {"flock", "part", "-c hi"}, {"write", "part", "-c hi"},
		{"flock", "session", "-c hi"}, {"write", "session", "-c hi"}, {"fsync", "session", "-c hi"}, {"connect", "", "-c hi"},
		{"write", "stdout", "-c hi"}, {"unlinkat", "part", "-c hi"},
		{"write", "part", "retry"}, {"flock", "session", "retry"}, {"write", "session", "retry"}, {"unlinkat", "part", "retry"},
	}, 4) {
		newest := h.paths()[len(h.paths())-1]
		path := map[string]string{"session": newest, "part": h.journalOf(newest), "stdout": h.output()}[step.on]
		if step.args == "hi" && step.on != "stdout" {
			path = "" // not known before
		}
		k := h.kill(step.call, "when=1", path, script, strings.Fields(step.args)...)
		k.check()
		if k.signal != syscall.SIGKILL || step.on != "" && !slices.ContainsFunc(k.at, func(line string) bool { return kindOf(line) == step.on }) {
			t.Errorf("%s: not killed at %s: %q", k.what, step.on, k.at)
		}
	}
}

// killed is a run that was killed, or meant to be.
type killed struct {
	result
	h      *home
	what   string
	prompt string            // that it saves
	before map[string]string // the session files
	asked  bool              // the request was sent
	at     []string          // the calls it was killed in
}

// output is the file that a run to be killed has as its standard output.
func (h *home) output() string { return filepath.Join(h.dir, "output") }

// kill runs the program and kills it when it meets a call, on a path if that is not
// empty.
func (h *home) kill(call, when, path string, script *demo.Scripted, args ...string) *killed {
	h.t.Helper()
	k := &killed{h: h, what: fmt.Sprintf("%s %s of oax %s", call, when, strings.Join(args, " ")), before: h.saved()}
	if args[len(args)-1] == "hi" {
		k.prompt = "q hi | "
	}
	requests := len(script.Requests())
	options := []string{"-e", "trace=" + call, "-e", "inject=" + call + ":signal=KILL:" + when}
	if path != "" {
		options = append(options, "-P", path)
	}
	out, err := os.Create(h.output())
	must(h.t, err)
	defer out.Close()
	cmd := h.command(args...)
	cmd.Stdout = out
	var log string
	k.result, log = h.traced(cmd, options...)
	k.stdout = text(h.t, h.output())
	k.asked = len(script.Requests()) > requests
	k.at = unfinished(log, call)
	return k
}

// isIn reports whether one of some calls, as strace has them, is on a file in the home.
func (h *home) isIn(calls []string) bool {
	return slices.ContainsFunc(calls, func(line string) bool { return strings.Contains(line, h.dir+"/") })
}

// unfinished returns the calls that did not return, as strace has them.
func unfinished(log, call string) []string {
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
	return slices.Collect(maps.Values(pending))
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
	if left := k.h.journals(); len(left) > 0 {
		t.Errorf("%s: left %v", k.what, left)
	}
	turn, others := "", 0
	for path, now := range k.h.saved() {
		added, isPrefix := strings.CutPrefix(now, k.before[path])
		if !isPrefix {
			t.Errorf("%s: %s was changed", k.what, path)
		}
		if added != "" {
			turn = transcript(t, added)
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
	answer, isAnswered := strings.CutPrefix(turn, k.prompt+"a ")
	answer, isKilled := strings.CutSuffix(answer, " killed")
	printed := strings.TrimSpace(k.stdout)
	switch {
	case turn == "" && printed == "" && (!k.asked || k.prompt == ""):
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
	run.ends(syscall.SIGKILL)
	keep := filepath.Join(h.dir, "keep")
	copyAll(t, h.env["XDG_DATA_HOME"], keep)
	random := newChance(t)
	for _, call := range []string{"openat", "write", "fsync", "flock", "unlinkat"} {
		deaths := atCalls(random, func(n int) (bool, bool) {
			copyAll(t, keep, h.env["XDG_DATA_HOME"])
			r, log := h.traced(h.command("ls"), "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n))
			if next := h.run("ls"); next.code != 0 || next.stderr != "" && !recoveredOne(next.stderr) {
				t.Errorf("%s %d: %+v", call, n, next)
			}
			h.checkChats("q wait | a first killed")
			return r.signal == syscall.SIGKILL, h.isIn(unfinished(log, call))
		})
		if deaths == 0 {
			t.Errorf("%s killed no recovery", call)
		}
	}
}

// copyAll makes a directory what another is, with modes and times.
func copyAll(t *testing.T, from, to string) {
	t.Helper()
	must(t, os.RemoveAll(to))
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func shell(t *testing.T, script string, args ...string) {
	t.Helper()
	if out, err := exec.Command("sh", append([]string{"-c", script, "sh"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
