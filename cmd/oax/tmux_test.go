package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// window is a terminal with a screen that can be looked at: a tmux server with one
// window.
type window struct {
	t      *testing.T
	socket string
	home   string
	env    []string
	output string // the file that everything shown goes to as well
}

var windows atomic.Int64

// window opens a terminal in which a line of shell runs, $OAX being the program.
// When the line has ended the window stays as it is.
func (h *home) window(columns, rows int, line string) *window {
	h.t.Helper()
	needs(h.t, "tmux")
	n := windows.Add(1)
	w := &window{t: h.t, socket: fmt.Sprintf("oax-%d-%d", os.Getpid(), n), home: h.dir, env: append(h.environ(), "OAX="+binary), output: filepath.Join(h.t.TempDir(), "output")}
	h.t.Cleanup(func() { w.tmux("kill-server") })
	script := filepath.Join(h.env["TMPDIR"], fmt.Sprintf("script-%d", n))
	if err := os.WriteFile(script, []byte("cd ~\n"+line+"\nexec sleep 1000\n"), 0o600); err != nil {
		h.t.Fatal(err)
	}
	w.tmux("new-session", "-d", "-x", fmt.Sprint(columns), "-y", fmt.Sprint(rows), "bash "+script, ";", "pipe-pane", "exec cat >'"+w.output+"'")
	return w
}

func (w *window) tmux(args ...string) string {
	w.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-L", w.socket, "-f", "/dev/null", "-u"}, args...)...)
	cmd.Env = w.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

// keys presses keys by their names in tmux.
func (w *window) keys(keys ...string) { w.tmux(append([]string{"send-keys"}, keys...)...) }

// types types text as it is.
func (w *window) types(text string) { w.tmux("send-keys", "-l", text) }

// screen is what can be seen.
func (w *window) screen() string { return w.tmux("capture-pane", "-p") }

// shows waits for text on the screen and returns the screen.
func (w *window) shows(text string) string {
	w.t.Helper()
	return w.until("the screen shows "+text, func(screen string) bool { return strings.Contains(screen, text) })
}

// until waits for a screen and returns it.
func (w *window) until(what string, holds func(screen string) bool) (screen string) {
	w.t.Helper()
	defer func() {
		if w.t.Failed() {
			w.t.Logf("the screen:\n%s", screen)
		}
	}()
	looked, size := time.Time{}, int64(0)
	eventually(w.t, what, func() bool {
		// A look costs a process, so there is none while nothing is written. What the
		// terminal does by itself, as when its size changes, is not waited for.
		if now := w.written(); now == size && time.Since(looked) < 100*time.Millisecond {
			return false
		} else {
			looked, size = time.Now(), now
		}
		screen = w.screen()
		return holds(screen)
	})
	return screen
}

// written returns how many bytes programs have written to the terminal.
func (w *window) written() int64 {
	if info, err := os.Stat(w.output); err == nil {
		return info.Size()
	}
	return 0
}
