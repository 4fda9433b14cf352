package term

import "golang.org/x/sys/unix"

const (
	getTermios, setTermios = unix.TCGETS, unix.TCSETS
	noKey                  = 0 // no key is the signal (_POSIX_VDISABLE)
)
