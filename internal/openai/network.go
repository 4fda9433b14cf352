package openai

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// maxSends is how often a request is sent at most, whether net/http or a Client repeats it.
const maxSends = 3

// progress records which steps a request has completed, to distinguish time-outs, and ends
// a request that makes none, or that is sent again and again. net/http has no limit of its
// own for a SOCKS proxy, for sending, and for an endpoint that refuses each connection
// after the request was sent over it (HTTP/2: REFUSED_STREAM, GOAWAY).
type progress struct {
	limits Limits
	sends  *atomic.Int32 // how often it was sent
	cancel context.CancelFunc
	timer  *time.Timer // for all steps of the connection together, then for each step of sending

	ready, reused, sent, replied, late, repeated atomic.Bool
}

// watch returns a copy of the request with the hooks by which it is observed.
func (p *progress) watch(hr *http.Request) *http.Request {
	p.timer = time.AfterFunc(p.limits.connection(), func() {
		p.late.Store(true)
		p.cancel()
	})
	hr = hr.WithContext(httptrace.WithClientTrace(hr.Context(), &httptrace.ClientTrace{
		GetConn: func(string) {
			if p.sends.Add(1) > maxSends {
				p.repeated.Store(true)
				p.cancel()
			}
		},
		GotConn: func(info httptrace.GotConnInfo) {
			p.ready.Store(true)
			p.reused.Store(info.Reused)
			p.timer.Reset(p.limits.Send)
		},
		WroteRequest: func(httptrace.WroteRequestInfo) {
			p.timer.Stop() // the transport has a limit for the reply
			p.sent.Store(true)
		},
		GotFirstResponseByte: func() { p.replied.Store(true) },
	}))
	if hr.Body != nil && hr.Body != http.NoBody {
		again := hr.GetBody
		if again != nil { // it may have been sent before
			hr.Body, _ = again() // the bytes are in memory: there is no error
			hr.GetBody = func() (io.ReadCloser, error) {
				body, err := again()
				return sending{body, p}, err
			}
		}
		hr.Body = sending{hr.Body, p}
	}
	return hr
}

// sending is the body of a request. That more of it is asked for is progress.
type sending struct {
	io.ReadCloser
	p *progress
}

func (s sending) Read(b []byte) (int, error) {
	s.p.timer.Reset(s.p.limits.Send)
	return s.ReadCloser.Read(b)
}

// connection is the limit for a connection to a proxy and through it.
func (l Limits) connection() time.Duration { return 2 * (l.Connect + l.TLS) }

// networkError returns the *Error of a request that got no reply.
func (c *Client) networkError(about Error, hr *http.Request, p *progress, err error) error {
	if hr.Context().Err() != nil && !p.late.Load() && !p.repeated.Load() {
		return err
	}
	if proxy := c.proxyFor(hr.URL); proxy != nil {
		about.Proxy = withoutUser(proxy)
	}
	about.Kind = networkKind(err)
	timeout, isTimeout := errors.AsType[net.Error](err)
	switch {
	case p.repeated.Load():
		about.Kind, err = NetworkFailed, fmt.Errorf("it ended %d connections without a reply", maxSends)
	case p.late.Load() && p.ready.Load():
		about.Kind, about.Limit = SendTimeout, p.limits.Send
	case p.late.Load():
		about.Kind, about.Limit = ConnectTimeout, p.limits.connection()
	case isTimeout && timeout.Timeout() && about.Kind == NetworkFailed:
		about.Kind, about.Limit = p.timeout(hr.URL.Scheme, err)
	}
	if about.Proxy != "" && proxyFailed(about.Kind, p, err) {
		about.Kind = ProxyFailed
	}
	about.stale = p.reused.Load() && !p.replied.Load() && !p.repeated.Load() && about.Limit == 0
	about.Err = c.redactError(err)
	return &about
}

// redactError returns the error itself, unless a secret is in its text: a service may have
// put it in a line that net/http quotes.
func (c *Client) redactError(err error) error {
	if text := err.Error(); c.Redact(text) != text {
		for inner := err; inner != nil; inner = errors.Unwrap(inner) {
			text = inner.Error()
		}
		return &redactedError{c.Redact(text), err}
	}
	return err
}

// timeout returns the kind of a time limit of the transport, and the limit. Only that of
// the handshake, before the request is sent, is no error of a dialer.
func (p *progress) timeout(scheme string, err error) (Kind, time.Duration) {
	switch {
	case p.sent.Load():
		return ReplyTimeout, p.limits.Headers
	case scheme == "https" && !isType[*net.OpError](err):
		return TLSTimeout, p.limits.TLS
	}
	return ConnectTimeout, p.limits.Connect
}

// networkKind classifies an error by its type, and by its text only where net/http
// gives no type.
func networkKind(err error) Kind {
	if kind := tlsKind(err); kind != "" {
		return kind
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return NoHost
		}
		return NoRoute
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return NoRoute
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ResetBeforeReply
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "response headers exceeded"):
		return HeadersTooLarge
	case strings.Contains(text, `malformed HTTP response "\x15\x03`):
		return ExpectsHTTPS
	case strings.HasSuffix(text, "EOF"), strings.Contains(text, "server closed idle connection"):
		return NoReply
	}
	return NetworkFailed
}

// tlsKind returns the kind of an error of TLS, or "" for another error.
func tlsKind(err error) Kind {
	record, isRecord := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case isType[x509.UnknownAuthorityError](err):
		return Untrusted
	case isType[x509.CertificateInvalidError](err), isType[x509.HostnameError](err):
		return BadCertificate
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"),
		isRecord && strings.HasPrefix(string(record.RecordHeader[:]), "HTTP"):
		return SpeaksPlainHTTP
	case isRecord, isType[tls.AlertError](err):
		return TLSFailed
	}
	return ""
}

func isType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// proxyFailed reports whether an error on the way to a proxied host is the proxy's.
func proxyFailed(kind Kind, p *progress, err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		return true
	}
	if p.ready.Load() {
		return false
	}
	switch kind {
	case NetworkFailed, Refused, ConnectTimeout, NoReply, ResetBeforeReply:
		return true
	}
	return false
}
