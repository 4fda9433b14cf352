//go:build linux

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"time"

	"oax/internal/demo"

	"github.com/creack/pty"
)

// latency measures from the flush of a token to its byte on standard output.
func (b *bench) latency() {
	home := b.home("latency", 0, 0, 0)
	for _, to := range []string{"pipe", "terminal"} {
		for _, p := range b.oax(home, "", "hi") {
			waits := latencies(p.command(), to == "terminal")
			slices.Sort(waits)
			fmt.Printf("%-42s %s median %.2f ms, p99 %.2f ms, of %d tokens\n", "token to "+to, p.name, waits[len(waits)/2], waits[len(waits)*99/100], len(waits))
		}
	}
}

// latencies runs oax with an endpoint that sends a token every 20 ms, and returns how
// long each took, in ms.
func latencies(cmd *exec.Cmd, onTerminal bool) (waits []float64) {
	const tokens = 300
	sent := make(chan time.Time, tokens)
	server := must(demo.Start(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for range tokens {
			w.Write(demo.Chunk("x"))
			sent <- time.Now()
			w.(http.Flusher).Flush()
			time.Sleep(20 * time.Millisecond)
		}
		w.Write(append(demo.Finish("stop"), demo.Done()...))
	})))
	defer server.Close()
	cmd.Env = append(cmd.Env, "OPENAI_BASE_URL="+server.URL())
	cmd.Stderr = os.Stderr
	var out io.Reader
	if onTerminal {
		out = must(pty.Start(cmd))
	} else {
		out = must(cmd.StdoutPipe())
		check(cmd.Start())
	}
	for buf := make([]byte, 1); len(waits) < tokens; {
		must(out.Read(buf))
		if buf[0] == 'x' {
			waits = append(waits, ms(time.Since(<-sent)))
		}
	}
	go io.Copy(io.Discard, out)
	check(cmd.Wait())
	return waits
}

// picker measures the fuzzy finder at a terminal: from the start to the last byte of
// the first screen, and from each key to the last byte of what it changes.
func (b *bench) picker() {
	const keys = "session 9"
	b.pick(b.home("picker", 100, 5, 150), "100 sessions", keys, "-r")
	home := b.home("picker", 100_000, 5, 150)
	b.pick(home, "100000 sessions", keys, "-r")
	b.pick(home, "by a rare word", "", "-r", "session", "99999")
	b.pick(home, "by a common word", keys, "-r", "answer")
}

func (b *bench) pick(home, title, keys string, args ...string) {
	programs := b.oax(home, "", args...)
	shown, typed := make([][]float64, len(programs)), make([][]float64, len(programs))
	for range b.runs {
		for i, p := range programs {
			t := openTerminal(p.command())
			shown[i] = append(shown[i], t.untilQuiet())
			for _, key := range keys {
				typed[i] = append(typed[i], t.press(string(key)))
			}
			t.press("\x1b")
			if err := t.cmd.Wait(); t.cmd.ProcessState.ExitCode() != 130 {
				check(fmt.Errorf("picker: %w, not left with Escape", err))
			}
			t.screen.Close()
		}
	}
	row("picker, "+title+", on screen", "ms", programs, shown)
	if keys != "" {
		row("picker, "+title+", each key", "ms", programs, typed)
	}
}

// terminal is a program at a pseudo-terminal. Of its output only the times count.
type terminal struct {
	cmd     *exec.Cmd
	screen  *os.File
	written chan time.Time
	last    time.Time // of the start, or of a key
}

func openTerminal(cmd *exec.Cmd) *terminal {
	cmd.Env = append(cmd.Env, "TERM=xterm-256color")
	start := time.Now()
	t := &terminal{cmd, must(pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})), make(chan time.Time, 1000), start}
	go func() {
		defer close(t.written)
		for b := make([]byte, 64<<10); ; t.written <- time.Now() {
			if _, err := t.screen.Read(b); err != nil {
				return
			}
		}
	}()
	return t
}

// press presses a key and returns how long its effects went on.
func (t *terminal) press(key string) float64 {
	t.last = time.Now()
	must(io.WriteString(t.screen, key))
	return t.untilQuiet()
}

// untilQuiet waits for output and then for its end, and returns when that was, in ms.
func (t *terminal) untilQuiet() (took float64) {
	const patience, quiet = 20 * time.Second, 80 * time.Millisecond
	for wait := patience; ; wait = quiet {
		select {
		case at, ok := <-t.written:
			if !ok {
				return took
			}
			took = ms(at.Sub(t.last))
		case <-time.After(wait):
			return took
		}
	}
}
