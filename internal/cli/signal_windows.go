package cli

import "os"

// outputSignal returns nil: there are no signals to die of.
func outputSignal(error) os.Signal { return nil }
