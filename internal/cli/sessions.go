package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"

	"oax/internal/pick"
	"oax/internal/report"
	"oax/internal/session"
)

// Which sessions a command is about.

// picker returns what finds sessions: by their IDs, on standard input, or with the fuzzy
// finder, which runs in a child process of this program.
func (l *library) picker() pick.Picker {
	return pick.Picker{
		Store: l.store, Stdin: l.Stdin, Stderr: l.Stderr, Log: l.log, Now: l.Now, TimeFormat: l.file.TimeFormat,
		Getenv: l.Getenv, Command: finderProcess,
	}
}

func finderProcess(ctx context.Context) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return exec.CommandContext(ctx, self, "__pick")
}

// pickCommand is the child process in which the fuzzy finder runs.
type pickCommand struct{ baseFlags }

// Run lets a person choose among the sessions on standard input.
func (pickCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	lib, err := p.openLibrary(ctx, log, true)
	if err != nil {
		return err
	}
	return lib.picker().Child(p.Stdout)
}

// sessionArgs say which sessions a command is about.
type sessionArgs struct {
	Recall bool     `short:"r" help:"Pick the session with the fuzzy finder; the IDs are then words to search for."`
	IDs    []string `arg:"" optional:"" name:"id" help:"Sessions: IDs or their beginnings, @ for the one used last, @2 for the one before. - reads IDs, one a line, from standard input. Default: the session used last."`
}

// find returns the sessions that the arguments of a command name, or the one picked with
// -r. Without arguments it is the session used last.
func (a sessionArgs) find(ctx context.Context, lib *library, command string) ([]session.Entry, error) {
	entries, err := lib.picker().Choose(ctx, a.Recall, a.IDs)
	return entries, orPrompt(err, append([]string{command}, a.IDs...))
}

// orPrompt adds to the error of finding a session how to send the command line as a
// prompt, if that is what its words look like: `oax cat videos of cats`. The first word is
// the command. An ID nearly always has a digit.
func orPrompt(err error, words []string) error {
	unfound, _ := errors.AsType[*session.NotFoundError](err)
	badID, _ := errors.AsType[*session.BadIDError](err)
	if len(words) < 3 || slices.Contains(words, "-") || unfound == nil && badID == nil || unfound != nil && strings.ContainsAny(unfound.Ref, "0123456789@") {
		return err
	}
	hint := "to ask it: oax --" + quoted(words)
	const maxHint = 200 // bytes
	if len(hint) > maxHint {
		return err
	}
	r := *report.Of(err)
	r.Hint = hint
	return &r
}
