package main

import (
	"io"
	"net"
	"net/url"
	"strings"
	"testing"

	"oax/internal/demo"
)

// proxy starts a proxy that answers the nth request with the nth exchange.
func proxy(t *testing.T, exchanges ...demo.Exchange) (host string, script *demo.Scripted) {
	t.Helper()
	h, script := scripted(t, exchanges...)
	return hostOf(h), script
}

func proxyRefuses(t *testing.T) {
	for _, exchange := range []demo.Exchange{
		demo.Reply(407, "text/plain", "who are you?"), demo.Reply(502, "text/plain", "no such host"), demo.Raw(demo.FIN()), demo.Raw(demo.RST()),
	} {
		host, script := proxy(t, exchange)
		h := newHome(t)
		h.env["HTTPS_PROXY"] = "http://" + canary + "@" + host
		h.env["OPENAI_BASE_URL"] = "https://x.invalid/v1"
		h.check(h.run("hi"), unsent("proxy", 6))
		if requests := script.Requests(); len(requests) != 1 || requests[0].Method != "CONNECT" {
			t.Errorf("the proxy was asked %v", requests)
		}
	}
	h, host := newHome(t), closedPort(t)
	h.env["HTTPS_PROXY"], h.env["OPENAI_BASE_URL"] = host, "https://x.invalid/v1"
	h.check(h.run("hi"), unsent("proxy", 6))
}

// proxyPassedBy is an endpoint that the environment keeps from its proxy, or that
// never has one.
func proxyPassedBy(t *testing.T) {
	host, script := proxy(t, demo.Stream(demo.Answer("by proxy")...))
	h, _ := scripted(t, demo.Stream(demo.Answer("yes")...))
	h.env["HTTP_PROXY"] = "http://" + host
	h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})

	// 0.0.0.0 leads to this machine but does not name it.
	h.config(plainHTTP(strings.Replace(h.env["OPENAI_BASE_URL"], "127.0.0.1", "0.0.0.0", 1)))
	h.env["NO_PROXY"] = "a.invalid,0.0.0.0"
	h.checkRun(h.run("hi"), want{stdout: "yes\n"})
	requested(t, script, 0)
	delete(h.env, "NO_PROXY")
	h.checkRun(h.run("hi"), want{stdout: "by proxy\n"})
}

// socks is a SOCKS5 proxy (RFC 1928) for one connection, which it makes to an address
// of its own instead of the one asked for, or refuses. It sends what was asked for.
func socks(t *testing.T, to string, refusal byte) (host string, asked <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { listener.Close() })
	names := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		hello := make([]byte, 2)
		io.ReadFull(conn, hello)
		io.CopyN(io.Discard, conn, int64(hello[1]))
		conn.Write([]byte{5, 0})
		request := make([]byte, 5)
		io.ReadFull(conn, request)
		name := make([]byte, request[4]+2)
		io.ReadFull(conn, name)
		names <- string(name[:request[4]])
		conn.Write([]byte{5, refusal, 0, 1, 0, 0, 0, 0, 0, 0})
		if refusal != 0 {
			return
		}
		there, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer there.Close()
		go io.Copy(there, conn)
		io.Copy(conn, there)
	}()
	return listener.Addr().String(), names
}

func socksWorks(t *testing.T) {
	h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
	host, asked := socks(t, hostOf(h), 0)
	h.config(plainHTTP("http://x.invalid/v1"))
	h.env["HTTP_PROXY"] = "socks5://" + host
	h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
	oneRequest(t, script, "hi")
	equal(t, "asked of the proxy", <-asked, "x.invalid")
}

func socksFails(t *testing.T) {
	h := newHome(t)
	host, asked := socks(t, "", 5)
	h.env["OPENAI_BASE_URL"] = "https://x.invalid/v1"
	h.env["HTTPS_PROXY"] = (&url.URL{Scheme: "socks5", User: url.UserPassword("me", "secret"), Host: host}).String()
	h.check(h.run("hi"), unsent("proxy", 6))
	equal(t, "asked of the proxy", <-asked, "x.invalid")
}
