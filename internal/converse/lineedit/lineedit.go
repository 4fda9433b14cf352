// Package lineedit reads what a person types at a terminal: one message, of one line or
// many. A paste is one message however many lines it has; Alt-Enter, or a backslash
// at the end of a line, begins a new line; Enter ends the message.
//
// It promises three things. What is read is what was typed, in any script: the cursor
// moves by what a person sees as characters (grapheme clusters), and each edit changes
// whole ones. No text makes the terminal do anything, wherever it comes from, a stored
// message, a draft or a paste: control characters are shown, and are part of what is read.
// And nothing that is typed is lost or shown elsewhere, from New to Close: what is typed
// while an answer arrives is not echoed, and is in the next message, unsent.
//
// The bytes of the terminal become keys (key.go), each of which has a command (command.go)
// that changes the text (buffer.go). How the text looks (layout.go) is compared with what is
// on the screen (screen.go). None of this needs a terminal, and the tests use none.
//
// No library that was tried does this. github.com/reeflective/readline v1.3.0 counts in
// columns where it inserts text, which scrambles Japanese, Korean and emoji. The text area
// of charm.land/bubbles/v2 v2.2.1 edits code points, so that Backspace takes an emoji of
// several code points apart; it has no history, kill ring or undo, and Bubble Tea reads its
// keys. The keys are those of Emacs and readline; there is no vi mode, and the person's
// inputrc is not read.
package lineedit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"oax/internal/term"
)

// What ends a message besides Enter.
var (
	ErrInterrupted = errors.New("interrupted")          // the person pressed Ctrl-C
	ErrHangup      = errors.New("the terminal hung up") // nobody can type any more
)

// Options configure an Editor. In, Out and Prompt must be set.
type Options struct {
	In      *os.File // a terminal
	Out     *os.File // the same terminal
	Prompt  string   // of at least one column
	Color   bool     // of the prompt
	Focus   bool     // the terminal reports the focus if it is asked to
	History []string // earlier messages, oldest first
	// Complete returns the texts that can follow before[:from].
	Complete func(before string) (from int, all []Candidate)
	// Edit lets the person edit the text elsewhere, on Ctrl-X Ctrl-E. With an error
	// the text stays.
	Edit func(text string) (string, error)
}

// mark returns the prompt as it is drawn.
func (o Options) mark() string {
	if !o.Color {
		return o.Prompt
	}
	return "\x1b[1;36m" + o.Prompt + "\x1b[0m"
}

// Candidate is a text that could follow, and what it is.
type Candidate struct{ Value, About string }

// Editor reads messages. One goroutine at a time may use it.
type Editor struct {
	o Options
	buffer
	decoder
	screen
	history
	search   search
	menu     menu
	note     string // below the text, until the next key
	top      int    // offset of the first row in view
	goal     int    // the column that Up and Down try to stay in
	prefix   string // of the next key: ctrl-x, escape, or verbatim if it is text
	commands map[string]func()
	size     func() (columns, rows int)
	this     string // the command that runs
	last     string // the one before

	ended    error // how the message ended, if it did
	sending  bool  // Enter sends, and what needs the screen may run
	blurred  bool  // the window is known to lack the focus
	terminal term.State
	keys     *keyboard // nil: the terminal is somebody else's
}

// errSent is how a message ends that is to be sent.
var errSent = errors.New("sent")

// New returns an editor for a terminal that can move its cursor. The error is that of
// asking the terminal for its state.
func New(o Options) (*Editor, error) {
	e := newEditor(o, o.Out, func() (columns, rows int) { return term.Size(o.Out) })
	var err error
	e.terminal, err = term.Save(o.In)
	return e, err
}

func newEditor(o Options, out io.Writer, size func() (columns, rows int)) *Editor {
	e := &Editor{o: o, size: size, screen: screen{out: out}}
	e.history.entries = slices.Clone(o.History)
	e.commands = e.bindings()
	return e
}

// Read returns the next message. The person edits it, beginning with start and what was
// typed before. The error is ErrInterrupted, ErrHangup, io.EOF after Ctrl-D, or the cause
// of ctx, and the text is then what was typed until it happened. After Read the terminal
// echoes nothing, until Close.
func (e *Editor) Read(ctx context.Context, start string) (string, error) {
	defer func() {
		if e.ended == nil { // a panic
			e.Close()
		}
	}()
	e.begin(start)
	err := e.run(ctx)
	text := e.text
	e.at = len(text)
	e.menu, e.search, e.note = menu{}, search{}, ""
	e.draw()
	e.screen.end()
	if err == nil || err == ErrInterrupted {
		e.remember(text)
	}
	e.sending = false
	e.buffer.set("")
	_ = e.terminal.Quiet()
	return text, err
}

