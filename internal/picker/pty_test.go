//go:build unix

package picker_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"

	"oax/internal/picker"
)

// The context ends, or the child is killed, while the finder is on the screen:
// both leave the child no chance to put the terminal back.
func TestFinderKilled(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		kill func(cmd *exec.Cmd, cancel func())
	}{
		"context": {context.Canceled, func(_ *exec.Cmd, cancel func()) { cancel() }},
		"kill -9": {picker.ErrCancelled, func(cmd *exec.Cmd, _ func()) { _ = cmd.Process.Kill() }},
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
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			var cmd *exec.Cmd
			shown := make(chan string, 1)
			go func() {
				shown <- readAll(master, func() {
					if raw, err := term.GetState(int(tty.Fd())); err != nil || *raw == *before {
						t.Error("the finder was on the screen and the terminal not raw")
					}
					c.kill(cmd, cancel)
				})
			}()
			_, err = picker.Choose(ctx, findable, picker.Options{
				Command: func(ctx context.Context) *exec.Cmd {
					cmd = exec.CommandContext(ctx, pick)
					cmd.Dir = t.TempDir() // the child leaves a file behind
					cmd.Env = append(os.Environ(), "TERM=xterm")
					cmd.ExtraFiles = []*os.File{tty}
					cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
					return cmd
				},
				TTY: tty, In: strings.NewReader("\n"), Out: io.Discard,
			})
			if !errors.Is(err, c.err) {
				t.Errorf("got %v, want %v", err, c.err)
			}
			if after, err := term.GetState(int(tty.Fd())); err != nil || *after != *before {
				t.Error("the terminal is not as before")
			}
			tty.Close()
			if s := <-shown; !strings.HasSuffix(s, "\x1b[?1049l") {
				t.Errorf("the last the terminal saw: %q", s[max(0, len(s)-40):])
			}
			master.Close()
		})
	}
}

// readAll reads until the terminal is closed; it calls found once, when the
// finder has drawn its item.
func readAll(master io.Reader, found func()) string {
	var all []byte
	b := make([]byte, 4096)
	for {
		n, err := master.Read(b)
		all = append(all, b[:n]...)
		if found != nil && strings.Contains(string(all), "findable") {
			found()
			found = nil
		}
		if err != nil {
			return string(all)
		}
	}
}

func findable() (picker.Offer, error) {
	return picker.Offer{Items: []picker.Item{{ID: "a", Label: "findable"}}}, nil
}
