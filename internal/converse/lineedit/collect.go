package lineedit

import (
	"fmt"
	"runtime/debug"
)

// Typing while an answer arrives: it is collected for the next message.

// Collect makes what is typed until the next Read part of the next message: Enter sends
// nothing. It is not echoed. Ctrl-C and Ctrl-Z do what they do elsewhere.
func (e *Editor) Collect() {
	e.engage()
	_ = e.terminal.Quiet()
	if e.keys.stop != nil {
		return
	}
	e.ended = nil
	stop, stopped := make(chan struct{}), make(chan *Panic, 1)
	e.keys.stop = func() {
		close(stop)
		if p := <-stopped; p != nil {
			panic(p)
		}
	}
	go func() {
		defer func() {
			if p := recover(); p != nil {
				stopped <- &Panic{p, debug.Stack()}
			}
			close(stopped)
		}()
		e.collect(stop)
	}()
}

// Panic is what Read, Lend and Close panic with if the goroutine of Collect did.
type Panic struct {
	Value any
	Stack []byte
}

func (e *Editor) collect(stop chan struct{}) {
	for {
		e.handleKeys(false)
		select {
		case <-stop:
			return
		case <-e.keys.more:
			typed, _ := e.keys.take()
			e.decoder.add(typed)
		case s := <-e.keys.signals:
			e.signal(s)
		case <-e.pause():
			e.handleKeys(true)
		}
	}
}

// stopCollecting ends what Collect began. All that has been typed is collected.
func (e *Editor) stopCollecting() {
	if e.keys == nil || e.keys.stop == nil {
		return
	}
	stop := e.keys.stop
	e.keys.stop = nil
	stop()
	e.release()
	e.handleKeys(false)
}

func (p *Panic) Error() string { return fmt.Sprint(p.Value) }
