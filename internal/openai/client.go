// Package openai asks OpenAI-compatible services: one request, its retries and errors, and
// the stream of deltas an answer arrives in. What is posted and what the events say is a
// matter of the API; see packages completions and, for what both share, this one.
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
	"sync/atomic"
	"time"
)

// Limits are the times that may pass without progress. There is none on the
// whole: a slow answer is not a dead one.
type Limits struct {
	Connect     time.Duration // until there is a connection
	TLS         time.Duration // for the handshake
	Send        time.Duration // without progress in sending the request
	Headers     time.Duration // from the request to the reply's headers
	Silence     time.Duration // without a byte of the body; comments are life
	NoEvent     time.Duration // without an event, whatever bytes come
	AfterFinish time.Duration // from the finish reason to the end, whatever comes
	ErrorBody   time.Duration // for the text of an error
}

// DefaultLimits returns the limits for people at a terminal.
func DefaultLimits() Limits {
	return Limits{
		Connect:     10 * time.Second,
		TLS:         10 * time.Second,
		Send:        300 * time.Second,
		Headers:     300 * time.Second,
		Silence:     120 * time.Second,
		NoEvent:     10 * time.Minute,
		AfterFinish: 2 * time.Second,
		ErrorBody:   5 * time.Second,
	}
}

// Config is what a Client is made from. BaseURL, API and Limits must be set.
type Config struct {
	API       API
	BaseURL   string // without a slash at the end
	Query     string // behind the URL of a turn, without ?
	ModelsURL string // lists the models; empty: BaseURL/models
	Key       string // empty: none is sent
	KeyHeader string // takes the key; empty: Authorization: Bearer
	UserAgent string
	Header    http.Header // further ones, which win
	// Secrets are texts that no error and nothing else that a service says may repeat, as
	// the values of secret headers. The key and the proxy's password are among them anyway.
	Secrets []string
	Roots   *x509.CertPool // of certificate authorities; nil: the system's
	Local   bool           // it is this machine, so that a refused connection is final
	Limits  Limits
	Proxy   func(*http.Request) (*url.URL, error) // nil: none
	// Other is used from then on if the endpoint says that it has a model only there, and
	// OnOther is told the model; both may be nil.
	Other   API
	OnOther func(model string)
	// OmitExtra is that of each Request.
	OmitExtra bool
	// ReasoningTags takes the text in <think> or <thought> at the start of an answer for
	// reasoning.
	ReasoningTags bool
	// Observe wraps the transport for an observer that changes nothing; may be nil.
	Observe func(http.RoundTripper) http.RoundTripper
	// OnRetry is told before each wait, by the goroutine that waits; may be nil.
	OnRetry func(Retry)
}

// Client sends requests to one endpoint, any number at once. It keeps connections for
// further requests.
type Client struct {
	config       Config
	transport    *http.Transport
	http         *http.Client
	early        atomic.Pointer[early] // made by Connect
	redactor     Redactor
	refusesExtra atomic.Bool // learned: see Request.OmitExtra
	usesOther    atomic.Bool // learned: see Config.Other
}

// New returns a Client. Close it when no request is running.
func New(config Config) *Client {
	c := &Client{config: config}
	secrets := append([]string{config.Key}, config.Secrets...)
	if proxy := c.Proxy(); proxy != nil && proxy.User != nil {
		password, _ := proxy.User.Password()
		secrets = append(secrets, password, proxy.User.String(), proxy.User.Username()+":"+password)
	}
	c.redactor = NewRedactor(secrets...)
	c.transport = c.newTransport()
	c.http = &http.Client{Transport: c.transport, CheckRedirect: neverRedirect}
	if config.Observe != nil {
		c.http.Transport = config.Observe(c.transport)
	}
	return c
}

