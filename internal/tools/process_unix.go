//go:build unix

package tools

import (
	"context"
	"errors"
	"os/exec"
	"syscall"
	"time"
)

// command returns the command of a program that is to create files that only its user can
// read. The umask belongs to the process, so a shell sets it that then becomes the
// program: to change that of oax would change what other goroutines create. The shell reads
// nothing of the command line, which is its parameters.
func command(ctx context.Context, argv []string) (*exec.Cmd, error) {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", `umask 077; exec "$@"`, "sh", path}, argv[1:]...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = grace
	return cmd, nil
}

// runGroup runs a command. When ctx ends, its process group is asked to end, and killed if
// any of it is left after the grace period.
func runGroup(ctx context.Context, cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	return waitGroup(ctx, cmd)
}

// waitGroup is runGroup for a command that was started.
func waitGroup(ctx context.Context, cmd *exec.Cmd) error {
	killed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		killGroup(cmd.Process.Pid)
		close(killed)
	})
	err := cmd.Wait()
	if !stop() {
		<-killed
	}
	return err
}

// killGroup waits for the end of a process group and kills it after the grace period.
func killGroup(pid int) {
	for end := time.Now().Add(grace); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if errors.Is(syscall.Kill(-pid, 0), syscall.ESRCH) {
			return
		}
	}
	_ = syscall.Kill(-pid, syscall.SIGKILL) // there may be none left
}
