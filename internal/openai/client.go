// Package openai speaks the chat completions API, as OpenAI defines it
// (https://platform.openai.com/docs/api-reference/chat) and as some thirty other
// services bend it: one request, its retries and errors, and the stream of deltas
// an answer arrives in.
//
// Three promises: a request goes to the base URL's host and nowhere else; nothing
// is sent twice once a byte of the answer has been handed out; and an answer ends
// with io.EOF, never with an error, exactly when the service closed it in order.
package openai

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"oax/internal/chat"
)

// Limits are the times that may pass without progress. There is none on the
// whole: a slow answer is not a dead one.
type Limits struct {
	Connect     time.Duration // until there is a connection
	TLS         time.Duration // for the handshake
	Headers     time.Duration // from the request to the reply's headers
	Silence     time.Duration // without a byte of the body; comments are life
	NoEvent     time.Duration // without an event, whatever bytes come
	AfterFinish time.Duration // without a byte, once the finish reason is known
	ErrorBody   time.Duration // for the text of an error
}

// DefaultLimits returns the limits for people at a terminal.
func DefaultLimits() Limits {
	return Limits{
		Connect:     10 * time.Second,
		TLS:         10 * time.Second,
		Headers:     300 * time.Second,
		Silence:     120 * time.Second,
		NoEvent:     10 * time.Minute,
		AfterFinish: 2 * time.Second,
		ErrorBody:   5 * time.Second,
	}
}

// Client sends requests to one endpoint.
type Client struct {
	BaseURL    string // without a slash at the end
	Query      string // behind the URL of a turn, without ?
	ModelsURL  string // lists the models; empty: BaseURL/models
	Key        string // empty: none is sent
	KeyHeader  string // takes the key; empty: Authorization: Bearer
	UserAgent  string
	Header     http.Header    // further ones, which win
	SystemRole chat.Role      // in place of system; empty: none
	Roots      *x509.CertPool // of certificate authorities; nil: the system's
	Local      bool           // it is this machine, so that a refused connection is final
	Limits     Limits
	Proxy      func(*http.Request) (*url.URL, error) // nil: none
	// OmitUsage leaves stream_options out. Stream sets it when the endpoint
	// refuses that field.
	OmitUsage bool
	// ReasoningTags takes the text in <think> or <thought> at the start of an answer for
	// reasoning.
	ReasoningTags bool
	// OnRetry is told before each wait, if it is set.
	OnRetry func(Retry)
	// OnFailure is told of the failure that Stream returns, if it is set.
	OnFailure func(*Error)

	http  *http.Client // made by the first request
	early *early       // made by Connect
}

// Retry is a request that will be sent again after Wait.
type Retry struct {
	Try, Most int // of the retries, from 1
	Wait      time.Duration
	Cause     *Error
}

// Stream sends the request and returns once the first event of the answer has
// come, after the retries the failures on the way allow. The error is an *Error,
// or the cause of ctx.
func (c *Client) Stream(ctx context.Context, req Request) (*Stream, error) {
	for try := 1; ; try++ {
		stream, err := c.sendWithUsage(ctx, req)
		if err == nil {
			return stream, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		failure := new(Error)
		if !errors.As(err, &failure) {
			return nil, err
		}
		failure.Tries = try
		if try > failure.retries() {
			if c.OnFailure != nil {
				c.OnFailure(failure)
			}
			return nil, failure
		}
		wait := failure.wait(try)
		if c.OnRetry != nil {
			c.OnRetry(Retry{Try: try, Most: failure.retries(), Wait: wait, Cause: failure})
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// sendWithUsage sends the request one time, or a second time without stream_options if
// that is all the endpoint refuses.
func (c *Client) sendWithUsage(ctx context.Context, req Request) (*Stream, error) {
	stream, err := c.send(ctx, req)
	failure := new(Error)
	if !c.OmitUsage && errors.As(err, &failure) && failure.refusesUsage() {
		c.OmitUsage = true
		return c.send(ctx, req)
	}
	return stream, err
}

func (e *Error) refusesUsage() bool {
	return (e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity) &&
		(strings.Contains(e.Message+e.Param, "stream_options") || strings.Contains(e.Message, "include_usage"))
}

// send sends the request one time and waits for the first event of the answer.
func (c *Client) send(ctx context.Context, req Request) (_ *Stream, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		if err != nil {
			cancel()
		}
	}()
	trace := &phases{}
	hr, err := c.HTTPRequest(trace.watch(ctx, cancel, c.Limits), req)
	if err != nil {
		return nil, err
	}
	about := Error{Host: hr.URL.Host, URL: hr.URL.String(), Model: req.Model, Size: hr.ContentLength, local: c.Local}
	resp, err := c.client().Do(hr)
	if err != nil {
		return nil, c.networkError(about, hr, trace, err)
	}
	about.Status = resp.StatusCode
	if resp.StatusCode/100 != 2 || resp.StatusCode == http.StatusNoContent {
		defer resp.Body.Close()
		return nil, c.statusError(about, resp)
	}
	if encoding := resp.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		resp.Body.Close()
		about.Kind, about.Encoding = Encoded, encoding
		return nil, &about
	}
	stream := newStream(ctx, cancel, c, about, resp.Body)
	return stream, stream.first(ctx)
}

func (c *Client) client() *http.Client {
	if c.http == nil {
		c.http = c.newHTTPClient()
	}
	return c.http
}

// redact replaces the key in a text from the service.
func (c *Client) redact(text string) string {
	const shortest = 8 // a shorter one may be part of a word
	if len(c.Key) < shortest {
		return text
	}
	return strings.ReplaceAll(text, c.Key, "[key]")
}
