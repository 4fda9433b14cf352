package converse

import (
	"context"
	"os"
	"sync"

	"oax/internal/report"
)

// Interrupts decides what Ctrl-C ends: the program, or in a conversation only the turn
// that is running. The zero Interrupts is ready for use.
type Interrupts struct {
	mu     sync.Mutex
	cancel context.CancelCauseFunc // ends the turn that is running; nil if none is
	death  func()                  // what to do before the process dies; nil: nothing
}

// Dying is called before the process dies of a signal that it does not wait for: the
// terminal is set up as it was.
func (i *Interrupts) Dying() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.death != nil {
		i.death()
	}
}

func (i *Interrupts) onDeath(do func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.death = do
}

// Take ends the turn that is running, if the signal is an interrupt. Otherwise it returns
// false, and the signal is for the program. Each turn takes one interrupt.
func (i *Interrupts) Take(s os.Signal) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if s != os.Interrupt || i.cancel == nil {
		return false
	}
	i.cancel(report.Interrupted{Signal: s})
	i.cancel = nil
	return true
}

// Turn returns a context that an interrupt ends, with a report.Interrupted as its cause,
// until done is called.
func (i *Interrupts) Turn(ctx context.Context) (turn context.Context, done func()) {
	turn, cancel := context.WithCancelCause(ctx)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.cancel = cancel
	return turn, func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.cancel = nil
		cancel(nil)
	}
}
