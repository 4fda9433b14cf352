package term

import (
	"context"
	"io"
)

// Await returns what f returns. If ctx ends first it returns the zero value and the
// cause of ctx, and leaves f running: a blocked read or write cannot be stopped.
func Await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return result{}.value, context.Cause(ctx)
	}
}

// Writer returns a writer to w whose Write returns the cause of ctx once ctx ends, even
// while w blocks: neither a terminal held with Ctrl-S nor a pager that waits holds up
// Ctrl-C.
func Writer(ctx context.Context, w io.Writer) io.Writer { return awaitWriter{ctx, w} }

// awaitWriter lives no longer than the call that its context belongs to.
type awaitWriter struct {
	ctx context.Context
	to  io.Writer
}

func (w awaitWriter) Write(b []byte) (int, error) {
	return Await(w.ctx, func() (int, error) { return w.to.Write(b) })
}
