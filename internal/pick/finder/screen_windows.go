package finder

import (
	"os"

	"oax/internal/term"
)

// The system restores a console when the child has ended, and no variable names its kind.
const (
	altScreen   = "TCELL_ALTSCREEN="
	wipeScreen  = ""
	leaveScreen = ""
	needsTERM   = false
)

// enterScreen opens the console.
func enterScreen() (*os.File, error) { return term.OpenScreen() }
