// Package cli is the command line of oax: the grammar, one file a command, what is
// said on standard error, and the one table from an error to its words and exit
// code.
//
// Standard output carries the answer, or the list that was asked for, and nothing
// else. Standard error carries "oax: what happened", then at most one "hint:" with
// something to type, then "saved:" when there is something to say about the disk.
package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"oax/internal/config"
)

// Env is what the process gives to a run.
type Env struct {
	Stdin, Stdout, Stderr *os.File
	LookupEnv             func(string) (string, bool)
	Environ               []string
	Version               string
	Now                   func() time.Time
	Interrupts            *Interrupts // asked about each signal before the context ends
	Caught                func()      // waits until signals end the context and not the process; before a request, a program, or a change of the terminal

	flags  *flags // as parsed
	said   sayer
	waits  *waiting     // the line that says what is being waited for
	config *config.File // once it is read
}

// Exit says how the process is to end: with a code, or by a signal it caught, so
// that its parent sees a real signal death.
type Exit struct {
	Code   int
	Signal os.Signal
}

// Interrupted is the cause of a context that a signal ended.
type Interrupted struct{ Signal os.Signal }

func (i Interrupted) Error() string { return "stopped by " + i.Signal.String() }

// Run runs one command line, without the program's name.
func Run(ctx context.Context, env *Env, args []string) Exit {
	env.said = sayer{to: env.Stderr, caught: env.Caught}
	command, err := parse(env, args)
	if err == nil && command != nil {
		err = env.guarded(func() error { return command(ctx) })
	}
	if err == nil {
		return Exit{}
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	r := explain(err)
	env.said.report(r)
	return Exit{r.code, r.signal}
}

func (env *Env) getenv(name string) string {
	value, _ := env.LookupEnv(name)
	return value
}

// print writes text to standard output.
func (env *Env) print(text string) error {
	if _, err := io.WriteString(env.Stdout, text); err != nil {
		return outputError(err)
	}
	return nil
}

// outputError ends a command whose output cannot be written: as other programs end,
// if nobody reads it.
func outputError(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return &report{kind: "pipe", signal: outputSignal(err), code: exitNothing}
	}
	return &report{what: "cannot write output: " + plainError(err), kind: "output", code: exitDisk}
}
