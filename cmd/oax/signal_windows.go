package main

import (
	"os"
	"os/signal"
)

// catch lets a channel have Ctrl-C.
func catch(signals chan<- os.Signal) { signal.Notify(signals, os.Interrupt) }

// dieOf ends the process with the code that a shell shows for Ctrl-C.
func dieOf(os.Signal) { os.Exit(130) }
