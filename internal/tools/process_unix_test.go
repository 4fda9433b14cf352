//go:build unix

package tools

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"oax/internal/chat"
)

func deaf(args []string) int {
	signal.Ignore(syscall.SIGTERM)
	return wait(args)
}

// pid returns the process that a file names, once it does.
func pid(t *testing.T, path string) (pid int) {
	t.Helper()
	waitFor(t, path, func() bool {
		text, _ := os.ReadFile(path)
		pid, _ = strconv.Atoi(string(text))
		return pid > 0
	})
	return pid
}

func hasEnded(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// TestProcessGroupEnds: a program that does not end when asked, and its child, are killed.
func TestProcessGroupEnds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pid")
	s := newConfiguration(t).tool("x", helper(t, "helper-family", path), "").open(t, "x")
	x := first(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan Output)
	go func() { ended <- s.Run(ctx, x, chat.ToolCall{Arguments: "{}"}, nil) }()
	parent, child := pid(t, path), pid(t, path+".child")
	cancel()
	out := <-ended
	if !out.Failed || out.Exit != -1 || out.Text != "the tool was stopped by the user" {
		t.Errorf("%+v", out)
	}
	waitFor(t, "the end of both", func() bool { return hasEnded(parent) && hasEnded(child) })
}

// TestUmask: what a tool creates is for its user alone, and what oax creates stays as it was.
func TestUmask(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made")
	before := syscall.Umask(0o022)
	defer syscall.Umask(before)
	out := runHelper(t, "{}", "helper-write", path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err, out)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", info.Mode().Perm())
	}
	if now := syscall.Umask(0o022); now != 0o022 {
		t.Errorf("the umask of oax is %o", now)
	}
}

// TestOutputHeldOpen: a child that outlives its parent and holds the output does not keep
// the call from ending.
func TestOutputHeldOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pid")
	out := runHelper(t, "{}", "helper-leave", path)
	child := pid(t, path)
	defer func() {
		_ = syscall.Kill(child, syscall.SIGKILL)
		waitFor(t, "the end of the child", func() bool { return hasEnded(child) })
	}()
	if out.Failed || !strings.Contains(out.Text, "parent is done") {
		t.Errorf("%+v", out)
	}
	if hasEnded(child) {
		t.Error("the child did not live on")
	}
}
