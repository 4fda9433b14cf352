// Oax asks a chat model from the terminal, prints the answer while it arrives, keeps
// every word of every chat, and finds any of them again.
//
//	oax why is the sky blue
//	git diff | oax review this
//	oax -c and at night?
//	oax -r
//	oax ls
//
// Standard output carries the answer and nothing else. oax --help tells the rest.
package main

import (
	"context"
	"os"
	"runtime/debug"
	"time"

	"oax/internal/cli"
	"oax/internal/converse"
	"oax/internal/report"
)

func main() {
	interrupts := new(converse.Interrupts)
	ctx := watchSignals(context.Background(), interrupts)
	exit := cli.Run(ctx, &cli.Process{
		Stdin:      os.Stdin,
		Stdout:     os.Stdout,
		Stderr:     os.Stderr,
		Environ:    os.Environ(),
		Now:        time.Now,
		Version:    version(),
		Interrupts: interrupts,
	}, os.Args[1:])
	if exit.Signal != nil {
		dieOf(exit.Signal)
	}
	os.Exit(exit.Code)
}

// watchSignals returns a context that ends at the first signal which interrupts does not
// take, so that what came can be saved; the second signal ends the process.
func watchSignals(ctx context.Context, interrupts *converse.Interrupts) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 4)
	catch(signals)
	go func() {
		first := <-signals
		for interrupts.Take(first) {
			first = <-signals
		}
		cancel(report.Interrupted{Signal: first})
		second := <-signals
		interrupts.Dying()
		dieOf(second)
	}()
	return ctx
}

// version returns what the build knows of itself.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}
