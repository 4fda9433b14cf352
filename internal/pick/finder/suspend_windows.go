package finder

import (
	"os"

	"oax/internal/term"
)

// suspends does nothing: nothing suspends a process here.
func suspends(*os.File, term.State, *os.Process) (end func()) { return func() {} }
