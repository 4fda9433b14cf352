// Package cli is the command line of oax: the grammar, and one file a command. A command
// is a struct that holds what a person typed and a method Run, which calls the packages
// that do the work and prints what they return.
//
// Standard output carries the answer, or the list that was asked for, and nothing else.
// What is written to standard error, and in which words, package report decides.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"oax/internal/config"
	"oax/internal/converse/lineedit"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/turn"
)

// Exit says how the process is to end: with a code, or by a signal it caught, so that
// its parent sees a real death by that signal.
type Exit struct {
	Code   int
	Signal os.Signal
}

// Run runs one command line, without the program's name.
func Run(ctx context.Context, p *Process, args []string) Exit {
	command, err := parse(p, args)
	log := report.NewWriter(p.Stderr, err == nil && command != nil && command.quiet())
	if err == nil && command != nil {
		err = runGuarded(ctx, command, p, log)
	}
	if err == nil {
		return Exit{}
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	end := report.Of(err)
	log.Error(end)
	return Exit{end.Code, end.Signal}
}

// runGuarded runs a command. If the command panics, the error says where the details are.
func runGuarded(ctx context.Context, command runner, p *Process, log *report.Writer) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = crashed(p, value, debug.Stack())
		}
	}()
	return command.Run(ctx, p, log)
}

// crashed writes what happened to a file. Neither what was asked nor a key is part of it:
// the value of a panic is kept only if the runtime made it.
func crashed(p *Process, value any, stack []byte) error {
	switch other := value.(type) { // of another goroutine
	case *lineedit.Panic:
		value, stack = other.Value, other.Stack
	case *turn.Panic:
		value, stack = other.Value, other.Stack
	}
	what := fmt.Sprintf("a %T", value)
	if e, ok := value.(interface{ RuntimeError() }); ok {
		what = fmt.Sprint(e)
	}
	text := fmt.Sprintf("oax %s, %s: %s\n\n%s", p.Version, p.Now().UTC().Format("2006-01-02T15:04:05Z"), what, stack)
	dirs, err := config.FindDirs(p.Getenv)
	path := ""
	if err == nil {
		path, err = prompt.NewFile(dirs.StateDir(), "crash-*.txt", text)
	}
	if err != nil {
		return report.Failed("crash", fmt.Sprintf("internal error, please report (%s; the details cannot be written: %s)", what, report.Cause(err)), "")
	}
	return report.Failed("crash", "internal error, please report", "the details are in "+path)
}
