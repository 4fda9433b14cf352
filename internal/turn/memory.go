package turn

import (
	"runtime/debug"

	"oax/internal/chat"
)

// A turn takes at most 64 MiB, whatever the endpoint sends (openai.MaxAnswer bounds the
// answer itself). Left alone, the garbage collector lets the garbage grow to the size of
// what is in use, which is too much beside a long answer.
const (
	// turnMemory is what the program may use, in bytes, before it collects more often.
	turnMemory = 32 << 20
	// longAnswer is the size of an answer, in bytes, from which its copy in the session's
	// line is a good part of that.
	longAnswer = 1 << 20
)

// boundMemory sets how much the program may use during a turn. What is sent may be long
// too, and is in memory a few times: as messages, as the request and in the session.
func boundMemory(request []chat.Message) {
	n := 0
	for _, m := range request {
		n += len(m.Text) + len(m.Reasoning)
	}
	debug.SetMemoryLimit(int64(turnMemory + 4*n))
}

// freeMemory makes room for the line that a long answer becomes in the session.
func freeMemory(answer int) {
	if answer > longAnswer {
		debug.FreeOSMemory()
	}
}
