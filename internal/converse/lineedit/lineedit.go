// Package lineedit reads what a person types at a terminal: one message, of one line or
// many. A paste is one message however many lines it has; Alt-Enter, or a backslash
// at the end of a line, begins a new line; Enter ends the message.
//
// No text makes the terminal do anything, wherever it comes from: a stored message, a
// draft, a paste. Control characters are shown, and are part of what is read.
//
// The line editor it uses is github.com/reeflective/readline, which reads the
// process's own standard input and writes its standard output.
package lineedit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
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
	ErrHangup      = errors.New("the terminal hung up") // nobody can type any more
)

// Options configure an Editor. All but In are optional.
type Options struct {
	In      *os.File // the process's standard input, a terminal
	Prompt  string
	History []string // earlier messages, oldest first
	// Complete returns the words that the text before the cursor can end with.
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
	hidden  *placeholders
}

// New returns an editor for a terminal that can move its cursor. It reads the person's
// inputrc file.
func New(o Options) *Editor {
	e := &Editor{in: o.In, shell: readline.NewShell(), history: readline.NewInMemoryHistory(), hidden: newPlaceholders()}
	s := e.shell
	s.Config.Set("enable-bracketed-paste", true)
	// Off, or a character that comes in two reads is lost.
	s.Config.Set("convert-meta", false)
	// Asking the terminal where the cursor is loses what is typed meanwhile, and
	// waits for ever where nothing answers. Without it the editor needs two free rows
	// below the text, or it draws over it at the bottom of the window.
	s.Config.Set("cursor-position-probe", false)
	s.SyntaxHighlighter = func(buffer []rune) string { return e.hidden.draw(buffer) + freeRows }
	s.PasteTransformer = e.hidden.hide
	s.Prompt.Primary(func() string { return o.Prompt })
	s.Prompt.Secondary(func() string { return strings.Repeat(" ", term.Width(o.Prompt)) })
	s.AcceptMultiline = accept
	for _, message := range o.History {
		e.history.Write(e.hidden.hide(message))
	}
	s.History.Delete()
	s.History.Add("messages", e.history)
	e.bind("oax-new-line", `\e\C-m`, func() { s.Cursor().InsertAt('\n') })
	e.bind("oax-new-line", "\u008d", func() { s.Cursor().InsertAt('\n') }) // the same key, by the name the default bindings give it
	e.bind("oax-start", startKeys, func() { s.Cursor().InsertAt(e.start...) })
	if o.Edit != nil {
		e.editBy(o.Edit)
	}
	if o.Complete != nil {
		s.Config.Set("menu-complete-display-prefix", true)
		e.bind("menu-complete", `\C-i`, nil)
		s.Completer = func(buffer []rune, cursor int) readline.Completions {
			return completions(o.Complete(e.hidden.restore(string(buffer[:cursor]))))
		}
	}
	e.replaceInserting()
	e.hideAfterCommands()
	return e
}

// accept reports whether a message ends here: Enter behind a backslash begins a new
// line. The backslash stays on the screen, but is no part of the text any more.
func accept(buffer []rune) bool {
	last := len(buffer) - 1
	if last < 0 || buffer[last] != '\\' && buffer[last] != continued {
		return true
	}
	buffer[last] = continued
	return false
}

// replaceInserting replaces the two commands by which a key inserts itself: those of the
// library insert é as ^[i.
func (e *Editor) replaceInserting() {
	insert := func(key rune) {
		e.shell.History.SkipSave() // typing is undone by words
		e.shell.Cursor().InsertAt([]rune(e.hidden.hide(string(key)))...)
	}
	e.shell.Keymap.Register(map[string]func(){
		"self-insert": func() { insert(e.shell.Keys.Caller()[0]) },
		"quoted-insert": func() {
			key, _ := e.shell.Keys.ReadKey()
			insert(key)
		},
	})
}

// hideAfterCommands makes every command of the editor leave only characters in the
// buffer that may be drawn.
func (e *Editor) hideAfterCommands() {
	commands := maps.Clone(e.shell.Keymap.Commands())
	for name, run := range commands {
		commands[name] = func() {
			run()
			e.hidden.complete(*e.shell.Line())
		}
	}
	e.shell.Keymap.Register(commands)
}

// freeRows scrolls the window so that there are two rows below the cursor, which
// stays where it is: IND twice, then CUU (ECMA-48, 5th edition 1991 and 4th 1986).
const freeRows = "\x1bD\x1bD\x1b[2A"

// startKeys is a key that no keyboard has.
const startKeys = `\e[9999~`

// Read returns the next message. The person edits it, beginning with start. The error
// is ErrInterrupted, ErrHangup, io.EOF after Ctrl-D, or the cause of ctx, and the text
// is then what was typed until it happened. Read restores the state of the terminal in
// any case.
func (e *Editor) Read(ctx context.Context, start string) (string, error) {
	if e.start = []rune(e.hidden.hide(start)); start != "" {
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
			return e.hidden.restore(r.text), nil
		}
		if p, ok := r.err.(*Panic); ok {
			before.Restore()
			panic(p)
		}
		if r.err == readline.ErrInterrupt {
			e.history.Write(r.text)
			return e.hidden.restore(r.text), ErrInterrupted
		}
		if e.shell.Keys.IsEOF() || e.shell.Keys.ReadError() != nil {
			return e.typed(), ErrHangup
		}
		return "", io.EOF
	case <-ctx.Done():
		before.Restore()
		return e.typed(), context.Cause(ctx)
	}
}

// typed returns the text in the buffer.
func (e *Editor) typed() string { return e.hidden.restore(string(*e.shell.Line())) }

// Panic is what Read panics with when the line editor does, once the terminal is as
// it was.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprint(p.Value) }

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

// editBy has the text edited elsewhere, on Ctrl-X Ctrl-E and by every command of the
// library that would start an editor of its own.
func (e *Editor) editBy(edit func(string) (string, error)) {
	run := func() {
		text, err := edit(e.typed())
		if err != nil {
			e.shell.Hint.SetTemporary(term.Line(err.Error()))
			return
		}
		buffer := []rune(e.hidden.hide(text))
		e.shell.Line().Set(buffer...)
		e.shell.Cursor().Set(len(buffer))
	}
	e.bind("oax-edit", `\C-x\C-e`, run)
	for _, name := range []string{"edit-command-line", "edit-and-execute-command", "vi-edit-command-line", "vi-edit-and-execute-command"} {
		e.shell.Keymap.Register(map[string]func(){name: run})
	}
}

func completions(candidates []Candidate) readline.Completions {
	var all []readline.Completion
	for _, c := range candidates {
		all = append(all, readline.Completion{Value: c.Value, Display: c.Value, Description: c.About})
	}
	return readline.CompleteRaw(all).NoSort()
}
