//go:build unix

package report

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// outputSignal returns the signal that a process dies of when nobody reads its output: a
// pipe without a reader, or else a terminal that was closed.
func outputSignal(err error) os.Signal {
	if errors.Is(err, syscall.EPIPE) {
		return syscall.SIGPIPE
	}
	return syscall.SIGHUP
}

// ownerID returns the number of the user that a file belongs to.
func ownerID(info fs.FileInfo) (int, bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(stat.Uid), true
}
