package term

import (
	"context"
	"io"
	"os"
	"time"
)

// Person returns the terminal at which a person can be asked: stdin if it is one, else
// the terminal of the process, which the caller closes. It is nil if there is none, if
// stderr is no terminal, where the question would be, or if the variable CI is set.
func Person(stdin, stderr *os.File, getenv func(string) string) *os.File {
	if ci := getenv("CI"); ci != "" && ci != "false" || !IsTerminal(stderr) {
		return nil
	}
	if IsTerminal(stdin) {
		return stdin
	}
	tty, err := OpenTTY()
	if err != nil {
		return nil
	}
	return tty
}

// ReadLine returns one line that a person types at a terminal, without its line break. It
// takes nothing from in that is behind the line break, and nothing any more once ctx has
// ended. The error is io.EOF if the input ended before a line break (Ctrl-D), with what was
// typed until then; the cause of ctx; or that of reading.
func ReadLine(ctx context.Context, in *os.File) (string, error) {
	keyboard, err := NewKeyboard(in)
	if err != nil {
		return "", err
	}
	defer keyboard.Close()
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		keyboard.Stop()
	})
	text, err := readLine(keyboard)
	if !stop() {
		<-stopped
	}
	if err == ErrStopped {
		return "", context.Cause(ctx)
	}
	return text, err
}

func readLine(in io.Reader) (string, error) {
	var line []byte
	for one := make([]byte, 1); ; {
		n, err := in.Read(one)
		switch {
		case n == 1 && one[0] == '\n':
			return string(line), nil
		case n == 1:
			line = append(line, one[0])
		case err != nil:
			return string(line), err
		}
	}
}

// Await returns what f returns. If ctx ends first it returns the zero value and the
// cause of ctx, and leaves f running: a blocked read or write cannot be stopped.
func Await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	if ctx.Done() == nil {
		return f()
	}
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

// Patience returns a context that ends later than ctx: with the cause, once ctx has ended
// and grace has passed. The function that it returns frees what it uses.
func Patience(ctx context.Context, grace time.Duration, cause error) (context.Context, func()) {
	patient, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(grace, func() { cancel(cause) })
	})
	return patient, func() {
		stop()
		cancel(nil)
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
