package picker

import "os"

// A console is put back by the system when the child is gone.
const (
	altScreen = "TCELL_ALTSCREEN="
	wipe      = ""
	leave     = ""
)

// enterScreen opens the console.
func enterScreen() (*os.File, error) { return os.OpenFile("CONOUT$", os.O_RDWR, 0) }
