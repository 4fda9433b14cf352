//go:build unix

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"oax/internal/converse"
	"oax/internal/report"
)

// watchSignals returns a context that ends at the first signal which interrupts does not
// take, so that what came can be saved; the second signal ends the process. A signal that
// the parent ignores stays ignored.
//
// SIGPIPE is caught so that a write to a pipe without a reader is an error like any
// other, instead of the end of the process before anything is saved.
func watchSignals(ctx context.Context, interrupts *converse.Interrupts) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 4)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		first := <-signals
		for interrupts.Take(first) {
			first = <-signals
		}
		cancel(report.Interrupted{Signal: first})
		dieOf(<-signals)
	}()
	return ctx
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
