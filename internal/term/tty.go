package term

import (
	"os"

	"golang.org/x/term"
)

// IsTerminal reports whether f is a terminal. A nil f is none.
func IsTerminal(f *os.File) bool {
	is := false
	control(f, func(fd int) { is = term.IsTerminal(fd) })
	return is
}

// Size returns the columns and rows of the terminal f, each as 80x24 has it
// where the terminal does not say.
func Size(f *os.File) (columns, rows int) {
	control(f, func(fd int) { columns, rows, _ = term.GetSize(fd) })
	if columns < 1 {
		columns = 80
	}
	if rows < 1 {
		rows = 24
	}
	return columns, rows
}

// NoTTYError says that there is no terminal at which a person could type.
type NoTTYError struct {
	Piped bool  // there is one, but this system cannot change to it after piped input
	Err   error // the operating system's reason
}

func (e *NoTTYError) Error() string { return "no terminal: " + e.Err.Error() }

// Unwrap returns the operating system's error.
func (e *NoTTYError) Unwrap() error { return e.Err }

func open(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, &NoTTYError{Err: err}
	}
	return f, nil
}

// State is how a terminal was set up at one moment: echo, line editing, signals.
type State struct {
	f     *os.File
	modes modes
}

// Save returns the state of the terminal f. It fails if f is none.
func Save(f *os.File) (State, error) {
	s := State{f: f}
	err := os.ErrInvalid
	control(f, func(fd int) { s.modes, err = getModes(fd) })
	return s, err
}

// Restore sets the terminal up as it was when the state was saved.
func (s State) Restore() error {
	err := os.ErrInvalid
	control(s.f, func(fd int) { err = setModes(fd, s.modes) })
	return err
}

// control calls do with the descriptor of f, unless f is nil or closed. It
// leaves f's deadlines working, which f.Fd would not.
func control(f *os.File, do func(fd int)) error {
	c, err := f.SyscallConn()
	if err == nil {
		err = c.Control(func(fd uintptr) { do(int(fd)) })
	}
	return err
}
