package main

import (
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// console is a terminal with a running program in front of it.
type console struct {
	h        *home
	t        *testing.T
	cmd      *exec.Cmd
	keyboard *os.File
	device   string
	read     chan struct{} // closed when the terminal shows nothing more

	screen capture
}

// at starts a prepared command at a terminal of 80 by 24, which becomes the stream
// for each that is not set. One at least must not be.
func (h *home) at(cmd *exec.Cmd) *console {
	h.t.Helper()
	master, tty, err := pty.Open()
	must(h.t, err)
	defer tty.Close()
	c := &console{h: h, t: h.t, cmd: cmd, keyboard: closable(h.t, master), device: tty.Name(), read: make(chan struct{})}
	h.t.Cleanup(c.hangUp)
	c.resize(80, 24)
	ctty := 0
	if cmd.Stderr == nil {
		cmd.Stderr, ctty = tty, 2
	}
	if cmd.Stdout == nil {
		cmd.Stdout, ctty = tty, 1
	}
	if cmd.Stdin == nil {
		cmd.Stdin, ctty = tty, 0
	}
	cmd.SysProcAttr = withTerminal(ctty)
	must(h.t, cmd.Start())
	go c.watch()
	return c
}

// piped prepares a run whose standard output is not the terminal.
func (h *home) piped(args ...string) *exec.Cmd {
	h.t.Helper()
	cmd := h.command(args...)
	cmd.Stdout = new(capture)
	return cmd
}

// watch keeps what the terminal shows until the last program has left it.
func (c *console) watch() {
	defer close(c.read)
	io.Copy(&c.screen, c.keyboard)
}

// sent is everything the terminal was sent, its line ends as the program wrote them.
func (c *console) sent() string { return strings.ReplaceAll(c.screen.String(), "\r\n", "\n") }

// shown is what was sent but for the line that says what is being waited for, which
// comes on a slow machine and goes without a trace.
func (c *console) shown() string { return waitingLine.ReplaceAllString(c.sent(), "") }

var waitingLine = regexp.MustCompile("\r(?:[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] [^\r\n]* s)?\x1b\\[K")

func (c *console) shows(text string) {
	c.t.Helper()
	eventually(c.t, "the terminal shows "+text, func() bool { return strings.Contains(c.sent(), text) })
}

// prompts waits until the program waits for a message. What is typed before that, while an
// answer arrives, stays unsent.
func (c *console) prompts() {
	c.t.Helper()
	eventually(c.t, "the program waits for a message", func() bool { return strings.HasSuffix(c.sent(), showCursor) })
}

func (c *console) press(keys string) {
	c.t.Helper()
	if _, err := c.keyboard.WriteString(keys); err != nil {
		c.t.Fatal(err)
	}
}

// replies presses keys once the terminal shows a text.
func (c *console) replies(to, keys string) {
	c.t.Helper()
	c.shows(to)
	c.press(keys)
}

func (c *console) resize(columns, rows uint16) {
	c.t.Helper()
	tty, err := os.OpenFile(c.device, os.O_RDWR|syscall.O_NOCTTY, 0)
	if err == nil {
		err = pty.Setsize(tty, &pty.Winsize{Cols: columns, Rows: rows})
		tty.Close()
	}
	must(c.t, err)
}

// hangUp closes the terminal, as a person closes its window.
func (c *console) hangUp() { c.keyboard.Close() }

// closable returns the same file, such that closing it ends a Read that waits.
func closable(t *testing.T, f *os.File) *os.File {
	t.Helper()
	defer f.Close()
	syscall.ForkLock.RLock()
	fd, err := dup(f)
	closeOnExec(fd)
	syscall.ForkLock.RUnlock()
	if err == nil {
		err = setNonblock(fd)
	}
	must(t, err)
	return os.NewFile(uintptr(fd), f.Name())
}

// end waits for the program to end by itself. What the terminal shows is its standard
// output, or standard error if that is all that goes there; a capture has the other one.
func (c *console) end() result {
	c.t.Helper()
	late := time.AfterFunc(patience, func() {
		c.t.Errorf("it does not end; the terminal shows\n%s", c.shown())
		c.cmd.Process.Kill()
		c.hangUp() // or what it left at the terminal would be waited for
	})
	defer late.Stop()
	c.cmd.Wait()
	<-c.read
	r := ended(c.cmd)
	r.stdout = c.shown()
	if stderr, isCaptured := c.cmd.Stderr.(*capture); isCaptured {
		r.stderr = stderr.String()
	}
	if stdout, isCaptured := c.cmd.Stdout.(*capture); isCaptured {
		r.stdout, r.stderr = stdout.String(), r.stdout
	}
	c.h.clean(r.stdout + r.stderr)
	return r
}

// endSilent is end of a program that prints nothing: all that the terminal shows is said on
// standard error.
func (c *console) endSilent() result {
	c.t.Helper()
	r := c.end()
	r.stdout, r.stderr = "", r.stdout
	return r
}

// printed is what went to a standard output that is not the terminal.
func (c *console) printed() string { return c.cmd.Stdout.(*capture).String() }

// atTerminal runs the program at a terminal until it ends.
func (h *home) atTerminal(args ...string) result {
	h.t.Helper()
	return h.at(h.command(args...)).end()
}
