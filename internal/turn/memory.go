package turn

import (
	"runtime/debug"
	"runtime/metrics"

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

// boundMemory sets how much the program may use during a turn, on top of what it uses
// already: with a limit below that the garbage collector would run all the time. What is
// sent may be long too, and is copied into the request and the session.
func boundMemory(request []chat.Message) {
	n := 0
	for _, m := range request {
		n += len(m.Text) + len(m.Reasoning)
	}
	debug.SetMemoryLimit(int64(memoryInUse() + turnMemory + 3*n))
}

// memoryInUse is what counts towards the memory limit, in bytes.
func memoryInUse() int {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return int(samples[0].Value.Uint64() - samples[1].Value.Uint64())
}

// freeMemory makes room for the line that a long answer becomes in the session.
func freeMemory(answer int) {
	if answer > longAnswer {
		debug.FreeOSMemory()
	}
}
