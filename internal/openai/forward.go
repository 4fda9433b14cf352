package openai

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"

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
	resp, err := c.do(hr.WithContext(ctx), cancel, new(atomic.Int32), c.about(hr))
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
	batch  sse.Batch
	err    error
}

// listenSize is the first size of a Listener's buffer, in bytes: there may be a thousand.
const listenSize = 4 << 10

// pieces is what a Listener has got and not yet read, and how the body ended.
type pieces struct {
	rest []byte
	err  error
}

func (p *pieces) Read(b []byte) (int, error) {
	n := copy(b, p.rest)
	if p.rest = p.rest[n:]; n > 0 {
		return n, nil
	}
	return 0, p.err
}

// Listen returns a Listener for one answer of an API.
func (c *Client) Listen(api API) *Listener {
	l := &Listener{answer: newAnswer(c, Error{}, api)}
	l.reader = newReader(&l.in, listenSize)
	return l
}

// Write takes a piece of the body and calls add with what it brings, which is valid until
// add returns. The error is io.EOF once the answer has ended, or an *Error; then no more is
// taken.
func (l *Listener) Write(piece []byte, add func(*chat.Delta)) error {
	l.in.rest = piece
	for l.err == nil && (len(l.in.rest) > 0 || l.in.err != nil) {
		l.batch.Fill(l.reader)
		l.answer.release()
		var delta *chat.Delta
		if delta, l.err = l.answer.take(&l.batch); delta != nil {
			add(delta)
		}
	}
	return l.err
}

// End says that the body has ended, with io.EOF or broken by err, and returns how the answer
// did, as Write.
func (l *Listener) End(err error, add func(*chat.Delta)) error {
	l.in.err = err
	return l.Write(nil, add)
}

// ResponseID returns the ID by which a later request may go on with this answer, or nothing
// if its API has none.
func (l *Listener) ResponseID() string {
	if d, ok := l.answer.decoder.(interface{ ResponseID() string }); ok {
		return d.ResponseID()
	}
	return ""
}