// Close closes the connections that are kept.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Redact returns a text from the service without the client's secrets.
func (c *Client) Redact(text string) string { return c.redactor.Redact(text) }

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
	var sends atomic.Int32
	for try := 1; ; {
		req.OmitExtra = req.OmitExtra || c.config.OmitExtra || c.refusesExtra.Load()
		stream, err := c.send(ctx, req, &sends)
		if err == nil {
			return stream, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		failure, ok := errors.AsType[*Error](err)
		if !ok {
			return nil, err
		}
		if c.learn(req, failure) {
			sends.Store(0) // it will be another request
			continue
		}
		failure.Tries = try
		if try > failure.retries() || sends.Load() >= maxSends {
			return nil, failure
		}
		wait := failure.wait(try)
		if c.config.OnRetry != nil {
			c.config.OnRetry(Retry{Try: try, Most: failure.retries(), Wait: wait, Cause: failure})
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		try++
	}
}

// learn reports whether the request can be sent without what some endpoints refuse, or by
// the other API, since that is all the endpoint objects to. Later requests go so at once.
func (c *Client) learn(req Request, failure *Error) bool {
	switch {
	case c.config.Other != nil && failure.OnlyIn == c.config.Other.Path() && c.usesOther.CompareAndSwap(false, true):
		if c.config.OnOther != nil {
			c.config.OnOther(req.Model)
		}
		return true
	case !req.OmitExtra && failure.refusesExtra():
		c.refusesExtra.Store(true)
		return true
	}
	return false
}

// api returns the API by which the endpoint is asked.
func (c *Client) api() API {
	if c.usesOther.Load() {
		return c.config.Other
	}
	return c.config.API
}

// refusesExtra reports whether the service refuses what Request.OmitExtra leaves out: the
// usage of a stream (Mistral and others), or encrypted reasoning, which OpenAI's models that
// do not reason refuse to send, and which no service can read that did not send it.
func (e *Error) refusesExtra() bool {
	return (e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity) &&
		(containsAny(e.Message+e.Param, "stream_options", "include_usage", "encrypted_content", "ncrypted content") || e.Param == "include")
}

// send sends the request and waits for the first event of the answer.
func (c *Client) send(ctx context.Context, req Request, sends *atomic.Int32) (_ *Stream, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		if err != nil {
			cancel()
		}
	}()
	api := c.api() // another request may change it meanwhile
	hr, err := c.httpRequest(ctx, api, req)
	if err != nil {
		return nil, err
	}
	about := c.about(hr)
	about.Model = req.Model
	resp, err := c.do(hr, cancel, sends, about)
	if err != nil {
		return nil, err
	}
	about.Status = resp.StatusCode
	if resp.StatusCode/100 != 2 || resp.StatusCode == http.StatusNoContent {
		defer resp.Body.Close()
		return nil, c.statusError(about, resp)
	}
	if encoding := resp.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		resp.Body.Close()
		about.Kind, about.Encoding = Encoded, c.Redact(encoding)
		return nil, &about
	}
	stream := newStream(ctx, cancel, c, api, about, resp.Body)
	stream.maxLength = req.maxLength()
	return stream, stream.first(ctx)
}

// about returns the facts that every error of a request has.
func (c *Client) about(hr *http.Request) Error {
	return Error{Host: hr.URL.Host, URL: c.Redact(withoutUser(hr.URL)), Size: hr.ContentLength, local: c.config.Local}
}

// do sends a request, and once more if it met a connection of an earlier request that the
// endpoint had closed meanwhile. sends counts how often. The error is an *Error, unless the
// request's context ended, which cancel does.
func (c *Client) do(hr *http.Request, cancel context.CancelFunc, sends *atomic.Int32, about Error) (*http.Response, error) {
	for again := false; ; again = true {
		p := &progress{limits: c.config.Limits, sends: sends, cancel: cancel}
		resp, err := c.http.Do(p.watch(hr))
		p.timer.Stop()
		if err == nil {
			return resp, nil
		}
		err = c.networkError(about, hr, p, err)
		failure, ok := err.(*Error)
		if again || !ok || !failure.stale || hr.Context().Err() != nil || hr.Body != nil && hr.GetBody == nil {
			return nil, err
		}
		c.Close() // the other connections will be closed, too
	}
}
