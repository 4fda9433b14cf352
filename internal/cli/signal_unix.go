//go:build unix

package cli

import (
	"errors"
	"os"
	"syscall"
)

// outputSignal returns the signal that a process dies of when its output is gone: a
// pipe without a reader, or else a terminal that was closed.
func outputSignal(err error) os.Signal {
	if errors.Is(err, syscall.EPIPE) {
		return syscall.SIGPIPE
	}
	return syscall.SIGHUP
}
