package sse

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRead(t *testing.T) {
	input := strings.Repeat("data: a\n\n: alive\n\n", 20_000) + "data: [DONE]"
	body := io.NopCloser(strings.NewReader(input))
	events, size := 0, 0
	var last Batch
	for batch := range Read(t.Context(), NewReader(body), body) {
		for _, event := range batch.Events {
			if string(event.Data) != "a" {
				t.Fatalf("event %d is %v", events, event)
			}
			events++
		}
		size += batch.Bytes
		last = *batch
		batch.Release()
	}
	if events != 20_000 || size != len(input) {
		t.Errorf("got %d events in %d bytes", events, size)
	}
	if last.Err != io.EOF || last.Pending == nil || string(last.Pending.Data) != "[DONE]" {
		t.Errorf("at the end: %v, pending %v", last.Err, last.Pending)
	}
}

func TestReadHandsOnTheError(t *testing.T) {
	broken := errors.New("broken")
	body := io.NopCloser(io.MultiReader(strings.NewReader("data: a\n\ndata: b\n"), iotest.ErrReader(broken)))
	batches := Read(t.Context(), NewReader(body), body)
	first := <-batches
	if len(first.Events) != 1 || first.Err != nil {
		t.Errorf("first batch: %v, %v", first.Events, first.Err)
	}
	first.Release()
	if last := <-batches; last.Err != broken || last.Pending == nil {
		t.Errorf("last batch: %v, pending %v", last.Err, last.Pending)
	}
	if _, ok := <-batches; ok {
		t.Error("the channel is still open")
	}
}

// Comments and parts of events are signs of life.
func TestReadTellsOfLife(t *testing.T) {
	body, server := io.Pipe()
	batches := Read(t.Context(), NewReader(body), body)
	for _, piece := range []string{": alive\n\n", "dat", "a: x\n"} {
		if _, err := server.Write([]byte(piece)); err != nil {
			t.Fatal(err)
		}
		batch := <-batches
		if batch.Bytes != len(piece) || len(batch.Events) > 0 {
			t.Errorf("%q: %d bytes, events %v", piece, batch.Bytes, batch.Events)
		}
		batch.Release()
	}
	server.Close()
	<-batches
}

// The goroutine ends with its context: while it reads, while it has a batch
// nobody takes, and while nobody has released one. TestMain sees it gone.
func TestReadEndsWithItsContext(t *testing.T) {
	tests := map[string]func(server io.Writer, batches <-chan *Batch){
		"reading": func(io.Writer, <-chan *Batch) {},
		"sending": func(server io.Writer, _ <-chan *Batch) { io.WriteString(server, "data: a\n\n") },
		"waiting for a batch": func(server io.Writer, batches <-chan *Batch) {
			for range inFlight {
				io.WriteString(server, "data: a\n\n")
				<-batches
			}
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			body, server := io.Pipe()
			batches := Read(ctx, NewReader(body), body)
			prepare(server, batches)
			cancel()
			select {
			case <-drained(batches):
			case <-time.After(time.Minute):
				t.Fatal("the channel was not closed")
			}
			if _, err := server.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("the body was not closed: %v", err)
			}
		})
	}
}

func drained(batches <-chan *Batch) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range batches {
		}
	}()
	return done
}

// Events of 7 MiB are all read into one buffer, however many come: what is left of others
// would be in memory beside it until it is collected.
func TestHugeEventsShareABuffer(t *testing.T) {
	const events, size = 20, 7 << 20
	one := "data: " + strings.Repeat("x", size) + "\n\n"
	var all []io.Reader
	for range events {
		all = append(all, strings.NewReader(one))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := 0
	for batch := range Read(t.Context(), NewReader(io.MultiReader(all...)), io.NopCloser(nil)) {
		for _, event := range batch.Events {
			got += len(event.Data)
		}
		batch.Release()
	}
	runtime.ReadMemStats(&after)
	if got != events*size {
		t.Errorf("%d bytes of data", got)
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 4*MaxEvent {
		t.Errorf("%d MiB for %d events", taken>>20, events)
	}
}
