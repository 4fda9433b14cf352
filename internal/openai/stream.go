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
	thought      repair
	refusal      repair
	tags         tags
	size         int       // of the answer so far; see MaxAnswer
	full         bool      // the answer passed MaxAnswer
	call         int       // the index of the last tool call
	model        string    // the last that was named
	anything     bool      // a byte has come
	finished     bool      // a finish reason has come
	noEventSince time.Time // when noEvent was started
	early        *result
}

// result is what Next returns.
type result struct {
	delta *chat.Delta
	err   error
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
	s.early = &result{delta, err}
	return nil
}

// Next waits for more of the answer and returns what one read of the connection
// brought of it. At the end of the stream the error is io.EOF; whether the answer
// is whole then is for chat.Turn to say. A broken stream ends with an *Error, and
// the end of ctx with its cause. The delta is nil if nothing came before the error;
// it is valid until the next call.
func (s *Stream) Next(ctx context.Context) (*chat.Delta, error) {
	if s.early != nil {
		r := s.early
		s.early = nil
		return r.delta, r.err
	}
	s.release()
	for {
		limit, begun := s.patience(), time.Now()
		s.silence.Reset(limit)
		select {
		case batch, ok := <-s.batches:
			if !ok {
				return nil, context.Cause(ctx)
			}
			s.batch = batch
			delta, err := s.take(batch)
			if delta != nil || err != nil {
				return delta, err
			}
			s.release()
		case <-s.silence.C:
			if !late(begun, limit) {
				return nil, s.silent()
			}
		case <-s.noEvent.C:
			if !late(s.noEventSince, s.limits.NoEvent) {
				return nil, s.fail(NoText, s.limits.NoEvent, nil)
			}
			s.awaitEvent()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
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
	s.begin()
	if s.batch != nil {
		s.batch.Release()
		s.batch = nil
	}
}

// take decodes what a batch brought. The delta is nil if that is nothing.
func (s *Stream) take(batch *sse.Batch) (*chat.Delta, error) {
	s.anything = s.anything || batch.Bytes > 0
	err := s.events(batch)
	if err == nil && batch.Err != nil {
		err = s.ended(batch)
	}
	delta := s.finish(err)
	if s.full {
		err = s.fail(AnswerLimit, 0, nil)
	}
	return delta, err
}

func (s *Stream) begin() {
	clear(s.delta.ToolCalls) // arguments may be long
	s.delta = chat.Delta{
		Text:      again(s.delta.Text),
		Reasoning: again(s.delta.Reasoning),
		Refusal:   again(s.delta.Refusal),
		ToolCalls: s.delta.ToolCalls[:0],
		Model:     s.delta.Model,
	}
}

// again returns a buffer for the next delta, unless it grew beyond what a read brings.
func again(b []byte) []byte {
	const most = 1 << 20
	if cap(b) > most {
		return nil
	}
	return b[:0]
}

func (s *Stream) events(batch *sse.Batch) error {
	for _, event := range batch.Events {
		if err := s.event(event); err != nil {
			return err
		}
	}
	return nil
}

// event decodes one event; io.EOF says that it was [DONE].
func (s *Stream) event(event sse.Event) error {
	switch err := decodeEvent(&s.delta, event.Type, event.Data, &s.shape).(type) {
	case nil:
	case errService:
		return s.serviceError(err.said)
	default:
		return s.fail(BrokenEvent, 0, err)
	}
	if s.delta.Done {
		return io.EOF
	}
	return nil
}

// ended says how the body ended. An event that lacks only its blank line counts
// if it is whole in itself.
func (s *Stream) ended(batch *sse.Batch) error {
	if page, ok := errors.AsType[*otherBody](batch.Err); ok {
		return s.notAStream(page)
	}
	if errors.Is(batch.Err, sse.ErrTooLong) {
		return s.fail(EventTooLong, 0, batch.Err)
	}
	if pending := batch.Pending; pending != nil {
		var broken *Error
		err := s.event(*pending)
		if errors.As(err, &broken) && broken.Kind == BrokenEvent {
			err = nil // a part of an event is what a cut leaves
		}
		if err != nil {
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

// finish rounds the delta off. It returns nil for an empty one.
func (s *Stream) finish(err error) *chat.Delta {
	d := &s.delta
	last := err != nil
	d.Text = s.text.piece(d.Text, last)
	d.Reasoning = s.thought.piece(d.Reasoning, last)
	d.Refusal = s.refusal.piece(d.Refusal, last)
	if s.client.ReasoningTags {
		var thought []byte
		thought, d.Text = s.tags.split(d.Text, last)
		d.Reasoning = append(d.Reasoning, thought...)
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

func (s *Stream) serviceError(said serviceError) error {
	failure := s.about
	failure.Kind = ServiceError
	s.client.quote(&failure, said)
	return &failure
}
