package main

import (
	"context"
	"os"
	"os/signal"

	"oax/internal/cli"
)

// watchSignals ends the context at the first Ctrl-C that interrupts does not take and the process at the second.
func watchSignals(ctx context.Context, interrupts *cli.Interrupts) (_ context.Context, caught, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt)
	go func() {
		first := <-signals
		for interrupts.Take(first) {
			first = <-signals
		}
		cancel(cli.Interrupted{Signal: first})
		dieOf(<-signals)
	}()
	return ctx, func() {}, func() { cancel(nil) }
}

// dieOf ends the process with the code that a shell shows for Ctrl-C.
func dieOf(os.Signal) { os.Exit(130) }
