package cli

import (
	"runtime/debug"

	"oax/internal/chat"
)

const (
	// forTurn is what the program may take with a turn before the garbage collector stops
	// waiting for as much garbage again as there is in use, in bytes.
	forTurn = 32 << 20
	// longAnswer is where an answer and its line in the session are a good part of that.
	longAnswer = 1 << 20
)

// boundMemory is for a turn. What it asks may be long too, and is in the session and in
// the request.
func boundMemory(asked []chat.Message) {
	n := 0
	for _, m := range asked {
		n += len(m.Text) + len(m.Reasoning)
	}
	debug.SetMemoryLimit(int64(forTurn + 4*n))
}
