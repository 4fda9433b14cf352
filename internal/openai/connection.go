package openai

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"

	"golang.org/x/net/http/httpproxy"
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

// Observe wraps the transport of all further requests, for an observer that changes
// nothing. The limits, the proxy and the certificate authorities must be set before.
func (c *Client) Observe(wrap func(http.RoundTripper) http.RoundTripper) {
	client := c.client()
	client.Transport = wrap(client.Transport)
}

// Proxies are the proxies of an environment, as URLs: the one for http, the one for https,
// and the list of hosts that need neither. This machine never needs one.
type Proxies struct{ HTTP, HTTPS, Except string }

// For returns the proxy of a request, nil if it has none.
func (p Proxies) For(r *http.Request) (*url.URL, error) {
	config := httpproxy.Config{HTTPProxy: p.HTTP, HTTPSProxy: p.HTTPS, NoProxy: p.Except}
	return config.ProxyFunc()(r.URL)
}

// early is a connection that is made before the request that will use it.
type early struct {
	address string
	made    chan dialed
	taken   atomic.Bool
}

type dialed struct {
	conn net.Conn
	err  error
}

// Connect begins to connect to the endpoint and returns at once, so that the connection
// is made while a prompt is saved. It sends nothing. The next request takes the
// connection, or the error; if there is no request until ctx ends, the connection is
// closed. With a proxy it does nothing.
func (c *Client) Connect(ctx context.Context) {
	address := c.directAddress()
	if address == "" {
		return
	}
	e := &early{address: address, made: make(chan dialed)}
	c.early = e
	go func() {
		conn, err := c.dialer().DialContext(ctx, "tcp", address)
		select {
		case e.made <- dialed{conn, err}:
		case <-ctx.Done():
			if conn != nil {
				conn.Close()
			}
		}
	}()
}

// directAddress returns the address of the endpoint, host:port, or "" if requests go
// through a proxy.
func (c *Client) directAddress() string {
	base, err := url.Parse(c.BaseURL)
	if err != nil {
		return ""
	}
	if c.Proxy != nil {
		if proxy, err := c.Proxy(&http.Request{URL: base}); proxy != nil || err != nil {
			return ""
		}
	}
	port := base.Port()
	switch {
	case port != "":
	case base.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(base.Hostname(), port)
}

// dial returns the connection that Connect began, or makes one.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	e := c.early
	if e == nil || e.address != address || e.taken.Swap(true) {
		return c.dialer().DialContext(ctx, network, address)
	}
	select {
	case d := <-e.made:
		if trace := httptrace.ContextClientTrace(ctx); trace != nil {
			trace.ConnectDone(network, address, d.err)
		}
		return d.conn, d.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (c *Client) dialer() *net.Dialer { return &net.Dialer{Timeout: c.Limits.Connect} }
