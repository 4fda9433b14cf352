package cli

import (
	"context"
	"io"
	"sync"

	"oax/internal/chat"
)

// printer writes to standard output in a goroutine of its own, so that a reader who
// does not read (a pager, a terminal stopped with Ctrl-S) holds up neither the
// network nor the disk nor Ctrl-C. What waits, waits in its form only up to mostWaiting;
// the rest is a backlog.
type printer struct {
	to      io.Writer
	form    output // what it writes comes back through Write
	mu      sync.Mutex
	wake    *sync.Cond // something is to be written, or nothing waits any more
	waiting []byte
	late    backlog
	closed  bool
	err     error
	done    chan struct{}
}

const mostWaiting = 64 << 10

// newPrinter returns a printer of an answer in a form, which it alone uses.
func newPrinter(to io.Writer, form func(io.Writer) output) *printer {
	p := &printer{to: to, done: make(chan struct{})}
	p.wake = sync.NewCond(&p.mu)
	p.form = form(p)
	go p.run()
	return p
}

// Write is for the form. The error is that of an earlier write.
func (p *printer) Write(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	p.waiting = append(p.waiting, b...)
	p.wake.Broadcast()
	return len(b), nil
}

// show takes over a delta that the answer has got already, and returns at once.
func (p *printer) show(answer *chat.Turn, d *chat.Delta) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.err != nil:
	case p.late.empty() && len(p.waiting) < mostWaiting:
		p.form.delta(d)
	default:
		p.late.add(answer, d)
	}
}

// end waits until there is no backlog, or ctx ends, and then lets the form write its
// end. What is in the backlog when ctx ends is left out.
func (p *printer) end(ctx context.Context, m chat.Message, id string, r *report) *report {
	defer context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.wake.Broadcast()
	})()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.late.empty() && ctx.Err() == nil {
		p.wake.Wait()
	}
	if !p.late.empty() {
		p.late = backlog{}
		return r
	}
	return p.form.end(m, id, r)
}

// Close waits until everything is written, or ctx ends, and returns the first error
// of writing. A write that hangs is left behind.
func (p *printer) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.wake.Broadcast()
	p.mu.Unlock()
	select {
	case <-p.done:
	case <-ctx.Done():
	}
	return p.failed()
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
			p.err, p.waiting, p.late = err, nil, backlog{}
			p.wake.Broadcast()
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
	for len(p.waiting) == 0 && (!p.closed || !p.late.empty()) {
		if p.late.empty() {
			p.wake.Wait()
			continue
		}
		p.form.delta(p.late.next())
		p.wake.Broadcast()
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
