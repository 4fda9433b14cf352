//go:build !linux

package disk

import "io/fs"

// ExactChanges is whether any change of a file changes the time that Identity returns:
// here a program can set it.
const ExactChanges = false

// Identity returns the inode of a file or a directory, 0 where that is not known, and when
// it was changed, in nanoseconds since 1970.
func Identity(info fs.FileInfo) (inode uint64, changed int64) { return 0, info.ModTime().UnixNano() }
