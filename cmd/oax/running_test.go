package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// Runs of the program in the background.

// capture is what a running program has written so far.
type capture struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (c *capture) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(b)
}

func (c *capture) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// running is a run of the program in the background.
type running struct {
	h              *home
	cmd            *exec.Cmd
	ended          chan struct{} // closed when it has ended
	stdout, stderr capture
}

// start begins a prepared run and returns once what it prints begins so.
func (h *home) start(cmd *exec.Cmd, with string) *running {
	h.t.Helper()
	r := &running{h: h, cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &r.stdout, &r.stderr
	start(h.t, cmd)
	go func() { cmd.Wait(); close(r.ended) }()
	r.until("it printed "+with[:min(len(with), 20)], func() bool { return strings.HasPrefix(r.printed(), with) })
	return r
}

// until waits for a condition that the run brings about. One that has ended cannot.
func (r *running) until(what string, holds func() bool) {
	r.h.t.Helper()
	eventually(r.h.t, what, func() bool {
		select {
		case <-r.ended:
			if !holds() {
				r.h.t.Fatalf("it ended before %s: %+v", what, r.wait())
			}
			return true
		default:
			return holds()
		}
	})
}

func (r *running) printed() string { return r.stdout.String() }

// ends sends a signal to the run and returns how it ended.
func (r *running) ends(by os.Signal) result {
	r.h.t.Helper()
	r.cmd.Process.Signal(by)
	return r.wait()
}

// wait returns how the run ended.
func (r *running) wait() result {
	<-r.ended
	ended := ended(r.cmd)
	ended.stdout, ended.stderr = r.stdout.String(), r.stderr.String()
	r.h.clean(ended.stdout + ended.stderr)
	return ended
}

func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	must(t, cmd.Start())
}

// shell runs a line of shell in which $0 is the program.
func (h *home) shell(line string) result {
	h.t.Helper()
	return h.finish(h.shellCommand(line))
}

func (h *home) shellCommand(line string) *exec.Cmd {
	h.t.Helper()
	path, err := exec.LookPath("bash")
	must(h.t, err)
	cmd := h.command()
	cmd.Path, cmd.Args = path, []string{"bash", "-c", line, binary}
	return cmd
}

// intoHead pipes the output of a command to head -1 and returns what that prints.
func intoHead(h *home, cmd *exec.Cmd) (r result, seen string) {
	h.t.Helper()
	from, to, err := os.Pipe()
	must(h.t, err)
	head := exec.Command("head", "-1")
	var out bytes.Buffer
	head.Stdin, head.Stdout = from, &out
	start(h.t, head)
	from.Close()
	cmd.Stdout = to
	late := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer late.Stop()
	r = h.finish(cmd)
	to.Close()
	head.Wait()
	return r, out.String()
}
