// Package picker lets a person choose one of many lines with a fuzzy finder.
//
// The finder it uses panics on some keys, once in a goroutine where nobody can
// recover it, and then leaves the terminal raw. So it never runs in the process
// that asks: Choose starts the program a second time, and that child calls Child.
// Choose promises that the terminal is afterwards as it was before, however the
// child ended, and that a person can still choose: where the finder died or no
// terminal can carry it, the newest lines are numbered and a number is read.
package picker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"oax/internal/term"
)

// What Choose can end with besides a choice.
var (
	ErrCancelled  = errors.New("nothing was chosen")         // Escape, Ctrl-C, an empty line, end of input
	ErrNothing    = errors.New("there is nothing to choose") // no items
	ErrNoTerminal = errors.New("no terminal to choose at")   // the finder cannot run and nobody can be asked
)

// Item is something to choose. The Label is what is shown and searched: one line
// of visible text, best at most 80 columns wide.
type Item struct {
	ID    string
	Label string
}

// Options say how Choose reaches the person.
type Options struct {
	// Command returns a command that runs this program again, in such a way
	// that it calls Child with its standard streams. Choose sets the streams
	// and adjusts the environment.
	Command func(context.Context) *exec.Cmd
	// TTY is the terminal; nil if there is none.
	TTY *os.File
	// In and Out carry the numbered list where the finder cannot run. No more
	// than one line at a time is read from In. In is nil if nobody can be asked.
	In  io.Reader
	Out io.Writer
	// Query is what the finder begins with. Only an ASCII one is used.
	Query string
}

// request is what the child reads, answer what it writes. A child that writes no
// answer has crashed.
type request struct {
	Query string
	Items []Item
}

type answer struct {
	ID        string
	Cancelled bool
	Error     string // the screen was not touched
}

// Choose returns the ID of the item the person chooses. The items come newest
// first; the newest is the one offered first. The error is ErrCancelled,
// ErrNothing, ErrNoTerminal, that of ctx, or that of writing to Out or reading
// from In.
func Choose(ctx context.Context, items []Item, o Options) (string, error) {
	if len(items) == 0 {
		return "", ErrNothing
	}
	if term.IsTerminal(o.TTY) {
		a, found := find(ctx, items, o)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case found && a.Cancelled:
			return "", ErrCancelled
		case found:
			return a.ID, nil
		}
	}
	if o.In == nil || o.Out == nil {
		return "", ErrNoTerminal
	}
	columns, _ := term.Size(o.TTY)
	return list(ctx, items, columns, o.In, o.Out)
}

// find runs the finder and reports whether the person has answered.
func find(ctx context.Context, items []Item, o Options) (answer, bool) {
	cmd := o.Command(ctx)
	env := cmd.Environ()
	if t := lookup(env, "TERM"); t == "" || t == "dumb" {
		return answer{}, false
	}
	in, err := json.Marshal(request{o.Query, items})
	saved, stateErr := term.Save(o.TTY)
	if err != nil || stateErr != nil {
		return answer{}, false
	}
	var out bytes.Buffer
	cmd.Env = finderEnv(env)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, nil
	cmd.WaitDelay = time.Second
	if cmd.Start() != nil {
		return answer{}, false
	}
	_ = cmd.Wait() // the answer says more than the status
	var a answer
	crashed := json.Unmarshal(out.Bytes(), &a) != nil
	if crashed || a.Error == "" {
		_, _ = io.WriteString(o.TTY, leave)
	}
	_ = saved.Restore()
	known := slices.ContainsFunc(items, func(i Item) bool { return i.ID == a.ID })
	return a, !crashed && (a.Cancelled || known)
}

// finderEnv changes what would make the finder misbehave: DEBUG makes it print
// over its own screen, LINES and COLUMNS count more for it than the terminal's
// size, and a locale that is not UTF-8 or East Asian gives it other characters
// and widths than ours. The alternate screen is ours to enter and leave.
func finderEnv(env []string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return name == "DEBUG" || name == "LINES" || name == "COLUMNS"
	})
	return append(env, "LC_ALL=C.UTF-8", "RUNEWIDTH_EASTASIAN=0", altScreen)
}

// lookup returns the value of a variable; the last setting counts.
func lookup(env []string, name string) string {
	for _, e := range slices.Backward(env) {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}
