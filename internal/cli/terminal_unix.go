//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"

	"oax/internal/term"
)

// atTerminal makes the terminal standard input, once what was piped in is read.
func (env *Env) atTerminal() error {
	if term.IsTerminal(env.Stdin) {
		return nil
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return &report{what: "no terminal to go on at", hint: "leave out -i", code: exitUsage, kind: "usage"}
	}
	defer tty.Close()
	return unix.Dup2(int(tty.Fd()), int(env.Stdin.Fd()))
}
