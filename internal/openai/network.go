package openai

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// maxHeaders bounds the reply's headers, in bytes.
const maxHeaders = 1 << 20

// newHTTPClient returns a client that keeps no connection: some servers close
// one that they promised to keep, and the next request would find out. It follows
// no redirect, since the prompt and the key would go along.
func (c *Client) newHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  c.Proxy,
			DialContext:            c.dial,
			TLSHandshakeTimeout:    c.Limits.TLS,
			ResponseHeaderTimeout:  c.Limits.Headers,
			MaxResponseHeaderBytes: maxHeaders,
			ReadBufferSize:         64 << 10,
			DisableKeepAlives:      true,
			ForceAttemptHTTP2:      true,
			OnProxyConnectResponse: proxyStatus,
			TLSClientConfig:        &tls.Config{RootCAs: c.Roots},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// proxyStatus keeps the number of a proxy's refusal, which net/http drops.
func proxyStatus(_ context.Context, _ *url.URL, _ *http.Request, reply *http.Response) error {
	if reply.StatusCode == http.StatusOK {
		return nil
	}
	return errors.New(reply.Status)
}

// phases remembers how far a request came, to tell one time-out from another.
type phases struct {
	connected, secured, ready, sent, late atomic.Bool

	limit *time.Timer // for the whole way
}

// watch ends the request by cancel if there is no connection within the limits of
// all that may be on the way: net/http waits for a SOCKS proxy without any.
func (p *phases) watch(ctx context.Context, cancel context.CancelFunc, limits Limits) context.Context {
	p.limit = time.AfterFunc(limits.way(), func() {
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

// way is the time for a connection to a proxy and through it.
func (l Limits) way() time.Duration { return 2 * (l.Connect + l.TLS) }

// networkError says what kept a request from getting a reply.
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
		about.Kind, about.Limit = ConnectTimeout, c.Limits.way()
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

// networkKind knows an error by its type, and by its text only where net/http
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
	case strings.Contains(text, "malformed HTTP"):
		return NetworkFailed
	}
	return NetworkFailed
}

func tlsKind(err error) Kind {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return Untrusted
	}
	if _, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return BadCertificate
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return BadCertificate
	}
	if strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return SpeaksPlainHTTP
	}
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		if strings.HasPrefix(string(record.RecordHeader[:]), "HTTP") {
			return SpeaksPlainHTTP
		}
		return TLSFailed
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return TLSFailed
	}
	return ""
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
