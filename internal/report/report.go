// Package report turns errors into words and exit codes, and writes standard error.
//
// Standard error carries "oax: what happened", then at most one "hint:" with something
// to type, then "saved:" when there is something to say about the disk. The other
// packages return errors of their own types, which hold facts; Of has the words for
// each of them. A package that finds a mistake of the person's own calls a constructor
// (Usage, Config, Input, ...) where the mistake is first known.
package report

import (
	"fmt"
	"os"
	"strings"
	"unicode"

	"oax/internal/chat"
	"oax/internal/term"
)

// The exit codes. Those of signals are made by the signal itself.
const (
	ExitFailure    = 1 // nothing found, or any other failure
	ExitUsage      = 2 // usage or configuration; nothing was sent
	ExitIncomplete = 3 // the answer is incomplete; what came is saved
	ExitKey        = 4 // key, permission or credit
	ExitBusy       = 5 // the service is busy or failing
	ExitNetwork    = 6 // the network failed before an answer began
	ExitDisk       = 7 // could not save, or could not write standard output
	ExitRefused    = 8 // the service refused this request
	exitCancelled  = 130
)

// Error is how a run ends when it does not end well: what a person is told, and what a
// script can see.
type Error struct {
	What  string // follows "oax: "; empty prints nothing
	Hint  string // something to type
	Saved string // what there is to say about the disk
	Code  int    // the exit code
	Kind  string // for --json and the error record of a session
	// Signal is the signal that the process dies of, or nil.
	Signal os.Signal
	// Cause is the error that this one explains, if there is one.
	Cause error
	// NewLine asks for a line break first, where the terminal may have echoed ^C.
	NewLine bool
}

func (e *Error) Error() string { return e.What }

func (e *Error) Unwrap() error { return e.Cause }

// Usage reports a command line that cannot be carried out.
func Usage(what, hint string) *Error {
	return &Error{What: what, Hint: hint, Code: ExitUsage, Kind: "usage"}
}

// Config reports a configuration that cannot be used.
func Config(what, hint string) *Error {
	return &Error{What: what, Hint: hint, Code: ExitUsage, Kind: "config"}
}

// Input reports text or a file that cannot be sent.
func Input(what, hint string) *Error {
	return &Error{What: what, Hint: hint, Code: ExitUsage, Kind: "input"}
}

// Nothing reports that nothing was found.
func Nothing(what, hint string) *Error {
	return &Error{What: what, Hint: hint, Code: ExitFailure, Kind: "nothing"}
}

// Disk reports a file that cannot be read or written.
func Disk(what, hint string) *Error {
	return &Error{What: what, Hint: hint, Code: ExitDisk, Kind: "disk"}
}

// Failed reports any other failure.
func Failed(kind, what, hint string) *Error {
	return &Error{What: what, Hint: hint, Code: ExitFailure, Kind: kind}
}

// New reports a failure that has a kind and an exit code of its own.
func New(code int, kind, what, hint string) *Error {
	return &Error{What: what, Hint: hint, Code: code, Kind: kind}
}

// Silent ends a run about which everything has been printed already.
func Silent(code int, kind string) *Error { return &Error{Code: code, Kind: kind} }

// Cancelled ends a run in which the person chose nothing.
func Cancelled() *Error { return Silent(exitCancelled, "cancelled") }

// Count returns a number and what it counts: 1 turn, 2 turns.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// HiddenRemoved returns what to tell of invisible characters that were left out of code, so
// that what runs is what was read.
func HiddenRemoved(n int) string { return Count(n, "hidden character") + " removed; --raw keeps them" }

// Parts returns what to tell of the parts of an answer, which are not shown.
func Parts(parts []chat.Part) string {
	images := 0
	var what []string
	for _, p := range parts {
		switch {
		case p.Type == chat.Audio: // there is one at most
			what = append(what, "audio")
		case strings.HasPrefix(p.Type, "image"):
			images++
		}
	}
	if images > 0 {
		what = append(what, Count(images, "image"))
	}
	if len(what) == 0 {
		what = append(what, "more than text")
	}
	return "the answer has " + strings.Join(what, " and ") + ": oax cat --last --json shows what is kept of it"
}

// Hidden returns what to tell of the characters that a person has not seen of a text, or
// has not seen as they were meant.
func Hidden(h term.Hidden) []string {
	var notes []string
	if h.Turning > 0 {
		notes = append(notes, Count(h.Turning, "hidden control")+" shown")
	}
	if h.Removed > 0 {
		notes = append(notes, Count(h.Removed, "hidden character")+" removed; --raw shows them")
	}
	return notes
}

// Quote returns a word as it is typed at a POSIX shell (XCU 2.2.2), in quotes only where
// it needs them.
func Quote(word string) string {
	special := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("@%+=:,./_-", r)
	}
	if word != "" && !strings.ContainsFunc(word, special) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
