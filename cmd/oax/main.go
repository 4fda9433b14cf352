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
)

func main() {
	interrupts := new(cli.Interrupts)
	ctx, caught, stop := watchSignals(context.Background(), interrupts)
	exit := cli.Run(ctx, &cli.Env{
		Stdin:     os.Stdin,
		Stdout:    os.Stdout,
		Stderr:    os.Stderr,
		LookupEnv: os.LookupEnv,
		Environ:   os.Environ(),
		Version:   version(),
		Now:       time.Now,

		Interrupts: interrupts,
		Caught:     caught,
	}, os.Args[1:])
	stop()
	if exit.Signal != nil {
		dieOf(exit.Signal)
	}
	os.Exit(exit.Code)
}

// version is what the build knows of itself.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}
