package disk

import (
	"io/fs"
	"syscall"
)

// ExactChanges is whether any change of a file changes the time that Identity returns.
const ExactChanges = true

// Identity returns the inode of a file or a directory and when it was changed, in
// nanoseconds since 1970.
func Identity(info fs.FileInfo) (inode uint64, changed int64) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, info.ModTime().UnixNano()
	}
	return stat.Ino, stat.Ctim.Nano()
}
