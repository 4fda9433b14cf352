package term

import (
	"errors"
	"os"
)

// OpenTTY opens the console's input, for reading what a person types, wherever standard
// input comes from. The error is a *NoTTYError.
func OpenTTY() (*os.File, error) { return open("CONIN$") }

// OpenScreen opens the console's output. The error is a *NoTTYError.
func OpenScreen() (*os.File, error) { return open("CONOUT$") }

// ReadFromTTY fails with a *NoTTYError unless stdin is a terminal: the line editor
// keeps to the standard input that the process began with.
func ReadFromTTY(stdin *os.File) error {
	if IsTerminal(stdin) {
		return nil
	}
	return &NoTTYError{Piped: true, Err: errors.ErrUnsupported}
}
