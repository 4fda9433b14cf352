package turn

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
)

// A turn of a process that has much in memory already, as a long conversation with
// attachments, gets as much room as any other: with a memory limit below what is in use
// the garbage collector takes half of the processor.
func TestMemoryLimitIsAboveWhatIsInUse(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	large := make([]byte, 64<<20)
	boundMemory(nil)
	if limit := debug.SetMemoryLimit(-1); limit < int64(len(large)+turnMemory) {
		t.Errorf("%d MiB are in use, and the limit is %d MiB", len(large)>>20, limit>>20)
	}
	runtime.KeepAlive(large)
}
