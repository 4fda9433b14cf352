package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"oax/internal/term"
)

// paging is what commands embed whose output can be longer than a screen.
type paging struct {
	NoPager bool `help:"No pager for what is longer than the screen ($$OAX_PAGER, $$PAGER, less)." group:"Output:"`
}

// paged lets print write to standard output; where that is a terminal and the text
// does not fit on its screen, to a pager. What is for other programs (--json), and
// what may move the cursor (--raw), never goes there.
func (env *Env) paged(ctx context.Context, p paging, print func(io.Writer) error) error {
	var command []string
	if !p.NoPager && !env.flags.JSON && !env.flags.Raw && term.IsTerminal(env.Stdout) {
		command = env.pager()
	}
	if command == nil {
		out := bufio.NewWriter(abandoning{ctx, env.Stdout})
		said := print(out)
		if err := out.Flush(); err != nil {
			return stopped(ctx, err)
		}
		return said
	}
	columns, rows := term.Size(env.Stdout)
	screen := &screen{ctx: ctx, env: env, command: command, columns: columns, rows: rows - 1}
	return screen.end(print(screen))
}

// pager returns the person's pager as words of a command line, or nil for none: it is
// set to nothing or cat, is not there, or the terminal can only print lines.
func (env *Env) pager() []string {
	if t := env.getenv("TERM"); t == "" || t == "dumb" {
		return nil
	}
	command := "less"
	for _, name := range []string{"PAGER", "OAX_PAGER"} {
		if value, ok := env.LookupEnv(name); ok {
			command = value
		}
	}
	words := strings.Fields(command)
	if len(words) == 0 || words[0] == "cat" {
		return nil
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return nil
	}
	return words
}

// screen holds text back until it is more than fits on a screen, and then gives it to
// a pager. Nothing is lost if none can be started.
type screen struct {
	ctx           context.Context
	env           *Env
	command       []string
	columns, rows int // what fits
	held          bytes.Buffer
	used          int // rows that the whole lines in held take
	counted       int // bytes of them
	pager         *exec.Cmd
	out           io.WriteCloser // of the pager, once it runs
}

// errLeft is that the person has left the pager.
var errLeft = errors.New("the pager has ended")

func (s *screen) Write(b []byte) (int, error) {
	if s.out != nil {
		if _, err := s.out.Write(b); err != nil {
			return 0, errLeft
		}
		return len(b), nil
	}
	s.held.Write(b)
	if s.fits() {
		return len(b), nil
	}
	if err := s.start(); err != nil {
		s.rows = int(^uint(0) >> 1)
		return len(b), nil
	}
	if _, err := s.Write(s.held.Bytes()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// fits counts the rows of what has come since it was last asked.
func (s *screen) fits() bool {
	for s.used <= s.rows {
		line, _, whole := bytes.Cut(s.held.Bytes()[s.counted:], []byte("\n"))
		if !whole {
			return s.used+len(line)/(8*s.columns) <= s.rows
		}
		s.used += 1 + max(term.Width(string(line))-1, 0)/s.columns
		s.counted += len(line) + 1
	}
	return false
}

func (s *screen) start() error {
	s.env.Caught()
	cmd := exec.CommandContext(s.ctx, s.command[0], s.command[1:]...)
	cmd.Env = s.env.forPager()
	cmd.Stdout, cmd.Stderr = s.env.Stdout, s.env.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // it puts the terminal right
	cmd.WaitDelay = time.Second
	out, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		// Ctrl-C is the pager's while it runs. It would inherit this from before it.
		signal.Ignore(os.Interrupt)
		s.pager, s.out = cmd, out
	}
	return err
}

// end prints what fitted, or waits until the person has left the pager. said is what
// print returned.
func (s *screen) end(said error) error {
	if s.out == nil {
		if _, err := (abandoning{s.ctx, s.env.Stdout}).Write(s.held.Bytes()); err != nil {
			return stopped(s.ctx, err)
		}
		return said
	}
	s.out.Close()
	_ = s.pager.Wait() // less ends with 1 where it was interrupted; nothing was lost
	switch {
	case s.ctx.Err() != nil:
		return context.Cause(s.ctx)
	case errors.Is(said, errLeft):
		return nil
	}
	return said
}

// forPager is the environment of the pager: no key, and options for less where the
// person has none: end if it fits, keep the colours that oax has set, leave the text
// on the screen. What else the text holds is not for the terminal to obey already.
func (env *Env) forPager() []string {
	environ := env.withoutKeys()
	if _, ok := env.LookupEnv("LESS"); !ok {
		environ = append(environ, "LESS=FRX")
	}
	return environ
}
