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
	"sync"
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

// Offer is what there is to choose from, and how the finder begins. The items come
// newest first; the newest is the one offered first.
type Offer struct {
	Items []Item
	// Sought is what the items were found by, and "" if by nothing: it stands in
	// the prompt line, and is marked and in view in the previews.
	Sought string
	// Query is what seems typed already. Only an ASCII one is used.
	Query string
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
}

// answer is what the child writes, if it does not crash and is not killed.
type answer struct {
	ID        string
	Cancelled bool
	Error     string // the screen was not touched
}

var (
	errCrashed = errors.New("the finder crashed")
	errUnable  = errors.New("the finder cannot run here")
)

const (
	starts   = 3 // how often the finder is started, if it crashes
	panicked = 2 // the exit code of a Go program that did
)

// Choose returns the ID of the item the person chooses. offer is called once, while
// the child starts. The error is ErrCancelled, ErrNothing, ErrNoTerminal, that of
// offer, that of ctx, or that of writing to Out or reading from In.
func Choose(ctx context.Context, offer func() (Offer, error), o Options) (string, error) {
	offer = sync.OnceValues(offer)
	id, err := "", errCrashed
	for try := 0; try < starts && errors.Is(err, errCrashed); try++ {
		id, err = find(ctx, offer, o)
	}
	if !errors.Is(err, errCrashed) && !errors.Is(err, errUnable) {
		return id, err
	}
	offered, err := offer()
	switch {
	case err != nil:
		return "", err
	case len(offered.Items) == 0:
		return "", ErrNothing
	case o.In == nil || o.Out == nil:
		return "", ErrNoTerminal
	}
	columns, _ := term.Size(o.TTY)
	return list(ctx, offered.Items, columns, o.In, o.Out)
}

// find runs the finder once. Besides those of Choose its errors are errCrashed and
// errUnable.
func find(ctx context.Context, offer func() (Offer, error), o Options) (string, error) {
	saved, err := term.Save(o.TTY)
	if err != nil {
		return "", errUnable
	}
	cmd := o.Command(ctx)
	env := cmd.Environ()
	if t := lookup(env, "TERM"); t == "" || t == "dumb" {
		return "", errUnable
	}
	var out bytes.Buffer
	cmd.Env = finderEnv(env)
	cmd.Stdout, cmd.Stderr = &out, nil
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil || cmd.Start() != nil {
		return "", errUnable
	}
	offered, err := offer()
	if err == nil && len(offered.Items) == 0 {
		err = ErrNothing
	}
	if err == nil { // else the child gets nothing, and leaves the screen alone
		_ = json.NewEncoder(in).Encode(offered) // in stays open: its end tells the child that we died
	} else {
		in.Close()
	}
	_ = cmd.Wait() // the answer says more than the status
	var a answer
	silent := json.Unmarshal(out.Bytes(), &a) != nil
	if err == nil && (silent || a.Error == "") {
		_, _ = io.WriteString(o.TTY, leave)
	}
	_ = saved.Restore()
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", err
	case silent && cmd.ProcessState.ExitCode() == panicked:
		return "", errCrashed
	case a.Cancelled:
		return "", ErrCancelled
	case silent || a.Error != "" || !slices.ContainsFunc(offered.Items, func(i Item) bool { return i.ID == a.ID }):
		return "", errUnable
	}
	return a.ID, nil
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
