package openai_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"syscall"
	"testing"

	. "oax/internal/openai"
)

// counted is a server of whole answers; each connection it accepts comes over the
// channel.
func counted(t *testing.T) (*httptest.Server, <-chan net.Conn) {
	accepted := make(chan net.Conn, 10)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	}))
	server.Config.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateNew {
			accepted <- c
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server, accepted
}

// TestConnect: the connection is there before the request, which takes it, and the next
// request takes it, too.
func TestConnect(t *testing.T) {
	server, accepted := counted(t)
	c := newClient(Config{BaseURL: server.URL, Limits: DefaultLimits()})
	c.Connect(t.Context())
	<-accepted
	if _, err := ask(t, c); err != nil || len(accepted) > 0 {
		t.Errorf("%v, %d further connections", err, len(accepted))
	}
	if _, err := ask(t, c); err != nil || len(accepted) != 0 {
		t.Errorf("%v, %d further connections", err, len(accepted))
	}
}

// TestConnectElsewhere: what the request does not go to is not connected to.
func TestConnectElsewhere(t *testing.T) {
	server, accepted := counted(t)
	proxy, proxied := counted(t)
	at, _ := url.Parse(proxy.URL)
	c := newClient(Config{BaseURL: server.URL, Limits: DefaultLimits(), Proxy: http.ProxyURL(at)})
	c.Connect(t.Context())
	if _, err := ask(t, c); err != nil || len(accepted) != 0 || len(proxied) != 1 {
		t.Errorf("%v, %d connections, %d to the proxy", err, len(accepted), len(proxied))
	}
}

// TestConnectRefused: the request has the error.
func TestConnectRefused(t *testing.T) {
	server, _ := counted(t)
	server.Close()
	c := newClient(Config{BaseURL: server.URL, Limits: DefaultLimits(), Local: true})
	c.Connect(t.Context())
	_, err := ask(t, c)
	failure, ok := errors.AsType[*Error](err)
	if !ok || failure.Kind != Refused || !errors.Is(failure.Err, syscall.ECONNREFUSED) {
		t.Errorf("%+v", failure)
	}
}

// TestConnectInVain: without a request the connection ends with the context.
func TestConnectInVain(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := newClient(Config{BaseURL: "http://" + listener.Addr().String(), Limits: DefaultLimits()})
	c.Connect(ctx)
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for stacks := make([]byte, 1<<20); !bytes.Contains(stacks, []byte("[select]:\noax/internal/openai.(*Client).Connect.func1(")); {
		stacks = stacks[:runtime.Stack(stacks[:cap(stacks)], true)] // until the client has the connection too
	}
	cancel()
	if n, err := conn.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		t.Errorf("read %d bytes, %v", n, err)
	}
}
