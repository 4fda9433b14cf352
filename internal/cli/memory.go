package cli

import (
	"runtime/debug"

	"oax/internal/chat"
)

const (
	// longAnswer is where an answer begins to cost memory that matters, in bytes.
	longAnswer = 1 << 20
	// forAnswer is what the program may take with a long one before the garbage collector
	// stops waiting for as much garbage again as there is in use, in bytes.
	forAnswer = 36 << 20
)

// boundMemory is for an answer that is long. What it answers may be long too, and is in
// the session and in the request.
func boundMemory(asked []chat.Message) {
	n := 0
	for _, m := range asked {
		n += len(m.Text) + len(m.Reasoning)
	}
	debug.SetMemoryLimit(int64(forAnswer + 4*n))
}
