package openai

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// phases records which steps a request has completed, to distinguish time-outs.
type phases struct {
	connected, secured, ready, sent, late atomic.Bool

	limit *time.Timer // for all steps of the connection
}

// watch ends the request by cancel if there is no connection within the limits of all
// its steps together: net/http waits for a SOCKS proxy without a limit.
func (p *phases) watch(ctx context.Context, cancel context.CancelFunc, limits Limits) context.Context {
	p.limit = time.AfterFunc(limits.connection(), func() {
		p.late.Store(true)
		cancel()
	})
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) {
			p.limit.Stop()
			p.ready.Store(true)
		},
		ConnectDone:      func(_, _ string, err error) { p.connected.Store(err == nil) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) { p.secured.Store(err == nil) },
		WroteRequest:     func(httptrace.WroteRequestInfo) { p.sent.Store(true) },
	})
}

// connection is the limit for a connection to a proxy and through it.
func (l Limits) connection() time.Duration { return 2 * (l.Connect + l.TLS) }

// networkError returns the *Error of a request that got no reply.
func (c *Client) networkError(about Error, hr *http.Request, reached *phases, err error) error {
	about.Err = err
	reached.limit.Stop()
	if hr.Context().Err() != nil && !reached.late.Load() {
		return err
	}
	if c.Proxy != nil {
		if proxy, _ := c.Proxy(hr); proxy != nil {
			about.Proxy = withoutUser(proxy)
		}
	}
	about.Kind, about.Limit = networkKind(err), 0
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() && about.Kind == NetworkFailed {
		about.Kind, about.Limit = c.timeout(reached, hr.URL.Scheme)
	}
	if reached.late.Load() {
		about.Kind, about.Limit = ConnectTimeout, c.Limits.connection()
	}
	if about.Proxy != "" && proxyFailed(about.Kind, reached, err) {
		about.Kind = ProxyFailed
	}
	return &about
}

func (c *Client) timeout(reached *phases, scheme string) (Kind, time.Duration) {
	switch {
	case reached.sent.Load():
		return ReplyTimeout, c.Limits.Headers
	case reached.connected.Load() && scheme == "https" && !reached.secured.Load():
		return TLSTimeout, c.Limits.TLS
	}
	return ConnectTimeout, c.Limits.Connect
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
func proxyFailed(kind Kind, reached *phases, err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		return true
	}
	if reached.ready.Load() {
		return false
	}
	switch kind {
	case NetworkFailed, Refused, ConnectTimeout, NoReply, ResetBeforeReply:
		return true
	}
	return false
}
