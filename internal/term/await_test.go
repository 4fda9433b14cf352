package term

import (
	"context"
	"errors"
	"io"
	"testing"
)

var errStopped = errors.New("stopped")

func stoppedContext() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errStopped)
	return ctx
}

func TestAwait(t *testing.T) {
	got, err := Await(context.Background(), func() (int, error) { return 7, io.EOF })
	if got != 7 || err != io.EOF {
		t.Errorf("%d, %v", got, err)
	}
	blocked := make(chan int)
	defer close(blocked)
	got, err = Await(stoppedContext(), func() (int, error) { return <-blocked, nil })
	if got != 0 || err != errStopped {
		t.Errorf("%d, %v", got, err)
	}
}

// A pipe that nobody reads holds up no write longer than the context lasts.
func TestWriterLeavesAWriteBehind(t *testing.T) {
	r, w := io.Pipe()
	defer r.Close()
	if _, err := Writer(stoppedContext(), w).Write([]byte("x")); err != errStopped {
		t.Error(err)
	}
}
