//go:build unix

package term

import (
	"os"

	"golang.org/x/sys/unix"
)

// OpenTTY opens the terminal that the process belongs to, for reading what a person
// types, wherever standard input comes from. The error is a *NoTTYError.
func OpenTTY() (*os.File, error) { return open("/dev/tty") }

// OpenScreen opens the terminal that the process belongs to, for writing. The error is a
// *NoTTYError.
func OpenScreen() (*os.File, error) { return open("/dev/tty") }

// ReadFromTTY makes the terminal standard input, after what was piped in has been read.
// It does nothing if stdin is a terminal already. The error is a *NoTTYError.
func ReadFromTTY(stdin *os.File) error {
	if IsTerminal(stdin) {
		return nil
	}
	tty, err := OpenTTY()
	if err != nil {
		return err
	}
	defer tty.Close()
	if err := unix.Dup2(int(tty.Fd()), int(stdin.Fd())); err != nil {
		return &NoTTYError{Err: err}
	}
	return nil
}
