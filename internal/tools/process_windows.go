package tools

import (
	"context"
	"os/exec"
	"strconv"
)

// command returns the command of a program.
func command(ctx context.Context, argv []string) (*exec.Cmd, error) {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, argv[1:]...)
	cmd.Cancel = func() error { // taskkill /T ends the children too
		if exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run() == nil {
			return nil
		}
		return cmd.Process.Kill()
	}
	cmd.WaitDelay = grace
	return cmd, nil
}

// runGroup runs a command; its descendants end with it when ctx ends.
func runGroup(_ context.Context, cmd *exec.Cmd) error { return cmd.Run() }

// waitGroup waits for a command that was started.
func waitGroup(_ context.Context, cmd *exec.Cmd) error { return cmd.Wait() }
