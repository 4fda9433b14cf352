// Package lineedit reads what a person types at a terminal: one message, of one line or
// many. A paste is one message however many lines it has; Alt-Enter, or a backslash
// at the end of a line, begins a new line; Enter ends the message.
//
// The line editor it uses is github.com/reeflective/readline, which reads the
// process's own standard input and writes its standard output.
package lineedit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/reeflective/readline"
	"github.com/reeflective/readline/inputrc"

	"oax/internal/term"
)

// What ends a message besides Enter.
var (
	ErrInterrupted = errors.New("interrupted")          // the person pressed Ctrl-C
	ErrGone        = errors.New("the terminal is gone") // nobody can type any more
)

// Options say how an Editor behaves. Any may be left out.
type Options struct {
	In      *os.File // the process's standard input, a terminal
	Prompt  string
	History []string // earlier messages, oldest first
	// Complete returns what the text before the cursor could go on with.
	Complete func(before string) []Candidate
	// Edit lets the person edit the text elsewhere, on Ctrl-X Ctrl-E. With an error
	// the text stays.
	Edit func(text string) (string, error)
}

// Candidate is a word the text could end with, and what it is.
type Candidate struct{ Value, About string }

// Editor reads messages. One goroutine at a time may use it.
type Editor struct {
	in      *os.File
	shell   *readline.Shell
	history readline.History
	start   []rune // what the next message begins with
}

// New returns an editor for a terminal with cursor keys. The person's inputrc file
// counts.
func New(o Options) *Editor {
	e := &Editor{in: o.In, shell: readline.NewShell(), history: readline.NewInMemoryHistory()}
	s := e.shell
	s.Config.Set("enable-bracketed-paste", true)
	// Off, or a character that comes in two reads is lost.
	s.Config.Set("convert-meta", false)
	// Asking the terminal where the cursor is loses what is typed meanwhile, and
	// waits for ever where nothing answers. Without it the editor needs two free rows
	// below the text, or it draws over it at the bottom of the window.
	s.Config.Set("cursor-position-probe", false)
	s.SyntaxHighlighter = func(text []rune) string { return string(text) + freeRows }
	s.Prompt.Primary(func() string { return o.Prompt })
	s.Prompt.Secondary(func() string { return strings.Repeat(" ", term.Width(o.Prompt)) })
	s.AcceptMultiline = func(text []rune) bool { return !strings.HasSuffix(string(text), `\`) }
	for _, message := range o.History {
		e.history.Write(message)
	}
	s.History.Delete()
	s.History.Add("messages", e.history)
	e.bind("oax-new-line", `\e\C-m`, func() { s.Cursor().InsertAt('\n') })
	e.bind("oax-new-line", "\u008d", func() { s.Cursor().InsertAt('\n') }) // the same key, by the name the default bindings give it
	e.bind("oax-start", startKeys, func() { s.Cursor().InsertAt(e.start...) })
	if o.Edit != nil {
		e.bind("oax-edit", `\C-x\C-e`, e.editWith(o.Edit))
	}
	if o.Complete != nil {
		s.Config.Set("menu-complete-display-prefix", true)
		e.bind("menu-complete", `\C-i`, nil)
		s.Completer = func(text []rune, cursor int) readline.Completions {
			return completions(o.Complete(string(text[:cursor])))
		}
	}
	return e
}

// freeRows scrolls the window so that there are two rows below the cursor, which
// stays where it is: IND twice, then CUU (ECMA-48, 5th edition 1991 and 4th 1986).
const freeRows = "\x1bD\x1bD\x1b[2A"

// startKeys is a key that no keyboard has.
const startKeys = `\e[9999~`

// Read returns the next message, which begins as start and is edited from there. The
// error is ErrInterrupted, ErrGone, io.EOF after Ctrl-D, or the cause of ctx; what was
// typed until then comes with it. The terminal is as it was
// in any case.
func (e *Editor) Read(ctx context.Context, start string) (string, error) {
	if e.start = []rune(start); start != "" {
		e.shell.Keys.Feed(true, []rune(inputrc.Unescape(startKeys))...)
	}
	type result struct {
		text string
		err  error
	}
	before, _ := term.Save(e.in)
	done := make(chan result, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- result{err: &Panic{p, debug.Stack()}}
			}
		}()
		text, err := e.shell.Readline()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		if r.err == nil {
			return joined(r.text), nil
		}
		if p, ok := r.err.(*Panic); ok {
			before.Restore()
			panic(p)
		}
		if r.err == readline.ErrInterrupt {
			e.history.Write(r.text)
			return r.text, ErrInterrupted
		}
		if e.shell.Keys.IsEOF() || e.shell.Keys.ReadError() != nil {
			return string(*e.shell.Line()), ErrGone
		}
		return "", io.EOF
	case <-ctx.Done():
		before.Restore()
		return string(*e.shell.Line()), context.Cause(ctx)
	}
}

// Panic is what Read panics with when the line editor does, once the terminal is as
// it was.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprint(p.Value) }

// joined drops the backslashes that only said that the line goes on.
func joined(text string) string { return strings.ReplaceAll(text, "\\\n", "\n") }

// bind makes a key run a command, a new one unless do is nil, in each of the keymaps
// in which one types.
func (e *Editor) bind(name, keys string, do func()) {
	if do != nil {
		e.shell.Keymap.Register(map[string]func(){name: do})
	}
	for _, keymap := range []string{"emacs", "emacs-standard", "vi-insert"} {
		e.shell.Config.Bind(keymap, inputrc.Unescape(keys), name, false)
	}
}

// editWith returns a command that has the text edited.
func (e *Editor) editWith(edit func(string) (string, error)) func() {
	return func() {
		text, err := edit(string(*e.shell.Line()))
		if err != nil {
			e.shell.Hint.SetTemporary(err.Error())
			return
		}
		e.shell.Line().Set([]rune(text)...)
		e.shell.Cursor().Set(len([]rune(text)))
	}
}

func completions(candidates []Candidate) readline.Completions {
	var all []readline.Completion
	for _, c := range candidates {
		all = append(all, readline.Completion{Value: c.Value, Display: c.Value, Description: c.About})
	}
	return readline.CompleteRaw(all).NoSort()
}
