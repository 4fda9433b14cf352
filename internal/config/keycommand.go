package config

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// runKeyCommand returns what the command prints. The command has no standard
// input, since that may be the prompt, and is killed with all it started when
// limit passes or ctx ends; the error is then a *KeyCommandError or ctx's.
func runKeyCommand(ctx context.Context, command string, environ []string, limit time.Duration) (string, error) {
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var stdout, stderr head
	cmd := shell(timed, command)
	cmd.Env, cmd.Stdout, cmd.Stderr = environ, &stdout, &stderr
	cmd.WaitDelay = 2 * time.Second // for a descendant that fled the group with our pipes

	err := cmd.Run()
	failed := &KeyCommandError{Stderr: firstLine(stderr.text)}
	exit, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case err != nil && ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil && timed.Err() != nil:
		failed.Limit = limit
	case exited && exit.Exited():
		failed.ExitCode = exit.ExitCode()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay): // which means: it did exit well
		failed.Err = err
	case strings.TrimSpace(string(stdout.text)) != "":
		return string(stdout.text), nil
	}
	return "", failed
}

// KeyCommandError says that key_command gave no key: it took longer than Limit,
// or exited with ExitCode, or could not run or was killed (Err), or, if all three
// are zero, printed nothing.
type KeyCommandError struct {
	Limit    time.Duration
	ExitCode int
	Err      error
	Stderr   string // the first line it printed there, as it is
}

func (e *KeyCommandError) Error() string {
	text := "key_command printed no key"
	switch {
	case e.Limit != 0:
		text = fmt.Sprintf("key_command did not finish in %v", seconds(e.Limit))
	case e.ExitCode != 0:
		text = fmt.Sprintf("key_command exited %d", e.ExitCode)
	case e.Err != nil:
		text = "key_command failed: " + e.Err.Error()
	}
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	return text
}

func (e *KeyCommandError) Unwrap() error { return e.Err }

func seconds(d time.Duration) string { return fmt.Sprintf("%g s", d.Seconds()) }

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return strings.TrimSpace(line)
}

// head keeps the first 64 KiB written to it, so that a command that never stops
// printing costs nothing but its time.
type head struct{ text []byte }

func (h *head) Write(b []byte) (int, error) {
	room := max(0, 64<<10-len(h.text))
	h.text = append(h.text, b[:min(room, len(b))]...)
	return len(b), nil
}
