package openai

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// maxHeaders bounds the reply's headers, in bytes.
const maxHeaders = 1 << 20

// newTransport returns a transport that keeps connections for further requests.
func (c *Client) newTransport() *http.Transport {
	limits := c.config.Limits
	return &http.Transport{
		Proxy:                  c.config.Proxy,
		DialContext:            c.dial,
		TLSHandshakeTimeout:    limits.TLS,
		ResponseHeaderTimeout:  limits.Headers,
		MaxResponseHeaderBytes: maxHeaders,
		ReadBufferSize:         64 << 10,
		MaxIdleConnsPerHost:    maxIdle,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
		OnProxyConnectResponse: proxyStatus,
		TLSClientConfig:        &tls.Config{RootCAs: c.config.Roots},
	}
}

// maxIdle is how many connections are kept.
const maxIdle = 16

// neverRedirect: the prompt and the key would go along.
func neverRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// proxyStatus keeps the number of a proxy's refusal, which net/http drops.
func proxyStatus(_ context.Context, _ *url.URL, _ *http.Request, reply *http.Response) error {
	if reply.StatusCode == http.StatusOK {
		return nil
	}
	return errors.New(reply.Status)
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
	base, err := url.Parse(c.config.BaseURL)
	if err != nil || c.Proxy() != nil {
		return
	}
	e := &early{address: addressOf(base), made: make(chan dialed)}
	c.early.Store(e)
	go func() {
		conn, err := c.dialer().DialContext(ctx, "tcp", e.address)
		select {
		case e.made <- dialed{conn, err}:
		case <-ctx.Done():
			if conn != nil {
				conn.Close()
			}
		}
	}()
}

// Proxy returns the proxy of the endpoint, or nil if it has none.
func (c *Client) Proxy() *url.URL {
	base, err := url.Parse(c.config.BaseURL)
	if err != nil {
		return nil
	}
	return c.proxyFor(base)
}

func (c *Client) proxyFor(u *url.URL) *url.URL {
	if c.config.Proxy == nil {
		return nil
	}
	proxy, _ := c.config.Proxy(&http.Request{URL: u}) // net/http tells the error
	return proxy
}

// addressOf returns the address of a URL's host, host:port.
func addressOf(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// dial returns the connection that Connect began, or makes one.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	e := c.early.Load()
	if e == nil || e.address != address || !c.early.CompareAndSwap(e, nil) {
		return c.dialer().DialContext(ctx, network, address)
	}
	select {
	case d := <-e.made:
		if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.ConnectDone != nil {
			trace.ConnectDone(network, address, d.err)
		}
		return d.conn, d.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (c *Client) dialer() *net.Dialer { return &net.Dialer{Timeout: c.config.Limits.Connect} }
