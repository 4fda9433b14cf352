package sse

import (
	"context"
	"io"
)

// Batch is what one read of the body completed: usually one event, more when
// the sender was faster than the reader, none when the read ended inside an event.
type Batch struct {
	Events []Event
	// Bytes is the size of the read. It is a sign of life even where Events is
	// empty: comments count, and parts of an event.
	Bytes int
	// Err says that this is the last batch and why: io.EOF, ErrTooLong, or the
	// error of the body.
	Err error
	// Pending is the event that lacked its blank line when the stream ended, or nil.
	Pending *Event

	buf  []byte
	free chan<- *Batch
}

const (
	// inFlight batches: one is read into while the other is used.
	inFlight = 2
	// keepSize is the largest buffer of which there may be several.
	keepSize = 1 << 20
)

// Read runs r in a goroutine, which owns body from then on, and returns a
// channel of what each read completed, sent at once. The last batch has an Err,
// then the channel is closed. When ctx ends the goroutine closes the body and the
// channel and ends, whether or not anyone still receives.
//
// The receiver calls Release when it is done with a batch; the events in it are
// not valid after that.
func Read(ctx context.Context, r *Reader, body io.Closer) <-chan *Batch {
	batches := make(chan *Batch)
	free := make(chan *Batch, inFlight)
	for range inFlight {
		free <- &Batch{free: free}
	}
	go func() {
		defer close(batches)
		defer body.Close()
		// A Read that hangs ends when its body is closed under it.
		defer context.AfterFunc(ctx, func() { body.Close() })()
		for {
			var batch *Batch
			select {
			case batch = <-free:
			case <-ctx.Done():
				return
			}
			batch.Fill(r)
			// Without events nobody looks into the buffer, and an event that arrives in a
			// thousand reads is not moved a thousand times.
			if len(batch.Events) > 0 {
				batch.buf = r.detach(batch.buf)
			}
			huge, last := batch.huge(), batch.Err != nil // it is the receiver's from then on
			select {
			case batches <- batch:
			case <-ctx.Done():
				return
			}
			if last || huge && !takeBack(ctx, free, r) {
				return
			}
		}
	}()
	return batches
}

// takeBack waits until no batch is in use, and gives the huge buffer back to the reader: one
// is enough. It says false if ctx ends before.
func takeBack(ctx context.Context, free chan *Batch, r *Reader) bool {
	var back [inFlight]*Batch
	for i := range back {
		select {
		case back[i] = <-free:
		case <-ctx.Done():
			return false
		}
	}
	for _, batch := range back {
		if batch.huge() {
			r.spare, batch.buf = batch.buf, nil
		}
		free <- batch
	}
	return true
}

func (b *Batch) huge() bool { return len(b.buf) > keepSize }

// Release gives the batch back to be filled again.
func (b *Batch) Release() { b.free <- b }

// Fill makes the batch what the next read of r completes. Its events are valid until r is
// filled again.
func (b *Batch) Fill(r *Reader) {
	b.Events, b.Pending = b.Events[:0], nil
	b.Bytes, b.Err = r.Fill()
	if b.Err != nil {
		if event, ok := r.Pending(); ok {
			b.Pending = &event
		}
		return
	}
	for more := true; more; {
		b.Events = append(b.Events, Event{})
		more = r.Next(&b.Events[len(b.Events)-1])
	}
	b.Events = b.Events[:len(b.Events)-1]
}
