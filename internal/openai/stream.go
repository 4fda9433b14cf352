package openai

import (
	"context"
	"errors"
	"io"
	"time"

	"oax/internal/chat"
	"oax/internal/sse"
)

// Stream is the answer to one request, while it arrives. It is used by one goroutine.
// It waits for what the body brings (wait), and makes deltas of it (answer).
type Stream struct {
	answer
	cancel context.CancelFunc
	wait   *wait
	early  *chat.Delta // the first, which Next has not yet returned
	end    error       // how the stream ended, or nil
}

// streamSize is the first size of a Stream's buffer, in bytes.
const streamSize = 64 << 10

func newStream(ctx context.Context, cancel context.CancelFunc, c *Client, api API, about Error, body io.ReadCloser) *Stream {
	return &Stream{
		answer: newAnswer(c, about, api),
		cancel: cancel,
		wait:   newWait(sse.Read(ctx, newReader(body, streamSize), body), c.config.Limits, about),
	}
}

// first waits for the first delta, which Next will return, so that an error that
// comes instead can still lead to a retry.
func (s *Stream) first(ctx context.Context) error {
	delta, err := s.Next(ctx)
	if _, failed := errors.AsType[*Error](err); failed && delta == nil || ctx.Err() != nil {
		s.Close()
		return err
	}
	s.early = delta
	return nil
}

// Next waits for more of the answer and returns what one read of the connection
// brought of it. At the end of the stream the error is io.EOF; whether the answer
// is whole then is for chat.Turn to say. A broken stream ends with an *Error, and
// the end of ctx with its cause. The delta is nil if nothing came before the error;
// it is valid until the next call. After an error Next returns the same error again.
func (s *Stream) Next(ctx context.Context) (*chat.Delta, error) {
	if delta := s.early; delta != nil {
		s.early = nil
		return delta, s.end
	}
	for s.end == nil {
		s.release()
		batch, err := s.wait.next(ctx)
		if err != nil {
			s.end = err
			break
		}
		s.batch = batch
		delta, err := s.take(batch)
		s.end = err
		if delta == nil {
			continue
		}
		if delta.FinishReason != "" {
			s.wait.finish()
		}
		return delta, err
	}
	return nil, s.end
}

// drainTime is how long a reply may go on after the answer in it has ended.
const drainTime = 250 * time.Millisecond

// Close lets go of the answer and returns at once. It ends the connection, unless the
// whole answer has come: then it waits, in another goroutine, for the end of the reply, so
// that the connection can be kept for another request.
func (s *Stream) Close() error {
	s.wait.stop()
	s.release()
	s.delta, s.early = chat.Delta{}, nil
	drain := func() {
		for batch := range s.wait.batches {
			batch.Release()
		}
		s.cancel()
	}
	if s.end == io.EOF {
		time.AfterFunc(drainTime, s.cancel)
		go drain()
		return nil
	}
	s.cancel()
	drain()
	return nil
}
