//go:build !windows

package finder

import (
	"fmt"
	"os"

	"github.com/gdamore/tcell/v2"

	"oax/internal/term"
)

// The finder can draw again while it closes its screen, or after that. This would land on
// top of what the person had there before, or undo the closing. So the finder is told to
// leave the alternate screen alone: the child enters it, and the parent leaves it after
// the child has ended.
const (
	altScreen  = "TCELL_ALTSCREEN=disable"
	enter      = "\x1b[?1049h"
	wipeScreen = "\x1b[0m\x1b[H\x1b[2J" // for a terminal without an alternate screen

	// leaveScreen undoes all that the finder sets on a terminal: keyboard protocols,
	// colours, a hidden cursor, no wrapping, keypad mode, reports of mouse, focus and
	// paste.
	leaveScreen = "\x1b[?9001l\x1b[<u\x1b[>4;0m" +
		"\x1b[0m\x1b[?25h\x1b[?7h\x1b[?1l\x1b>" +
		"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l" +
		"\x1b[?1049l"

	needsTERM = true
)

// enterScreen opens the terminal and enters the alternate screen, if it is a terminal the
// finder can use.
func enterScreen() (*os.File, error) {
	if _, err := tcell.NewScreen(); err != nil {
		return nil, fmt.Errorf("this terminal: %w", err)
	}
	tty, err := term.OpenScreen()
	if err != nil {
		return nil, err
	}
	_, err = tty.WriteString(enter)
	return tty, err
}
