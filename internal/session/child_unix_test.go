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
	limit.Cur = n
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
}