// begin begins a message with a text, and with what has been typed meanwhile.
func (e *Editor) begin(start string) {
	e.stopCollecting()
	typed, at := strings.TrimRight(e.text, "\n"), e.at
	switch {
	case start != "" && typed != "":
		e.buffer.set(start + "\n" + typed)
	case start != "":
		e.buffer.set(start)
	default:
		e.buffer.text, e.at = typed, min(at, len(typed))
	}
	e.history.newest()
	e.ended, e.sending, e.top = nil, true, 0
}

// run takes keys until the message has ended.
func (e *Editor) run(ctx context.Context) error {
	e.engage()
	_ = e.terminal.Raw()
	for {
		e.handleKeys(false)
		if e.ended != nil {
			break
		}
		e.draw()
		if err := e.await(ctx); err != nil {
			e.ended = err
			break
		}
	}
	if e.ended == errSent {
		return nil
	}
	return e.ended
}

// await waits for keys, and for whatever else makes a difference.
func (e *Editor) await(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-e.keys.more:
		typed, err := e.keys.take()
		e.decoder.add(typed)
		if err != nil {
			return ErrHangup
		}
	case s := <-e.keys.signals:
		e.signal(s)
	case <-e.pause():
		e.handleKeys(true)
	}
	return nil
}

// pause returns a channel that sends once it is clear what the pending bytes are.
func (e *Editor) pause() <-chan time.Time {
	if d := e.decoder.undecided(); d > 0 {
		return time.After(d)
	}
	return nil
}

// handleKeys runs the commands of the keys that have come, until the message ends.
func (e *Editor) handleKeys(paused bool) {
	for e.ended == nil {
		k, ok := e.decoder.next(paused)
		if !ok {
			return
		}
		e.press(k)
	}
}

// draw brings the screen up to date.
func (e *Editor) draw() {
	columns, rows := e.size()
	e.screen.show(e.view(columns, rows), columns)
}

// engage takes the terminal, if it is not taken.
func (e *Editor) engage() {
	if e.keys == nil {
		e.keys = newKeyboard(e.o.In)
		e.setModes()
	}
}

// The terminal marks pastes.
const (
	pasteMode   = "\x1b[?2004h"
	noPasteMode = "\x1b[?2004l"
)

// setModes makes the terminal send what the editor understands.
func (e *Editor) setModes() {
	modes := pasteMode
	if e.o.Focus {
		modes += term.FocusReports
	}
	io.WriteString(e.o.Out, modes)
}

// Focused reports whether the window is known to have the focus. It ends what Collect
// began: all that has been typed is collected.
func (e *Editor) Focused() bool {
	e.stopCollecting()
	return e.o.Focus && !e.blurred
}

// Lend gives the terminal back, as it was, for as long as do runs: another program may
// read from it.
func (e *Editor) Lend(do func()) {
	collecting := e.keys != nil && e.keys.stop != nil
	e.Close()
	defer func() {
		if collecting {
			e.Collect()
		}
	}()
	do()
}

// release stops reading. What has been typed is kept.
func (e *Editor) release() {
	e.keys.close()
	typed, _ := e.keys.take()
	e.decoder.add(typed)
	e.keys = nil
}

// Close gives the terminal back, as it was. The editor may be used again.
func (e *Editor) Close() {
	if e.keys == nil {
		return
	}
	e.stopCollecting()
	if e.keys != nil {
		e.release()
	}
	e.Restore()
}

// Restore sets the terminal up as it was. It may be called at any time, for a process that
// is about to die.
func (e *Editor) Restore() {
	modes := noPasteMode
	if e.o.Focus {
		modes += term.NoFocusReports
	}
	io.WriteString(e.o.Out, modes)
	_ = e.terminal.Restore()
}

func (e *Editor) editElsewhere() {
	if e.o.Edit == nil || !e.sending {
		return
	}
	text, err := "", error(nil)
	e.screen.end()
	e.Lend(func() { text, err = e.o.Edit(e.text) })
	e.engage()
	_ = e.terminal.Raw()
	if err != nil {
		e.note = term.Line(fmt.Sprint(err))
		return
	}
	e.replace(0, len(e.text), text)
}
