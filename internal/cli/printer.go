package cli

import (
	"context"
	"io"
	"sync"
)

// printer writes to standard output in a goroutine of its own, so that a reader who
// does not read (a pager, a terminal stopped with Ctrl-S) holds up neither the
// network nor the disk nor Ctrl-C. What waits is bounded by the longest answer.
type printer struct {
	to      io.Writer
	mu      sync.Mutex
	wake    *sync.Cond
	waiting []byte
	closed  bool
	err     error
	done    chan struct{}
}

func newPrinter(to io.Writer) *printer {
	p := &printer{to: to, done: make(chan struct{})}
	p.wake = sync.NewCond(&p.mu)
	go p.run()
	return p
}

// Write takes b over and returns at once. The error is that of an earlier write.
func (p *printer) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return 0, p.err
	}
	p.waiting = append(p.waiting, b...)
	p.wake.Signal()
	return len(b), nil
}

// Close waits until everything is written, or ctx ends, and returns the first error
// of writing. A write that hangs is left behind.
func (p *printer) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.wake.Signal()
	p.mu.Unlock()
	select {
	case <-p.done:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *printer) run() {
	defer close(p.done)
	var writing []byte
	for {
		writing = p.next(writing)
		if len(writing) == 0 {
			return
		}
		if _, err := p.to.Write(writing); err != nil {
			p.mu.Lock()
			p.err, p.waiting = err, nil
			p.mu.Unlock()
			return
		}
	}
}

// next waits for something to write and swaps it for the buffer written last. It
// returns nothing when there will be no more.
func (p *printer) next(written []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.waiting) == 0 && !p.closed {
		p.wake.Wait()
	}
	next := p.waiting
	p.waiting = written[:0]
	return next
}

// failed returns the error of an earlier write.
func (p *printer) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}
