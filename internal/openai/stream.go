package openai

import (
	"bufio"
	"context"
	"errors"
	"io"
	"time"

	"oax/internal/chat"
	"oax/internal/sse"
)

// Stream is the answer to one request, while it arrives. It is used by one
// goroutine.
type Stream struct {
	client  *Client
	about   Error // the facts every error of this stream has
	limits  Limits
	cancel  context.CancelFunc
	batches <-chan *sse.Batch
	silence *time.Timer // runs out when nothing comes
	noEvent *time.Timer // runs out when no event comes

	batch        *sse.Batch // whose bytes the delta may use
	delta        chat.Delta
	shape        shape // of the last chunk
	text         repair
	reasoning    repair
	refusal      repair
	tags         tags
	size         int         // of the answer so far; see MaxAnswer
	full         bool        // the answer is longer than MaxAnswer
	call         int         // the index of the last tool call
	model        string      // the last that was named
	anything     bool        // a byte has come
	finished     bool        // a finish reason has come
	noEventSince time.Time   // when noEvent was started
	early        *chat.Delta // the first, which Next has not yet returned
	end          error       // how the stream ended, or nil
}

func newStream(ctx context.Context, cancel context.CancelFunc, c *Client, about Error, body io.ReadCloser) *Stream {
	reader := sse.NewReader(&sniffer{body: bufio.NewReader(body)})
	reader.Raw, reader.ErrorField = true, true
	return &Stream{
		client:  c,
		about:   about,
		limits:  c.Limits,
		cancel:  cancel,
		batches: sse.Read(ctx, reader, body),
		silence: time.NewTimer(c.Limits.Silence), // started anew by each wait
		noEvent: time.NewTimer(c.Limits.NoEvent),

		noEventSince: time.Now(),
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
		batch, err := s.wait(ctx)
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

// Close ends the connection and the goroutine that reads from it, and lets go of what
// the last delta held.
func (s *Stream) Close() error {
	s.cancel()
	s.silence.Stop()
	s.noEvent.Stop()
	for batch := range s.batches {
		batch.Release()
	}
	s.batch, s.delta, s.early = nil, chat.Delta{}, nil
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
		err = s.event(batch.Events[i])
	}
	if err == nil && batch.Err != nil {
		err = s.endOfBody(batch)
	}
	delta := s.complete(err)
	if s.full {
		err = s.fail(AnswerLimit, 0, nil)
	}
	return delta, err
}

// event decodes one event; io.EOF says that it was [DONE].
func (s *Stream) event(event sse.Event) error {
	switch err := decodeEvent(&s.delta, event.Type, event.Data, &s.shape).(type) {
	case nil:
	case errService:
		return s.serviceError(err.reported)
	default:
		return s.fail(BrokenEvent, 0, err)
	}
	if s.delta.Done {
		return io.EOF
	}
	return nil
}

// endOfBody returns how the body ended. An event that lacks only its blank line counts
// if it is whole in itself.
func (s *Stream) endOfBody(batch *sse.Batch) error {
	if page, ok := errors.AsType[*otherBody](batch.Err); ok {
		return s.notAStream(page)
	}
	if errors.Is(batch.Err, sse.ErrTooLong) {
		return s.fail(EventTooLong, 0, batch.Err)
	}
	if pending := batch.Pending; pending != nil {
		err := s.event(*pending)
		// A part of an event is what a cut leaves.
		if broken, ok := errors.AsType[*Error](err); err != nil && !(ok && broken.Kind == BrokenEvent) {
			return err
		}
	}
	switch {
	case batch.Err != io.EOF:
		return s.fail(ResetLate, 0, batch.Err)
	case !s.anything:
		return s.fail(EmptyReply, 0, nil)
	}
	return io.EOF
}

// complete makes the delta ready to be returned. err is the end of the stream, or nil.
// It returns nil for an empty delta.
func (s *Stream) complete(err error) *chat.Delta {
	d := &s.delta
	last := err != nil
	d.Text = s.text.piece(d.Text, last)
	d.Reasoning = s.reasoning.piece(d.Reasoning, last)
	d.Refusal = s.refusal.piece(d.Refusal, last)
	if s.client.ReasoningTags {
		var reasoning []byte
		reasoning, d.Text = s.tags.split(d.Text, last)
		d.Reasoning = append(d.Reasoning, reasoning...)
	}
	s.bound(d)
	s.finished = s.finished || d.FinishReason != ""
	if s.batch != nil && len(s.batch.Events) > 0 {
		s.awaitEvent()
	}
	if len(d.Text)+len(d.Reasoning)+len(d.Refusal)+len(d.ToolCalls) == 0 &&
		d.FinishReason == "" && d.Usage == nil && !d.Done {
		return nil
	}
	return d
}

func (s *Stream) fail(kind Kind, limit time.Duration, err error) error {
	failure := s.about
	failure.Kind, failure.Limit, failure.Err = kind, limit, err
	return &failure
}

func (s *Stream) serviceError(reported serviceError) error {
	failure := s.about
	failure.Kind = ServiceError
	s.client.quote(&failure, reported)
	return &failure
}
