//go:build linux || darwin || freebsd

package cli

import (
	"os"
	"syscall"
)

// freeSpace returns the bytes that a user can still write below a directory.
func freeSpace(dir string) (bytes uint64, known bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return 0, false
	}
	return uint64(s.Bavail) * uint64(s.Bsize), true
}

// ownerOf returns who owns a file, and whether that is us.
func ownerOf(info os.FileInfo) (name string, ours bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) == os.Geteuid() {
		return "", true
	}
	return userName(stat.Uid), false
}
