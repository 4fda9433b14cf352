package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Programs as tools.

// grace is how long a program has to end after it was asked to, and how long its
// descendants can hold its output open after its end.
const grace = 2 * time.Second

// runProgram runs a program with the arguments of the call, as JSON, on its standard input.
func (s *Set) runProgram(ctx context.Context, t *Tool, id string, arguments []byte) Output {
	stdout, stderr := s.longOutput(), &collected{limit: maxStderr}
	cmd, err := command(ctx, t.Argv)
	if err == nil {
		cmd.Env = append(slices.Clone(s.environ), "OAX_CALL_ID="+strings.ReplaceAll(id, "\x00", ""))
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(arguments), stdout, stderr
		err = runGroup(ctx, cmd)
	}
	exit, exited := errors.AsType[*exec.ExitError](err)
	var problem string
	switch why := stopped(ctx, t.limit); {
	case why != "" && err != nil:
		problem = why
	case exited && exit.Exited():
		problem = fmt.Sprintf("exit status %d", exit.ExitCode())
	case exited:
		problem = exit.String()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay): // which means that it exited with 0
		problem = "the tool could not be run: " + cause(err)
	}
	out := Output{Bytes: stdout.total, Failed: problem != ""}
	room := maxText
	if out.Failed {
		out.Exit = -1
		if exited {
			out.Exit = exit.ExitCode()
		}
		if said, _ := stderr.text(maxStderr); strings.TrimSpace(said) != "" {
			problem = "standard error:\n" + strings.TrimRight(said, "\n") + "\n\n" + problem
		}
		room -= len(problem) + len("\n\n")
	}
	text, all := stdout.text(room)
	if out.Failed && text != "" {
		text = strings.TrimRight(text, "\n") + "\n\n"
	}
	out.Text, out.Truncated = text+problem, !all
	out.File = stdout.end(all)
	return out
}

// cause returns why a program could not be started, without its path twice.
func cause(err error) string {
	if e, ok := errors.AsType[*exec.Error](err); ok {
		return e.Name + ": " + e.Err.Error()
	}
	return err.Error()
}
