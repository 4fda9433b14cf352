package main

import (
	"context"
	"os"
	"os/signal"

	"oax/internal/cli"
)

// watchSignals ends the context at the first Ctrl-C and the process at the second.
func watchSignals(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt)
	go func() {
		cancel(cli.Interrupted{Signal: <-signals})
		dieOf(<-signals)
	}()
	return ctx, func() { cancel(nil) }
}

// dieOf ends the process with the code that a shell shows for Ctrl-C.
func dieOf(os.Signal) { os.Exit(130) }
