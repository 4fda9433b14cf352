//go:build unix && !linux

package term

import "golang.org/x/sys/unix"

const (
	getTermios, setTermios = unix.TIOCGETA, unix.TIOCSETA
	noKey                  = 0xff // no key is the signal (_POSIX_VDISABLE)
)
