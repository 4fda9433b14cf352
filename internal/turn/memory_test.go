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
	defer boundMemory(nil)()
	if limit := debug.SetMemoryLimit(-1); limit < int64(len(large)+turnMemory) {
		t.Errorf("%d MiB are in use, and the limit is %d MiB", len(large)>>20, limit>>20)
	}
	runtime.KeepAlive(large)
}

// Turns that run at once have room for each, and without a turn there is no limit: a server
// that goes on and grows would collect garbage all the time.
func TestMemoryLimitEndsWithTheTurns(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	limit := func() int64 { return debug.SetMemoryLimit(-1) }
	first := boundMemory(nil)
	one := limit()
	second := boundMemory(nil)
	if two := limit(); one == math.MaxInt64 || two < one+turnMemory {
		t.Errorf("%d for one turn, %d for two", one, two)
	}
	first()
	if limit() == math.MaxInt64 {
		t.Error("there is no limit while a turn runs")
	}
	second()
	if limit() != math.MaxInt64 {
		t.Errorf("%d remains", limit())
	}
}
