//go:build unix

package session

import "syscall"

func setUmask(mask int) { syscall.Umask(mask) }

// limitFiles sets the size that no file of the process may pass.
func limitFiles(n uint64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	setLimit(&limit.Cur, n)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
}

// setLimit sets a limit, which is signed on FreeBSD.
func setLimit[number int64 | uint64](limit *number, n uint64) { *limit = number(n) }
