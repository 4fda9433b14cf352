package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"unicode"

	"oax/internal/session"
)

// cannot words an error of changing a session: in its own words, if it has some, else
// as what could not be done and the system's reason.
func cannot(do string, err error) error {
	if busy, ok := errors.AsType[*session.BusyError](err); ok {
		what := fmt.Sprintf("session %s is open in another oax", busy.ID)
		if busy.PID > 0 {
			what += fmt.Sprintf(" (PID %d)", busy.PID)
		}
		return &report{what: what, hint: "try again when it is done", kind: "busy", code: exitNothing}
	}
	if newer, ok := errors.AsType[*session.NewerError](err); ok {
		return newer
	}
	for _, own := range []any{new(*session.NotFoundError), new(*session.FileError), new(*report)} {
		if errors.As(err, own) {
			return err
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return &report{what: "cannot " + do + ": there is one already", kind: "disk", code: exitDisk}
	}
	r := &report{what: "cannot " + do + ": " + plainError(err), kind: "disk", code: exitDisk}
	if errors.Is(err, syscall.ENOSPC) {
		r.hint = "oax rm --purge removes for good, which needs none"
	}
	return r
}

// mistyped adds to the error of finding a session how to ask the words, where those
// were rather a prompt that begins like a command. An ID nearly always has a digit.
func mistyped(err error, command string, words []string) error {
	r := *explain(err)
	unfound, _ := errors.AsType[*session.NotFoundError](err)
	badID, _ := errors.AsType[*session.BadIDError](err)
	if len(words) < 2 || unfound == nil && badID == nil || unfound != nil && strings.ContainsAny(unfound.Ref, "0123456789@") {
		return &r
	}
	hint := "to ask it: oax -- " + command
	for _, word := range words {
		hint += " " + shellQuote(word)
	}
	const long = 200
	if len(hint) <= long {
		r.hint = hint
	}
	return &r
}

// shellQuote returns a word as it is typed at a shell.
func shellQuote(word string) string {
	special := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("@%+=:,./_-", r)
	}
	if word != "" && !strings.ContainsFunc(word, special) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
