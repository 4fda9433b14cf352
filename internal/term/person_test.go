package term

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"
)

func TestReadLine(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	io.WriteString(w, "yes\n\nand no")
	w.Close()
	for _, want := range []struct {
		line string
		err  error
	}{{"yes", nil}, {"", nil}, {"and no", io.EOF}, {"", io.EOF}} {
		if line, err := ReadLine(context.Background(), r); line != want.line || err != want.err {
			t.Errorf("%q, %v, want %q, %v", line, err, want.line, want.err)
		}
	}
	if line, err := ReadLine(stoppedContext(), nil); line != "" || err == nil {
		t.Errorf("%q, %v", line, err)
	}
}

// Nobody can be asked where the question would not be seen.
func TestPerson(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if Person(r, w, func(string) string { return "" }) != nil {
		t.Error("standard error is a pipe")
	}
}

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
