package openai

import (
	"cmp"
	"context"
	"io"
	"time"

	"oax/internal/sse"
)

// wait returns the next batch of events, or the error that ends the stream:
//
//	the goroutine that reads the body --- batches --->
//	no byte for Limits.Silence ---------- silence --->  select ---> batch, or the end
//	no event for Limits.NoEvent --------- noEvent --->
//	a signal, or the caller ------------- ctx ------->
func (s *Stream) wait(ctx context.Context) (*sse.Batch, error) {
	for {
		limit, begun := s.patience(), time.Now()
		s.silence.Reset(limit)
		select {
		case batch, ok := <-s.batches:
			if !ok { // the caller closed the stream, or ctx ended
				return nil, cmp.Or(context.Cause(ctx), context.Canceled)
			}
			return batch, nil
		case <-s.silence.C:
			if !isLate(begun, limit) {
				return nil, s.silent()
			}
		case <-s.noEvent.C:
			if !isLate(s.noEventSince, s.limits.NoEvent) {
				return nil, s.fail(NoText, s.limits.NoEvent, nil)
			}
			s.awaitEvent()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// patience returns how long the next byte may take.
func (s *Stream) patience() time.Duration {
	if s.finished {
		return min(s.limits.Silence, s.limits.AfterFinish)
	}
	return s.limits.Silence
}

// silent returns the error of a stream from which nothing comes any more: io.EOF if
// the finish reason has come, for then only [DONE] and the usage can be missing.
func (s *Stream) silent() error {
	if s.finished {
		return io.EOF
	}
	return s.fail(Silence, s.limits.Silence, nil)
}

// isLate reports whether a limit ran out well after its time: then the process was
// stopped (Ctrl-Z, say), and what came meanwhile is still to be read.
func isLate(begun time.Time, limit time.Duration) bool {
	return time.Since(begun) > limit+100*time.Millisecond
}

// awaitEvent starts the time within which the next event must come.
func (s *Stream) awaitEvent() {
	s.noEventSince = time.Now()
	s.noEvent.Reset(s.limits.NoEvent)
}
