package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"oax/internal/picker"
	"oax/internal/session"
	"oax/internal/term"
)

// pickCommand is the child process in which the finder runs.
type pickCommand struct{}

// Run lets a person choose among the items on standard input.
func (pickCommand) Run(_ context.Context, env *Env) error {
	env.flags.NoSave = true // it only reads
	store, err := env.openStore()
	if err != nil {
		return err
	}
	preview := func(item, sought string) []picker.Passage { return env.preview(store, item, sought) }
	err = picker.Child(env.Stdin, env.Stdout, preview)
	if err == nil || errors.Is(err, picker.ErrCancelled) {
		return err
	}
	return &report{code: exitNothing} // the parent has been told
}

// pick lets the person choose a session, among those that have all the words of a
// query if any has.
func (env *Env) pick(ctx context.Context, store *session.Store, query string) (*past, error) {
	env.Caught() // the terminal is to be left as it was found
	tty, _ := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if tty != nil {
		defer tty.Close()
	}
	o := picker.Options{Command: env.pickAgain, TTY: tty, Out: env.Stderr}
	if term.IsTerminal(env.Stdin) {
		o.In = env.Stdin
	}
	item, err := picker.Choose(ctx, func() (picker.Offer, error) { return env.offer(ctx, store, query) }, o)
	if err != nil {
		return nil, err
	}
	return env.loadEntry(store, entryOf(item))
}

// pickAgain returns the command that runs this program as the finder.
func (env *Env) pickAgain(ctx context.Context) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return exec.CommandContext(ctx, self, "__pick")
}

// quietly returns an environment that says nothing.
func (env *Env) quietly() *Env {
	silent := *env
	silent.said = sayer{quiet: true}
	return &silent
}

// wordsFor reads what to say in a session that was picked: a line typed at the terminal,
// or nothing if standard input is none.
func (env *Env) wordsFor(ctx context.Context, chosen *past) ([]string, error) {
	if !term.IsTerminal(env.Stdin) {
		return nil, nil
	}
	columns, _ := term.Size(env.Stdin)
	fmt.Fprintf(env.Stderr, "%s\n> ", term.Cut(term.Line(chosen.Title), columns))
	line, err := await(ctx, func() (string, error) { return bufio.NewReader(env.Stdin).ReadString('\n') })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil && line == "" {
		fmt.Fprintln(env.Stderr) // the shell's prompt gets a line of its own
		return nil, picker.ErrCancelled
	}
	if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) == "" {
		return nil, picker.ErrCancelled
	}
	return []string{line}, nil
}
