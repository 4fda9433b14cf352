package openai

import (
	"bufio"
	"context"
	"errors"
	"io"
	"time"

	"oax/internal/chat"
	"oax/internal/jsontext"
	"oax/internal/sse"
)

// Stream is the answer to one request, while it arrives. It is used by one goroutine.
// It waits for events (wait), has them decoded (Decoder), makes well-formed text of what
// they bring (complete), and keeps the answer within its bounds (bound).
type Stream struct {
	client  *Client
	about   Error // the facts every error of this stream has
	cancel  context.CancelFunc
	wait    *wait
	decoder Decoder
	bound   bound

	text, reasoning, refusal jsontext.Repair
	tags                     tags

	batch    *sse.Batch // whose bytes the delta may use
	delta    chat.Delta
	anything bool        // a byte has come
	early    *chat.Delta // the first, which Next has not yet returned
	end      error       // how the stream ended, or nil
}

func newStream(ctx context.Context, cancel context.CancelFunc, c *Client, about Error, body io.ReadCloser) *Stream {
	reader := sse.NewReader(&sniffer{body: bufio.NewReader(body)})
	reader.Raw, reader.ErrorField = true, true
	return &Stream{
		client:  c,
		about:   about,
		cancel:  cancel,
		wait:    newWait(sse.Read(ctx, reader, body), c.config.Limits, about),
		decoder: c.config.API.Decoder(),
		bound:   bound{redact: c.Redact},
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
		if delta != nil {
			return delta, err
		}
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

// release gives back what the last delta used, before the next is waited for.
func (s *Stream) release() {
	clear(s.delta.ToolCalls) // arguments may be long
	s.delta = chat.Delta{
		Text:      reuse(s.delta.Text),
		Reasoning: reuse(s.delta.Reasoning),
		Refusal:   reuse(s.delta.Refusal),
		ToolCalls: s.delta.ToolCalls[:0],
		Model:     s.delta.Model,
	}
	if s.batch != nil {
		s.batch.Release()
		s.batch = nil
	}
}

// reuse returns a buffer for the next delta, unless it grew beyond what a read brings.
func reuse(b []byte) []byte {
	const max = 1 << 20
	if cap(b) > max {
		return nil
	}
	return b[:0]
}

// take decodes what a batch brought. The delta is nil if that is nothing.
func (s *Stream) take(batch *sse.Batch) (*chat.Delta, error) {
	s.anything = s.anything || batch.Bytes > 0
	var err error
	for i := 0; i < len(batch.Events) && err == nil; i++ {
		err = s.event(batch.Events[i].Type, batch.Events[i].Data)
	}
	if err == nil && batch.Err != nil {
		err = s.endOfBody(batch)
	}
	delta := s.complete(err)
	if s.bound.full {
		err = s.about.as(AnswerLimit, 0, nil)
	}
	return delta, err
}

// event decodes one event; io.EOF says that it was [DONE].
func (s *Stream) event(kind string, data []byte) error {
	err := s.decoder.Decode(&s.delta, kind, data)
	reported, isReported := err.(*Reported)
	switch {
	case isReported:
		return s.client.reported(s.about, *reported)
	case err != nil:
		return s.about.as(BrokenEvent, 0, err)
	case s.delta.Done:
		return io.EOF
	}
	return nil
}

// endOfBody returns how the body ended. An event that lacks only its blank line counts
// if it is whole in itself.
func (s *Stream) endOfBody(batch *sse.Batch) error {
	if body, ok := errors.AsType[*otherBody](batch.Err); ok {
		return s.notAStream(body)
	}
	if errors.Is(batch.Err, sse.ErrTooLong) {
		return s.about.as(EventTooLong, 0, batch.Err)
	}
	if pending := batch.Pending; pending != nil {
		err := s.event(pending.Type, pending.Data)
		// A part of an event is what a cut leaves.
		if broken, ok := errors.AsType[*Error](err); err != nil && !(ok && broken.Kind == BrokenEvent) {
			return err
		}
	}
	switch {
	case batch.Err != io.EOF:
		return s.about.as(ResetLate, 0, s.client.redactError(batch.Err))
	case !s.anything:
		return s.about.as(EmptyReply, 0, nil)
	}
	return io.EOF
}

// complete makes the delta ready to be returned. err is the end of the stream, or nil.
// It returns nil for an empty delta.
func (s *Stream) complete(err error) *chat.Delta {
	d := &s.delta
	last := err != nil
	d.Text = s.text.Piece(d.Text, last)
	d.Reasoning = s.reasoning.Piece(d.Reasoning, last)
	d.Refusal = s.refusal.Piece(d.Refusal, last)
	if s.client.config.ReasoningTags {
		var reasoning []byte
		reasoning, d.Text = s.tags.split(d.Text, last)
		d.Reasoning = append(d.Reasoning, reasoning...)
	}
	s.bound.cut(d)
	if d.FinishReason != "" {
		s.wait.finish()
	}
	if len(d.Text)+len(d.Reasoning)+len(d.Refusal)+len(d.ToolCalls)+len(d.Parts)+len(d.Opaque) == 0 &&
		d.FinishReason == "" && d.Usage == nil && !d.Done {
		return nil
	}
	return d
}
