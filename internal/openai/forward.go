package openai

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"oax/internal/chat"
	"oax/internal/sse"
)

// How requests of others are passed on, and their answers read beside.

// SmallReads makes the client read replies in small pieces, as one needs that forwards a
// thousand requests at once: its memory is that of its buffers. Call it before the first
// request.
func (c *Client) SmallReads() { c.transport.ReadBufferSize = listenSize }

// Forward sends a request that another program made, with the client's key and configured
// headers in place of its own, and returns the reply as it is, whatever its status. It is
// sent once, but for a connection that the endpoint had closed before. The error is an
// *Error, or that of the request's context.
func (c *Client) Forward(hr *http.Request) (*http.Response, error) {
	c.addHeaders(hr)
	ctx, cancel := context.WithCancel(hr.Context())
	resp, err := c.do(hr.WithContext(ctx), cancel, new(counter), c.about(hr))
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = cancelBody{resp.Body, cancel}
	return resp, nil
}

type cancelBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b cancelBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// Listener reads an answer that another program receives. It takes the body of the reply in
// pieces and says what they bring, as Stream does.
type Listener struct {
	answer answer
	in     pieces
	reader *sse.Reader
	batch  sse.Batch    // what one read brought
	begun  bool         // the first byte has come that is no space
	whole  bool         // the body is not a stream
	body   bytes.Buffer // then
	err    error
}

// listenSize is the first size of a Listener's buffer, in bytes: there may be a thousand.
const listenSize = 4 << 10

// pieces is what a reader of events reads.
type pieces struct{ rest []byte }

func (p *pieces) Read(b []byte) (int, error) {
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// Listen returns a Listener for one answer of an API.
func (c *Client) Listen(api API) *Listener {
	l := &Listener{answer: newAnswer(c, Error{}, api)}
	l.reader = forAnswers(sse.NewReaderSize(&l.in, listenSize))
	return l
}

// Write takes a piece of the body and calls add with what it brings, which is valid until
// add returns. The error is io.EOF once the answer has ended, or an *Error; then no more is
// taken.
func (l *Listener) Write(piece []byte, add func(*chat.Delta)) error {
	if l.err != nil {
		return l.err
	}
	if n := leading(piece); !l.begun && n < len(piece) {
		l.begun = true
		if l.whole = isOther(piece[n]); l.whole {
			piece = piece[n:]
		}
	}
	if l.whole {
		if l.body.Len()+len(piece) > maxOther {
			l.err = l.answer.about.as(AnswerLimit, 0, nil)
			return l.err
		}
		l.body.Write(piece)
		return nil
	}
	l.in.rest = piece
	for l.err == nil && len(l.in.rest) > 0 {
		n, err := l.reader.Fill()
		l.batch = sse.Batch{Events: l.batch.Events[:0], Bytes: n, Err: err}
		for e := (sse.Event{}); err == nil && l.reader.Next(&e); {
			l.batch.Events = append(l.batch.Events, e)
		}
		l.take(&l.batch, add)
	}
	return l.err
}

// ResponseID returns the ID by which a later request may go on with this answer, or nothing
// if its API has none.
func (l *Listener) ResponseID() string {
	if d, ok := l.answer.decoder.(interface{ ResponseID() string }); ok {
		return d.ResponseID()
	}
	return ""
}

// End says that the body has ended, with io.EOF or broken by err, and returns how the answer
// did, as Write.
func (l *Listener) End(err error, add func(*chat.Delta)) error {
	if l.err != nil {
		return l.err
	}
	batch := &sse.Batch{Err: err}
	if l.whole {
		body := &otherBody{data: l.body.Bytes()}
		if err != io.EOF {
			body.err = err
		}
		batch.Err = body
	} else if event, ok := l.reader.Pending(); ok {
		batch.Pending = &event
	}
	l.take(batch, add)
	return l.err
}

func (l *Listener) take(batch *sse.Batch, add func(*chat.Delta)) {
	l.answer.release()
	delta, err := l.answer.take(batch)
	if delta != nil {
		add(delta)
	}
	l.err = err
}
