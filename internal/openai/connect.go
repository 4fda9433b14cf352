package openai

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
)

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

// Connect begins to connect to the endpoint and returns at once: the way there can be
// gone while a prompt is saved. It sends nothing. The next request takes the connection,
// or the error; if there is none until ctx ends, the connection is closed. Where a proxy
// is on the way it does nothing.
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

// directAddress returns the endpoint's as net/http asks for it, or "" if a proxy is
// before it.
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

// dial takes the connection that Connect began, or makes one.
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
