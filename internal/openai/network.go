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
func newHTTPClient(limits Limits, proxy func(*http.Request) (*url.URL, error)) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  proxy,
			DialContext:            (&net.Dialer{Timeout: limits.Connect}).DialContext,
			TLSHandshakeTimeout:    limits.TLS,
			ResponseHeaderTimeout:  limits.Headers,
			MaxResponseHeaderBytes: maxHeaders,
			ReadBufferSize:         64 << 10,
			DisableKeepAlives:      true,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// phases remembers how far a request came, to tell one time-out from another.
type phases struct {
	connected, secured, sent atomic.Bool
}

func (p *phases) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		ConnectDone:      func(_, _ string, err error) { p.connected.Store(err == nil) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) { p.secured.Store(err == nil) },
		WroteRequest:     func(httptrace.WroteRequestInfo) { p.sent.Store(true) },
	})
}

// networkError says what kept a request from getting a reply.
func (c *Client) networkError(about Error, hr *http.Request, reached *phases, err error) error {
	about.Err = err
	if hr.Context().Err() != nil {
		return err
	}
	if c.Proxy != nil {
		if proxy, _ := c.Proxy(hr); proxy != nil {
			about.Proxy = proxy.Redacted()
		}
	}
	about.Kind, about.Limit = networkKind(err), 0
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() && about.Kind == NetworkFailed {
		about.Kind, about.Limit = c.timeout(reached, hr.URL.Scheme)
	}
	if about.Proxy != "" && proxyFailed(about.Kind, err) {
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
func proxyFailed(kind Kind, err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		return true
	}
	return kind == NetworkFailed || kind == Refused || kind == ConnectTimeout
}
