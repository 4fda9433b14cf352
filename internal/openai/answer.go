package openai

import (
	"cmp"
	"errors"
	"io"

	"oax/internal/chat"
	"oax/internal/jsontext"
	"oax/internal/sse"
)

// answer makes deltas of what a body brings, and does not wait for it. It has the events
// decoded (Decoder), makes well-formed text of what they bring (complete), and keeps the
// answer within its bounds (bound).
type answer struct {
	client  *Client
	about   Error // the facts every error of this answer has
	decoder Decoder
	bound   bound

	repairs [3]jsontext.Repair // of chat.Delta.Texts
	tags    tags

	maxLength int    // of the answer, in tokens, as the request had it; 0: no limit
	finish    string // the last finish reason
	tokens    int    // of the answer, as the service counted them; 0: not known

	batch    *sse.Batch // whose bytes the delta may use
	delta    chat.Delta
	anything bool // a byte has come
}

func newAnswer(c *Client, about Error, api API) answer {
	return answer{client: c, about: about, decoder: api.Decoder(), bound: bound{redact: c.Redact}}
}

// newReader returns a reader of the events in a body, or of what else that is (see sniffer).
func newReader(body io.Reader, size int) *sse.Reader {
	r := sse.NewReaderSize(&sniffer{body: body}, size)
	r.Raw, r.ErrorField = true, true
	return r
}

// release gives back what the last delta used, before the next is waited for.
func (a *answer) release() {
	clear(a.delta.ToolCalls) // arguments may be long
	last := a.delta
	a.delta = chat.Delta{ToolCalls: last.ToolCalls[:0], Model: last.Model}
	for i, text := range last.Texts() {
		*a.delta.Texts()[i] = reuse(*text)
	}
	if a.batch != nil {
		a.batch.Release()
		a.batch = nil
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
func (a *answer) take(batch *sse.Batch) (*chat.Delta, error) {
	a.anything = a.anything || batch.Bytes > 0
	var err error
	for i := 0; i < len(batch.Events) && err == nil; i++ {
		err = a.event(batch.Events[i].Type, batch.Events[i].Data)
	}
	if err == nil && batch.Err != nil {
		err = a.endOfBody(batch)
	}
	delta := a.complete(err)
	if a.bound.full {
		err = a.about.as(AnswerLimit, 0, nil)
	}
	return delta, err
}

// event decodes one event; io.EOF says that it was [DONE].
func (a *answer) event(kind string, data []byte) error {
	err := Decode(a.decoder, &a.delta, kind, data)
	reported, isReported := err.(*Reported)
	switch {
	case isReported:
		return a.client.reported(a.about, reported)
	case err != nil:
		return a.about.as(BrokenEvent, 0, err)
	case a.delta.Done:
		return io.EOF
	}
	return nil
}

// endOfBody returns how the body ended. An event that lacks only its blank line counts
// if it is whole in itself.
func (a *answer) endOfBody(batch *sse.Batch) error {
	if body, ok := errors.AsType[*otherBody](batch.Err); ok {
		return a.notAStream(body)
	}
	if errors.Is(batch.Err, sse.ErrTooLong) {
		return a.about.as(EventTooLong, 0, batch.Err)
	}
	if pending := batch.Pending; pending != nil {
		err := a.event(pending.Type, pending.Data)
		// A part of an event is what a cut leaves.
		if broken, ok := errors.AsType[*Error](err); err != nil && !(ok && broken.Kind == BrokenEvent) {
			return err
		}
	}
	switch {
	case batch.Err != io.EOF:
		return a.about.as(ResetLate, 0, a.client.redactError(batch.Err))
	case !a.anything:
		return a.about.as(EmptyReply, 0, nil)
	}
	return io.EOF
}

// findCut makes the finish reason of an answer "length" that is as long as the request
// allowed, whatever the service calls it: llama.cpp and ollama call it completed, OpenRouter
// gives tool_calls for calls that are cut.
func (a *answer) findCut(d *chat.Delta) {
	if a.maxLength == 0 {
		return
	}
	if tokens, ok := chat.ReadUsage(d.Usage); ok {
		a.tokens = tokens.Output
	}
	a.finish = cmp.Or(d.FinishReason, a.finish)
	if a.tokens == a.maxLength && a.finish != "" && a.finish != "content_filter" {
		a.finish, d.FinishReason = "length", "length"
	}
}

// complete makes the delta ready to be returned. err is the end of the stream, or nil.
// It returns nil for an empty delta.
func (a *answer) complete(err error) *chat.Delta {
	d := &a.delta
	last := err != nil
	for i, text := range d.Texts() {
		*text = a.repairs[i].Piece(*text, last)
	}
	if a.client.config.ReasoningTags {
		var reasoning []byte
		reasoning, d.Text = a.tags.split(d.Text, last)
		d.Reasoning = append(d.Reasoning, reasoning...)
	}
	a.findCut(d)
	a.bound.cut(d)
	if d.Len()+len(d.ToolCalls)+len(d.Parts)+len(d.Opaque)+len(d.Items) == 0 &&
		d.FinishReason == "" && d.Usage == nil && !d.Done {
		return nil
	}
	return d
}
