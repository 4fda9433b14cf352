package config

import (
	"context"
	"os/exec"
	"strconv"
	"syscall"
)

// shell returns a command for cmd.exe. The line is passed on unchanged,
// since cmd does not read the quoting that os/exec writes.
func shell(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "cmd")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: "cmd /S /C \"" + command + "\""}
	cmd.Cancel = func() error { // taskkill /T ends the children too
		if exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run() == nil {
			return nil
		}
		return cmd.Process.Kill()
	}
	return cmd
}
