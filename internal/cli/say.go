package cli

import (
	"os"

	"oax/internal/term"
)

// The exit codes. Those of signals are made by the signal itself.
const (
	exitNothing    = 1 // nothing found, or any other failure
	exitUsage      = 2 // usage or configuration; nothing was sent
	exitIncomplete = 3 // the answer is incomplete; what came is saved
	exitKey        = 4 // key, permission or credit
	exitBusy       = 5 // the service is busy or failing
	exitNetwork    = 6 // the network failed before an answer began
	exitDisk       = 7 // could not save, or could not write standard output
	exitRefused    = 8 // the service refuses this request
)

// report is how a command ends when it does not end well: what is said of it and
// what a script can tell.
type report struct {
	what  string // after "oax: "; empty says nothing
	hint  string // something to type
	saved string // what there is to say about the disk
	code  int
	kind  string // for --json and the error record
	// signal is what stopped the run, or nil.
	signal os.Signal
	// newLine is wanted where the terminal may have echoed ^C.
	newLine bool
}

func (r *report) Error() string { return r.what }

// sayer writes to standard error. What it cannot write is lost: there is nowhere
// left to say so.
type sayer struct {
	to     *os.File
	quiet  bool
	caught func() // is waited for: a pipe that nobody reads would end the process; or nil
}

// line says what happened, in one line of bounded length: part of it may be a header
// of a megabyte.
func (s sayer) line(what string) { s.write("oax: " + term.Line(cut(what, 2000))) }

// note is a line that --quiet leaves out.
func (s sayer) note(what string) {
	if !s.quiet {
		s.line(what)
	}
}

func (s sayer) hint(hint string) {
	if hint != "" && !s.quiet {
		s.write("hint: " + term.Line(hint))
	}
}

func (s sayer) report(r *report) {
	if r.newLine && term.IsTerminal(s.to) {
		s.to.WriteString("\n")
	}
	if r.what != "" {
		s.line(r.what)
	}
	s.hint(r.hint)
	if r.saved != "" && !s.quiet {
		s.write("saved: " + r.saved)
	}
}

func (s sayer) write(line string) {
	if s.caught != nil {
		s.caught()
	}
	s.to.WriteString(line + "\n")
}
