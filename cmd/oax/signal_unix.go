//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// catch lets a channel have the signals that end a process, but for those that the parent
// ignores.
//
// SIGPIPE is caught so that a write to a pipe without a reader is an error like any
// other, instead of the end of the process before anything is saved.
func catch(signals chan<- os.Signal) {
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
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
