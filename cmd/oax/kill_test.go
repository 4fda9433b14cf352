package main

import (
	"bytes"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// The answer that is killed has no end, so that no kill comes too late. The kills come
// within its first tokens.
const (
	killedTokens = 100
	killedWithin = 60
	killedPace   = time.Millisecond
)

// unended is an answer of so many tokens that does not end.
func unended(tokens int, pace time.Duration) demo.Exchange {
	var steps []demo.Step
	for word := range strings.SplitAfterSeq(demo.Text(tokens), " ") {
		steps = append(steps, demo.Send(demo.Chunk(word)), demo.Pause(pace))
	}
	return demo.Stream(append(steps, demo.Hold())...)
}

// killedAnywhere kills run after run at some moment of the answer. What a run has
// printed must be what the next one recovers, or the beginning of it.
func killedAnywhere(t *testing.T) {
	runs := 8
	if torture {
		runs = 500
	}
	h, _ := scripted(t, unended(killedTokens, killedPace))
	random := newChance(t)
	moments := make([]moment, runs)
	for n := range moments {
		moments[n] = someMoment(random, len(demo.Text(killedWithin)))
	}
	var within, more atomic.Int64
	abreast(4, runs, func(n int) {
		run := h.withStore(n)
		whole := demo.Text(killedTokens)
		printed, r := run.killed(run.command("--raw", "hi"), moments[n])
		recovered := run.run("cat", "--last").stdout
		if !strings.HasPrefix(recovered, printed) || !strings.HasPrefix(whole, recovered) {
			t.Errorf("printed %q, recovered %q", printed, recovered)
		}
		if r.signal == syscall.SIGKILL && printed != "" {
			within.Add(1)
		}
		if len(recovered) > len(printed) {
			more.Add(1)
		}
	})
	t.Logf("%d of %d kills came within the answer; %d times more was saved than printed", within.Load(), runs, more.Load())
	if within.Load() < int64(runs/2) {
		t.Errorf("only %d of %d kills came within the answer", within.Load(), runs)
	}
}

// killedJournaling makes every write to the journal take longer than the way from
// the program to its reader, so that a kill would find what was printed too early.
func killedJournaling(t *testing.T) {
	random := newChance(t)
	abreast(4, 4, func(int) {
		run, _, path := began(t, demo.Stream(onAndOn("word ")...))
		cmd := run.under(run.command("--raw", "-c", "hi"), "strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null",
			"-P", run.journalOf(path), "-e", "trace=write", "-e", "inject=write:delay_enter=3ms")
		printed, r := run.killed(cmd, moment{after: 1 + random.below(50)})
		recovered := run.recovered()
		if r.signal != syscall.SIGKILL || printed == "" || !strings.HasPrefix(recovered, printed) {
			t.Errorf("printed %q, recovered %q, %+v", printed, recovered, r)
		}
	})
}

// abreast calls do with 0 to n-1, so many at a time.
func abreast(workers, n int, do func(int)) {
	var all sync.WaitGroup
	var next atomic.Int64
	for range workers {
		all.Go(func() {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				do(i - 1)
			}
		})
	}
	all.Wait()
}

// moment is a point of a run: so many bytes are printed, and a little later.
type moment struct {
	after int
	later time.Duration
}

// someMoment returns one at random. One in four lies before the answer.
func someMoment(random *chance, bytes int) moment {
	if random.below(4) == 0 {
		return moment{0, random.within(30 * time.Millisecond)}
	}
	return moment{1 + random.below(bytes-1), random.within(killedPace)}
}

// withStore returns the same home with a store of its own.
func (h *home) withStore(n int) *home {
	other := *h
	other.env = maps.Clone(h.env)
	other.env["XDG_DATA_HOME"] = filepath.Join(h.dir, "store", strconv.Itoa(n))
	return &other
}

// killed kills a prepared run at a moment. It returns what was printed.
func (h *home) killed(cmd *exec.Cmd, at moment) (string, result) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		h.t.Error(err)
		return "", result{}
	}
	var printed bytes.Buffer
	io.CopyN(&printed, out, int64(at.after))
	time.Sleep(at.later)
	cmd.Process.Kill()
	io.Copy(&printed, out)
	cmd.Wait()
	h.clean(printed.String() + stderr.String())
	return printed.String(), ended(cmd)
}

// recovered returns the answer that the next run finds, and makes sure that it says
// so and that the run after it finds the same.
func (h *home) recovered() string {
	first := h.run("cat", "--last")
	if !strings.HasPrefix(first.stderr, "oax: recovered session ") {
		h.t.Errorf("no word of a recovery: %+v", first)
	}
	if again := h.run("cat", "--last"); again.stdout != first.stdout || strings.Contains(again.stderr, "recovered") {
		h.t.Errorf("first %+v, then %+v", first, again)
	}
	return first.stdout
}
