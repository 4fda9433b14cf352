package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
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

// at starts a prepared command at a terminal of 80 by 24, which becomes the stream
// for each that is not set. One at least must not be.
func (h *home) at(cmd *exec.Cmd) *console {
	h.t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		h.t.Fatal(err)
	}
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
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	go c.watch()
	return c
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

func (c *console) resize(columns, rows uint16) {
	c.t.Helper()
	tty, err := os.OpenFile(c.device, os.O_RDWR|syscall.O_NOCTTY, 0)
	if err == nil {
		err = pty.Setsize(tty, &pty.Winsize{Cols: columns, Rows: rows})
		tty.Close()
	}
	if err != nil {
		c.t.Fatal(err)
	}
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
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), f.Name())
}

// end waits for the program to end by itself.
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
	c.h.clean(c.shown())
	return ended(c.cmd)
}
