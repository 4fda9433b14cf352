//go:build linux || darwin || freebsd

package doctor

import "syscall"

// freeSpace returns the bytes that a user can still write below a directory.
func freeSpace(dir string) (bytes uint64, known bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return 0, false
	}
	return uint64(s.Bavail) * uint64(s.Bsize), true
}
