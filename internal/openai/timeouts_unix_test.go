//go:build unix

package openai_test

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/demo"

	. "oax/internal/openai"
)

// hello is a request of one message.
var hello = Request{Messages: []chat.Message{{Role: chat.User, Text: "hi"}}}

// short is a limit that a test can wait for.
const short = 110 * time.Millisecond

// deaf returns the address of a listener that never accepts a connection.
func deaf(t *testing.T) (string, *net.TCPListener) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String(), listener.(*net.TCPListener)
}

// fill takes every place in a listener's queue.
func fill(t *testing.T, listener *net.TCPListener) {
	t.Helper()
	raw, err := listener.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) { err = syscall.Listen(int(fd), 0) }); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		conn, err := net.DialTimeout("tcp", listener.Addr().String(), 50*time.Millisecond)
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Fatal("the queue does not fill")
}

// fails sends a request and returns its error, which must not take long.
func fails(t *testing.T, c *Client) *Error {
	t.Helper()
	begun := time.Now()
	_, err := c.Stream(t.Context(), hello)
	failure := new(Error)
	if !errors.As(err, &failure) {
		t.Fatalf("the error is %v", err)
	}
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	if failure.Tries != 1 {
		t.Errorf("%d tries, want 1", failure.Tries)
	}
	return failure
}

func TestConnectTimeout(t *testing.T) {
	t.Parallel()
	address, listener := deaf(t)
	fill(t, listener)
	for _, scheme := range []string{"http", "https"} {
		e := fails(t, newClient(Config{BaseURL: scheme + "://" + address + "/v1", Limits: patient(func(l *Limits) { l.Connect = short })}))
		if e.Kind != ConnectTimeout || e.Limit != short || e.Host != address {
			t.Errorf("%s: %+v", scheme, e)
		}
	}
}

func TestTLSTimeout(t *testing.T) {
	address, _ := deaf(t) // the system takes the connection, and nobody says hello
	e := fails(t, newClient(Config{BaseURL: "https://" + address + "/v1", Limits: patient(func(l *Limits) { l.TLS = short })}))
	if e.Kind != TLSTimeout || e.Limit != short || e.Host != address {
		t.Errorf("%+v", e)
	}
}

func TestReplyTimeout(t *testing.T) {
	address, _ := deaf(t)
	e := fails(t, newClient(Config{BaseURL: "http://" + address + "/v1", Limits: patient(func(l *Limits) { l.Headers = short })}))
	if e.Kind != ReplyTimeout || e.Limit != short || e.Host != address {
		t.Errorf("%+v", e)
	}
}

// TestErrorBodyTimeout is an error whose text never ends: what came has to do.
func TestErrorBodyTimeout(t *testing.T) {
	t.Parallel()
	script := demo.Script(demo.Exchange{Status: 400, Body: []demo.Step{demo.Send([]byte("half of the")), demo.Hold()}})
	server, err := demo.Start(script)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	limits := patient(func(l *Limits) { l.ErrorBody = 2 * time.Second }) // time enough for the first half
	e := fails(t, newClient(Config{BaseURL: server.URL(), Limits: limits}))
	if e.Kind != BadStatus || e.Status != 400 || e.Message != "half of the" {
		t.Errorf("%+v", e)
	}
	if fired := script.Fired(); len(fired) != 1 {
		t.Errorf("fired: %q", fired)
	}
}

// TestProxyTimeout is a proxy that takes the connection and says nothing.
func TestProxyTimeout(t *testing.T) {
	t.Parallel()
	address, _ := deaf(t)
	for _, scheme := range []string{"socks5", "http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			proxy := &url.URL{Scheme: scheme, Host: address}
			c := newClient(Config{BaseURL: "https://a.invalid/v1", Limits: patient(func(l *Limits) { l.Connect, l.TLS, l.Headers = short, short, short }), Proxy: http.ProxyURL(proxy)})
			if e := fails(t, c); e.Kind != ProxyFailed || e.Limit == 0 || e.Proxy != proxy.String() {
				t.Errorf("%+v", e)
			}
			if _, err := c.Models(t.Context()); err == nil || err.(*Error).Kind != ProxyFailed {
				t.Errorf("models: %v", err)
			}
		})
	}
}
