package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// window is a terminal with a screen that can be looked at: a tmux server with one
// window. One client in control mode sends all commands, since to start one for each costs
// more than what is tested.
type window struct {
	t        *testing.T
	home     string
	output   string // the file that everything shown goes to as well
	client   *exec.Cmd
	commands io.Writer
	replies  *bufio.Reader
	close    func() // closes the terminal under its programs
}

// window opens a terminal in which a line of shell runs, $OAX being the program.
// When the line has ended the window stays as it is.
func (h *home) window(columns, rows int, line string) *window {
	h.t.Helper()
	needs(h.t, "tmux")
	dir, err := os.MkdirTemp("", "tmux") // the path of a socket must be short
	must(h.t, err)
	h.t.Cleanup(func() { os.RemoveAll(dir) })
	w := &window{t: h.t, home: h.dir, output: filepath.Join(dir, "output")}
	script := filepath.Join(dir, "script")
	write(h.t, script, "cd ~\n"+line+"\nexec sleep 1000\n")
	socket := filepath.Join(dir, "socket")
	client := exec.Command("tmux", "-S", socket, "-f", "/dev/null", "-u", "-C", "new-session",
		"-d", "-x", fmt.Sprint(columns), "-y", fmt.Sprint(rows), "bash "+script, ";", "pipe-pane",
		"exec cat >'"+w.output+"'", ";", "attach-session", "-f", "ignore-size,no-output")
	client.Env = append(h.environ(), "OAX="+binary)
	commands, err := client.StdinPipe()
	must(h.t, err)
	replies, err := client.StdoutPipe()
	must(h.t, err)
	w.client, w.commands, w.replies = client, commands, bufio.NewReader(replies)
	must(h.t, client.Start())
	w.close = sync.OnceFunc(func() {
		exec.Command("tmux", "-S", socket, "kill-server").Run()
		client.Wait()
	})
	h.t.Cleanup(w.close)
	for line := ""; !strings.HasPrefix(line, "%session-changed "); { // now commands have a target
		if line, err = w.replies.ReadString('\n'); err != nil {
			h.t.Fatalf("tmux: %v", err)
		}
	}
	return w
}

// sane is a line of shell that runs a command. When that has ended, the screen says with which
// code, and whether the terminal is as it was.
func sane(command string) string {
	return `trap : INT; before=$(stty -g); ` + command + `; code=$?
		[ "$before" = "$(stty -g)" ] && state=sane || state=spoilt; echo; echo "code $code, $state"`
}

var inTmux = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "\n", `\n`)

// tmux runs a command of tmux and returns what it prints.
func (w *window) tmux(args ...string) string {
	w.t.Helper()
	late := time.AfterFunc(patience, func() { w.client.Process.Kill() }) // which ends its replies
	defer late.Stop()
	command := ""
	for _, arg := range args {
		command += `"` + inTmux.Replace(arg) + `" `
	}
	if _, err := io.WriteString(w.commands, command+"\n"); err != nil {
		w.t.Fatalf("tmux %s: %v", command, err)
	}
	var out strings.Builder
	for begun := ""; ; {
		line, err := w.replies.ReadString('\n')
		if err != nil {
			w.t.Fatalf("tmux %s: %v", command, err)
		}
		// A reply is between two lines that end alike: %begin time number 1
		mark, of, _ := strings.Cut(line, " ")
		switch {
		case begun == "" && mark == "%begin" && strings.HasSuffix(of, " 1\n"):
			begun = of
		case begun != "" && mark == "%end" && of == begun:
			return out.String()
		case begun != "" && mark == "%error" && of == begun:
			w.t.Fatalf("tmux %s: %s", command, &out)
		case begun != "":
			out.WriteString(line)
		}
	}
}

// keys presses keys by their names in tmux.
func (w *window) keys(keys ...string) { w.tmux(append([]string{"send-keys"}, keys...)...) }

// types types text as it is.
func (w *window) types(text string) { w.tmux("send-keys", "-l", text) }

// enters types text and Enter, and waits for what the screen shows of it.
func (w *window) enters(text, shown string) {
	w.t.Helper()
	w.types(text)
	w.keyShows("Enter", shown)
}

// keyShows presses a key and waits for what the screen shows of it.
func (w *window) keyShows(key, shown string) {
	w.t.Helper()
	w.keys(key)
	w.shows(shown)
}

// resize changes the size, which tmux tells the programs somewhat later.
func (w *window) resize(columns, rows int) {
	w.t.Helper()
	w.tmux("resize-window", "-x", fmt.Sprint(columns), "-y", fmt.Sprint(rows))
	tty := w.tty()
	defer tty.Close()
	eventually(w.t, "the terminal has its new size", func() bool {
		y, x, err := pty.Getsize(tty)
		return err == nil && x == columns && y == rows
	})
}

// isRead waits until the program has read what was typed: it may show it only later.
func (w *window) isRead() {
	w.t.Helper()
	tty := w.tty()
	defer tty.Close()
	eventually(w.t, "the keys are read", func() bool { return untaken(tty) == 0 })
}

// tty opens the terminal as a program in it does.
func (w *window) tty() *os.File {
	w.t.Helper()
	tty, err := os.OpenFile(strings.TrimSpace(w.tmux("display-message", "-p", "#{pane_tty}")), os.O_RDWR|syscall.O_NOCTTY, 0)
	must(w.t, err)
	return tty
}

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
