package main

import (
	"context"
	"os"
	"os/signal"

	"oax/internal/converse"
	"oax/internal/report"
)

// watchSignals returns a context that ends at the first Ctrl-C which interrupts does not
// take; the second ends the process.
func watchSignals(ctx context.Context, interrupts *converse.Interrupts) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt)
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

// dieOf ends the process with the code that a shell shows for Ctrl-C.
func dieOf(os.Signal) { os.Exit(130) }
