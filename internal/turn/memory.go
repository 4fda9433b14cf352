package turn

import (
	"runtime/debug"
	"runtime/metrics"
	"sync"

	"oax/internal/chat"
)

// A turn takes at most 64 MiB, whatever the endpoint sends (openai.MaxAnswer bounds the
// answer itself). Left alone, the garbage collector lets the garbage grow to the size of
// what is in use, which is too much beside a long answer.
const (
	// turnMemory is what a turn may use, in bytes, before the program collects more often.
	// The first one of a process finds 6 MiB in use.
	turnMemory = 26 << 20
	// longAnswer is the size of an answer, in bytes, from which its copy in the session's
	// line is a good part of that.
	longAnswer = 1 << 20
)

// memory is the limit of this process while turns run.
var memory struct {
	sync.Mutex
	turns  int   // how many run
	limit  int   // for all of them, in bytes
	before int64 // the limit before the first of them
}

// boundMemory sets how much the program may use during a turn, on top of what it uses
// already and of what other turns may use: with a limit below that the garbage collector
// would run all the time. What is sent may be long too, and is copied into the request and
// the session. The function that it returns ends this; without turns the limit is what it
// was before.
func boundMemory(request []chat.Message) (end func()) {
	room := turnMemory
	for _, m := range request {
		room += 3 * (len(m.Text) + len(m.Reasoning))
	}
	memory.Lock()
	defer memory.Unlock()
	if memory.turns == 0 {
		memory.limit, memory.before = 0, debug.SetMemoryLimit(-1)
	}
	memory.turns++
	memory.limit = max(memory.limit, memoryInUse()) + room
	debug.SetMemoryLimit(int64(memory.limit))
	return func() {
		memory.Lock()
		defer memory.Unlock()
		memory.turns--
		memory.limit -= room
		if memory.turns == 0 {
			debug.SetMemoryLimit(memory.before)
		} else {
			debug.SetMemoryLimit(int64(memory.limit))
		}
	}
}

// memoryInUse is what counts towards the memory limit, in bytes. runtime.ReadMemStats would
// tell it too, but takes a tenth of the time to the first byte of an answer.
func memoryInUse() int {
	used := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(used)
	return int(used[0].Value.Uint64() - used[1].Value.Uint64())
}

// freeMemory makes room for the line that a long answer becomes in the session.
func freeMemory(answer int) {
	if answer > longAnswer {
		debug.FreeOSMemory()
	}
}
