package report

import (
	"os"
	"strings"
	"sync"

	"oax/internal/term"
)

// maxLine is how long a line is, in characters: part of it may be a header of a megabyte.
const maxLine = 2000

// Writer writes to standard error. What it cannot write is lost: there is nowhere left
// to report it. Any number of goroutines may use it at once.
type Writer struct {
	to    *os.File
	quiet bool

	mu     sync.Mutex // of what follows, and of writing
	hinted bool       // there has been a hint
	erase  string     // what erases the line of a Spinner that is on the terminal
}

// NewWriter returns a Writer. A quiet one prints only what happened.
func NewWriter(to *os.File, quiet bool) *Writer { return &Writer{to: to, quiet: quiet} }

// Quiet reports whether notes and hints are left out.
func (w *Writer) Quiet() bool { return w.quiet }

// Line prints what happened, in one line of at most 2,000 characters.
func (w *Writer) Line(what string) { w.Error(&Error{What: what}) }

// Note prints a line, unless it is empty, that a quiet Writer leaves out.
func (w *Writer) Note(what string) {
	if !w.quiet && what != "" {
		w.Line(what)
	}
}

// Hint prints something to type. A Writer prints its first hint only: a second one would
// leave open which of them to follow.
func (w *Writer) Hint(hint string) { w.Error(&Error{Hint: hint}) }

// Error prints how a run ended. Its lines stay together.
func (w *Writer) Error(e *Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var b strings.Builder
	if e.NewLine && term.IsTerminal(w.to) {
		b.WriteString("\n")
	}
	line := func(before, text string) {
		if text != "" {
			b.WriteString(before + w.wrap(term.Line(cut(text, maxLine)), len(before)) + "\n")
		}
	}
	line("oax: ", e.What)
	if !w.quiet && !w.hinted {
		line("hint: ", e.Hint)
		w.hinted = e.Hint != ""
	}
	if !w.quiet {
		line("saved: ", e.Saved)
	}
	w.write(b.String())
}

// wrap breaks a text that begins in a column at words, so that it fits the terminal. What
// is written elsewhere is one line.
func (w *Writer) wrap(text string, column int) string {
	const minColumns = 10 // for less, the terminal wraps well enough
	if !term.IsTerminal(w.to) {
		return text
	}
	columns, _ := term.Size(w.to)
	if columns -= column; columns < minColumns {
		return text
	}
	return strings.Join(term.WrapWords(text, columns), "\n"+strings.Repeat(" ", column))
}

// write prints text in place of a Spinner's line. The caller holds mu.
func (w *Writer) write(text string) {
	text = w.erase + text
	w.erase = ""
	if text != "" {
		w.to.WriteString(text)
	}
}
