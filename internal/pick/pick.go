// Package pick finds out which session a person means: by its ID or the start of it, by
// @, from standard input, or with the fuzzy finder of the child package finder. It also
// chooses which messages of a session are wanted.
package pick

import (
	"context"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
)

// Picker finds sessions in a store.
type Picker struct {
	Store         *session.Store
	Stdin, Stderr *os.File
	Log           *report.Writer
	Now           func() time.Time
	TimeFormat    string // as term.Clock takes it
	Getenv        func(string) string
	// Command returns the command that runs this program so that it calls Child.
	Command func(context.Context) *exec.Cmd
}

// Choose returns the sessions that a command is about: the one picked in the finder,
// which begins with words as its query, or else those that Find finds.
func (p Picker) Choose(ctx context.Context, recall bool, words []string) ([]session.Entry, error) {
	if !recall {
		return p.Find(ctx, words)
	}
	picked, err := p.Pick(ctx, strings.Join(words, " "))
	if err != nil {
		return nil, err
	}
	return []session.Entry{picked}, nil
}

// Find returns the sessions that words name, as Refs reads them. The error is that
// of the first session that is not found; then none is returned.
func (p Picker) Find(ctx context.Context, words []string) ([]session.Entry, error) {
	refs, err := p.Refs(ctx, words)
	if err != nil {
		return nil, err
	}
	entries, errs := p.Store.FindAll(refs)
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// Refs returns the references to sessions that words are: IDs, their starts, @ or
// @2. A word "-" stands for the first words of the lines on standard input, and no words
// at all for the session used last. It looks for no session. The error is a
// *report.Error or the cause of ctx.
func (p Picker) Refs(ctx context.Context, words []string) ([]string, error) {
	if len(words) == 0 {
		return []string{"@"}, nil
	}
	var refs []string
	for _, word := range words {
		if word != "-" {
			refs = append(refs, word)
			continue
		}
		lines, err := p.Lines(ctx, "oax ls | oax cat -")
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			refs = append(refs, strings.Fields(line)[0])
		}
	}
	return refs, nil
}

// Lines returns the lines of standard input that are not blank, each of which begins with
// a reference to a session. The error is the cause of ctx, or a *report.Error, which hints
// at an example if there are none.
func (p Picker) Lines(ctx context.Context, example string) ([]string, error) {
	text, err := term.Await(ctx, func() ([]byte, error) { return io.ReadAll(p.Stdin) })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, report.CannotRead("standard input", err)
	}
	lines := slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
	if len(lines) == 0 {
		return nil, report.Nothing("standard input names no session", example)
	}
	return lines, nil
}

// ReadPrompt reads the next prompt for a session that was picked: a line typed below its
// title. Without a terminal to type at it is empty. A person who types nothing has
// cancelled, which is the error then; it can also be the cause of ctx.
func (p Picker) ReadPrompt(ctx context.Context, s *session.Session) (string, error) {
	if !term.IsTerminal(p.Stdin) {
		return "", nil
	}
	columns, _ := term.Size(p.Stdin)
	io.WriteString(p.Stderr, term.Cut(term.Line(s.Title), columns)+"\n> ")
	line, err := term.ReadLine(ctx, p.Stdin)
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil && line == "":
		io.WriteString(p.Stderr, "\n") // the shell's prompt needs a line of its own
		return "", report.Cancelled()
	case strings.TrimSpace(line) == "":
		return "", report.Cancelled()
	}
	return strings.TrimSuffix(line, "\r"), nil
}
