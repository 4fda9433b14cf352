// Package finder lets a person choose one of many lines with a fuzzy finder.
//
// The library that draws it panics on some keys, in one case in a goroutine where nobody
// can recover it, and then leaves the terminal raw. So it never runs in the process that
// wants to know: Choose starts the program a second time, and that child calls Child.
//
// Choose promises that the terminal is afterwards as it was before, however the child
// ended, and that a person can still choose: where the finder crashed or the terminal
// cannot show it, the newest lines are numbered and a number is read.
package finder

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
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

// Item is something to choose. The Label is what is shown and searched: one line of
// visible text, best at most 80 columns wide.
type Item struct {
	ID    string
	Label string
}

// Offer is what there is to choose from, and how the finder begins. The items come newest
// first; the newest is selected at first.
type Offer struct {
	Items []Item
	// Sought is the words that the items were found by, or empty. They are shown in the
	// prompt line, and marked and in view in the previews.
	Sought string
	// Query is what seems to be typed already. It is ignored unless it is ASCII.
	Query string
}

// Options say how Choose reaches the person.
type Options struct {
	// Command returns a command that runs this program again so that it calls Child with
	// its standard streams. Choose sets the streams and adjusts the environment.
	Command func(context.Context) *exec.Cmd
	// TTY is the terminal; nil if there is none.
	TTY *os.File
	// In and Out carry the numbered list where the finder cannot run. No more than a line
	// at a time is read from In. In is nil if nobody can be asked.
	In  *os.File
	Out io.Writer
}

// answer is what the child writes, unless it crashes or is killed.
type answer struct {
	ID        string
	Cancelled bool
	Error     string // if set, the screen was not touched
}

var (
	errCrashed = errors.New("the finder crashed")
	errUnable  = errors.New("the finder cannot run here")
)

const (
	maxStarts = 3  // how often the finder is started if it crashes
	exitPanic = 2  // the exit code of a Go program that panicked
	maxListed = 20 // how many items the numbered list has
)

// Choose returns the ID of the item that the person chooses. offer is called one time,
// while the child starts. The error is ErrCancelled, ErrNothing, ErrNoTerminal, that of
// offer, the cause of ctx, or that of writing to Out or reading from In.
func Choose(ctx context.Context, offer func() (Offer, error), o Options) (string, error) {
	offer = sync.OnceValues(offer)
	id, err := "", errCrashed
	for try := 0; try < maxStarts && errors.Is(err, errCrashed); try++ {
		id, err = run(ctx, offer, o)
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
	return list(ctx, offered.Items, o)
}

// run runs the finder one time. Besides those of Choose its errors are errCrashed and
// errUnable.
func run(ctx context.Context, offer func() (Offer, error), o Options) (string, error) {
	saved, err := term.Save(o.TTY)
	if err != nil {
		return "", errUnable
	}
	cmd := o.Command(ctx)
	environ, ok := finderEnviron(cmd.Environ())
	if !ok {
		return "", errUnable
	}
	var out bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = environ, &out, nil
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil || cmd.Start() != nil {
		return "", errUnable
	}
	offered, err := offer()
	if err == nil && len(offered.Items) == 0 {
		err = ErrNothing
	}
	if err == nil {
		_ = json.NewEncoder(in).Encode(offered) // in stays open: its end tells the child that we died
	} else {
		in.Close() // without an offer the child does not touch the screen
	}
	end := suspends(o.TTY, saved, cmd.Process)
	_ = cmd.Wait() // the answer says more than the status
	end()
	var a answer
	silent := json.Unmarshal(out.Bytes(), &a) != nil
	if err == nil && (silent || a.Error == "") {
		_, _ = io.WriteString(o.TTY, leaveScreen)
	}
	_ = saved.Restore()
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", err
	case silent && cmd.ProcessState.ExitCode() == exitPanic:
		return "", errCrashed
	case a.Cancelled:
		return "", ErrCancelled
	case silent || a.Error != "" || !slices.ContainsFunc(offered.Items, func(i Item) bool { return i.ID == a.ID }):
		return "", errUnable
	}
	return a.ID, nil
}

// finderEnviron returns the environment of the child, without what makes the finder
// misbehave: DEBUG makes it print over its own screen, LINES and COLUMNS override the
// size of the terminal, and a locale that is not UTF-8 or is East Asian gives it other
// characters and widths than ours. Any terminal that calls itself xterm-something is
// driven as xterm-256color, described on this machine or not. The alternate screen is
// ours to enter and leave. ok is false if the terminal cannot move its cursor.
func finderEnviron(environ []string) (_ []string, ok bool) {
	name := ""
	environ = slices.DeleteFunc(slices.Clone(environ), func(e string) bool {
		variable, value, _ := strings.Cut(e, "=")
		if variable == "TERM" {
			name = value // the last setting counts
		}
		return slices.Contains([]string{"DEBUG", "LINES", "COLUMNS", "TERM"}, variable)
	})
	if strings.HasPrefix(name, "xterm-") {
		name = "xterm-256color"
	}
	environ = append(environ, "LC_ALL=C.UTF-8", "RUNEWIDTH_EASTASIAN=0", altScreen)
	if name != "" {
		environ = append(environ, "TERM="+name)
	}
	return environ, !needsTERM || name != "" && name != "dumb"
}

// list numbers the first items on Out, each cut to the width of the terminal, and returns
// the ID of the one whose number is typed.
func list(ctx context.Context, items []Item, o Options) (string, error) {
	columns, _ := term.Size(o.TTY)
	n := min(len(items), maxListed)
	var b strings.Builder
	for i, item := range items[:n] {
		fmt.Fprintf(&b, "%2d  %s\n", i+1, term.Cut(cells(item.Label), columns-4))
	}
	if n < len(items) {
		fmt.Fprintf(&b, "    (the newest %d of %d)\n", n, len(items))
	}
	for {
		fmt.Fprintf(&b, "number, 1 to %d: ", n)
		if _, err := io.WriteString(o.Out, b.String()); err != nil {
			return "", err
		}
		b.Reset()
		line, err := term.ReadLine(ctx, o.In)
		line = strings.TrimSpace(line)
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return "", err
		case line == "":
			return "", ErrCancelled
		}
		if i, err := strconv.Atoi(line); err == nil && 1 <= i && i <= n {
			return items[i-1].ID, nil
		}
	}
}
