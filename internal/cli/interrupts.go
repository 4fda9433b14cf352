package cli

import (
	"context"
	"os"
	"sync"
)

// Interrupts says what Ctrl-C ends: the program, or in a conversation only the turn
// that is running.
type Interrupts struct {
	mu   sync.Mutex
	stop context.CancelCauseFunc // of the turn, until it is called
}

// Take ends the turn that is running. It returns false if there is none that this
// signal has to end: then the signal is the program's.
func (i *Interrupts) Take(s os.Signal) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if s != os.Interrupt || i.stop == nil {
		return false
	}
	i.stop(Interrupted{s})
	i.stop = nil
	return true
}

// turn returns a context that Ctrl-C ends, until done is called.
func (i *Interrupts) turn(ctx context.Context) (turn context.Context, done func()) {
	turn, cancel := context.WithCancelCause(ctx)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.stop = cancel
	return turn, func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.stop = nil
		cancel(nil)
	}
}
