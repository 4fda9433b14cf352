package cli

import (
	"runtime"
	"runtime/debug"
)

const (
	// longAnswer is where an answer begins to cost memory that matters, in bytes.
	longAnswer = 1 << 20
	// forAnswer is what a long one may take before the garbage collector stops waiting
	// for as much garbage again as there is in use, in bytes.
	forAnswer = 32 << 20
)

func boundMemory() {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	debug.SetMemoryLimit(int64(now.Sys-now.HeapReleased) + forAnswer)
}
