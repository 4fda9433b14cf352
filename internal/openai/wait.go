package openai

import (
	"cmp"
	"context"
	"io"
	"time"

	"oax/internal/sse"
)

// wait waits for what a stream brings. It is the heart of the program's shape: nothing
// else waits for the network, and each way in which an answer can end comes through here.
type wait struct {
	batches  <-chan *sse.Batch
	silence  *limit // without a byte
	noEvent  *limit // without an event
	ending   *limit // runs from the finish reason on
	finished bool   // that has come
	about    Error  // what the errors have
}

func newWait(batches <-chan *sse.Batch, limits Limits, about Error) *wait {
	ending := newLimit(limits.AfterFinish)
	ending.timer.Stop()
	return &wait{batches, newLimit(limits.Silence), newLimit(limits.NoEvent), ending, false, about}
}

// next returns the next batch of events, or the error that ends the stream: io.EOF once
// only [DONE] and the usage can be missing, else an *Error or the cause of ctx.
//
//	the goroutine that reads the body --- batches --->
//	no byte, or no event, for too long -- silence, noEvent --->  select ---> batch, or the end
//	the finish reason is long here ------ ending --->
//	a signal, or the caller ------------- ctx ------->
func (w *wait) next(ctx context.Context) (*sse.Batch, error) {
	w.silence.restart()
	for {
		select {
		case batch, ok := <-w.batches:
			if !ok { // the caller closed the stream, or ctx ended
				return nil, cmp.Or(context.Cause(ctx), context.Canceled)
			}
			if len(batch.Events) > 0 {
				w.noEvent.restart()
			}
			return batch, nil
		case <-w.silence.timer.C:
			switch over := w.silence.isOver(); {
			case over && w.finished:
				return nil, io.EOF
			case over:
				return nil, w.about.as(Silence, w.silence.after, nil)
			}
		case <-w.noEvent.timer.C:
			if w.noEvent.isOver() {
				return nil, w.about.as(NoText, w.noEvent.after, nil)
			}
		case <-w.ending.timer.C:
			if w.ending.isOver() {
				return nil, io.EOF
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// finish says that the finish reason has come.
func (w *wait) finish() {
	if !w.finished {
		w.finished = true
		w.ending.restart()
	}
}

func (w *wait) stop() {
	for _, l := range []*limit{w.silence, w.noEvent, w.ending} {
		l.timer.Stop()
	}
}

// limit is a time limit that runs.
type limit struct {
	timer *time.Timer
	begun time.Time
	after time.Duration
}

func newLimit(after time.Duration) *limit { return &limit{time.NewTimer(after), time.Now(), after} }

func (l *limit) restart() {
	l.begun = time.Now()
	l.timer.Reset(l.after)
}

// isOver is asked when the timer has sent. If that was well after its time, the process
// was stopped (Ctrl-Z, say), and what came meanwhile is still to be read: the limit begins
// anew.
func (l *limit) isOver() bool {
	if time.Since(l.begun) > l.after+100*time.Millisecond {
		l.restart()
		return false
	}
	return true
}
