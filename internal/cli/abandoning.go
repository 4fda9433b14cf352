package cli

import (
	"context"
	"io"
)

// abandoning is a writer that leaves a write behind when ctx ends: a terminal held
// with Ctrl-S, or a pager that waits, does not hold up Ctrl-C.
type abandoning struct {
	ctx context.Context
	to  io.Writer
}

func (a abandoning) Write(b []byte) (int, error) {
	return await(a.ctx, func() (int, error) { return a.to.Write(b) })
}

// stopped says why nothing more could be written.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return outputError(err)
}
