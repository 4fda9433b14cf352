//go:build unix

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"oax/internal/cli"
)

// watchSignals ends the context at the first signal that interrupts does not take, so
// that what came can be saved, and the process at the second. A signal that the parent ignores stays ignored.
//
// SIGPIPE is caught so that a write to a pipe without a reader is an error like any
// other, instead of the end of the process before anything is saved.
//
// It takes the runtime as long to set this up as oax to save a prompt, so both are done
// at once; caught waits for it. Until then a signal ends the process: a prompt that is
// saved by then is one that waits for an answer, and the next start finds it so.
func watchSignals(ctx context.Context, interrupts *cli.Interrupts) (_ context.Context, caught, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals, ready := make(chan os.Signal, 4), make(chan struct{})
	go func() {
		for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
			if !signal.Ignored(s) {
				signal.Notify(signals, s)
			}
		}
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
		close(ready)
		first := <-signals
		for interrupts.Take(first) {
			first = <-signals
		}
		cancel(cli.Interrupted{Signal: first})
		dieOf(<-signals)
	}()
	caught = func() { <-ready }
	return ctx, caught, func() { caught(); cancel(nil) }
}

// dieOf ends the process by the signal itself, which tells a shell more than an exit
// code that looks like it.
func dieOf(s os.Signal) {
	number := s.(syscall.Signal)
	// The parent may have it ignored, so that it would not end anything, and the
	// runtime answers SIGQUIT with the stacks of all goroutines.
	if signal.Ignored(s) || number == syscall.SIGQUIT {
		os.Exit(128 + int(number))
	}
	signal.Reset(s)
	if number == syscall.SIGPIPE {
		// The runtime ignores one that is sent, and dies of one that it meets.
		os.Stdout.Write([]byte("\n"))
	}
	syscall.Kill(os.Getpid(), number)
	time.Sleep(time.Second)
	os.Exit(128 + int(number))
}
