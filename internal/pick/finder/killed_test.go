//go:build unix

package finder_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"oax/internal/pick/finder"
)

// The context ends, or the child is killed, while the finder is on the screen: neither
// leaves the child a chance to restore the terminal.
func TestFinderKilled(t *testing.T) {
	stop := errors.New("stop")
	for name, c := range map[string]struct {
		err  error
		kill func(cmd *exec.Cmd, cancel context.CancelCauseFunc)
	}{
		"context": {stop, func(_ *exec.Cmd, cancel context.CancelCauseFunc) { cancel(stop) }},
		"kill -9": {finder.ErrCancelled, func(cmd *exec.Cmd, _ context.CancelCauseFunc) { _ = cmd.Process.Kill() }},
	} {
		t.Run(name, func(t *testing.T) {
			master, tty, err := pty.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer tty.Close()
			before, err := term.GetState(int(tty.Fd()))
			if err != nil {
				t.Fatal(err)
			}
			in, typed, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			io.WriteString(typed, "\n")
			typed.Close()
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			var cmd *exec.Cmd
			left, ended := make(chan bool), make(chan bool)
			go func() {
				defer close(ended)
				waitFor(master, "findable")
				if raw, err := term.GetState(int(tty.Fd())); err != nil || *raw == *before {
					t.Error("the finder was on the screen and the terminal not raw")
				}
				c.kill(cmd, cancel)
				waitFor(master, "\x1b[?1049l")
				close(left)
				waitFor(master, "the end")
			}()
			_, err = finder.Choose(ctx, findable, finder.Options{
				Command: func(ctx context.Context) *exec.Cmd {
					cmd = exec.CommandContext(ctx, os.Args[0])
					cmd.Dir = t.TempDir() // the child leaves a file behind
					cmd.Env = append(os.Environ(), "FINDER_TEST=child", "TERM=xterm")
					cmd.ExtraFiles = []*os.File{tty}
					cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
					return cmd
				},
				TTY: tty, In: in, Out: io.Discard,
			})
			if !errors.Is(err, c.err) {
				t.Errorf("got %v, want %v", err, c.err)
			}
			if after, err := term.GetState(int(tty.Fd())); err != nil || *after != *before {
				t.Error("the terminal is not as before")
			}
			select {
			case <-left:
			case <-time.After(time.Minute):
				t.Error("the terminal is still in the alternate screen")
			}
			tty.Close()
			master.Close()
			<-ended
		})
	}
}

// waitFor reads until it has read text, or until the terminal is closed.
func waitFor(master io.Reader, text string) {
	var all []byte
	b := make([]byte, 4096)
	for !strings.Contains(string(all), text) {
		n, err := master.Read(b)
		all = append(all, b[:n]...)
		if err != nil {
			return
		}
	}
}

func findable() (finder.Offer, error) {
	return finder.Offer{Items: []finder.Item{{ID: "a", Label: "findable"}}}, nil
}
