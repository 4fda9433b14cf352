package main

import (
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oax/internal/demo"
)

// connecting are the faults of the way to the endpoint (B).
var connecting = []fault{
	{row: "B1", what: "nothing listens here", test: func(t *testing.T) {
		h := newHome(t)
		h.env["OPENAI_BASE_URL"] = "http://" + closedPort(t) + "/v1"
		h.checkRetries(0)
	}},
	{row: "B2", what: "refused elsewhere", test: func(t *testing.T) {
		// 0.0.0.0 leads to this machine but does not name it.
		h, host := newHome(t), strings.Replace(closedPort(t), "127.0.0.1", "0.0.0.0", 1)
		h.config(plainHTTP("http://" + host + "/v1"))
		h.checkRetries(2)
	}},
	{row: "B3", what: "no such host", test: func(t *testing.T) {
		// A label of 64 letters can be in no name server, and none is asked.
		h, host := newHome(t), strings.Repeat("x", 64)+".invalid"
		h.env["OPENAI_BASE_URL"] = "https://" + host + "/v1"
		h.checkRetries(0)
	}},
	{row: "B6", what: "unknown authority", test: func(t *testing.T) {
		h, script := newHome(t), demo.Script()
		server, hellos := secure(t, script)
		h.env["OPENAI_BASE_URL"] = server.URL + "/v1"
		h.check(h.run("hi"), unsent("tls", 6))
		requested(t, script, 0)
		equal(t, "handshakes", len(hellos), 1)
	}},
	{row: "B7", what: "certificate for another time or host", test: badCertificates},
	{row: "B8", what: "https to a plain port", test: func(t *testing.T) {
		h, script := scripted(t)
		h.env["OPENAI_BASE_URL"] = "https://" + hostOf(h) + "/v1"
		h.check(h.run("hi"), unsent("tls", 6))
		requested(t, script, 0)
	}},
	{row: "B9", what: "http to a TLS port", test: func(t *testing.T) {
		h, script := newHome(t), demo.Script()
		server, _ := secure(t, script)
		h.env["OPENAI_BASE_URL"] = "http://" + server.Listener.Addr().String() + "/v1"
		h.check(h.run("hi"), unsent("tls", 6))
		requested(t, script, 0)
	}},
	{row: "B11", what: "the proxy refuses", test: proxyRefuses},
	{row: "B12", what: "a SOCKS proxy works", test: socksWorks},
	{row: "B12", what: "a SOCKS proxy fails", test: socksFails},
	{row: "B13", what: "NO_PROXY", test: proxyPassedBy},
	{row: "B14", what: "no headers", test: func(t *testing.T) {
		h, script := scripted(t, demo.Exchange{Before: time.Minute})
		h.check(h.run("--timeout", "1500ms", "hi"), unsent("timeout", 6))
		oneRequest(t, script, "hi")
	}},
	{row: "B15", what: "empty reply", test: func(t *testing.T) { dropped(t, demo.FIN(), "fin") }},
	{row: "B16", what: "reset instead of a reply", test: func(t *testing.T) { dropped(t, demo.RST(), "rst") }},
	{row: "B17", what: "endless headers", test: endlessHeaders},
	{row: "B18", what: "redirect to another host", test: redirectElsewhere},
	{row: "B18", what: "redirect to no host", test: redirectNowhere},
	{row: "B19", what: "redirect to plain http", test: redirectToPlain},
	{row: "B20", what: "the path moved", test: pathMoved},
	{row: "B21", what: "a redirect to itself", test: func(t *testing.T) {
		h, script := scripted(t, redirect(307, "/v1/chat/completions"))
		h.check(h.run("hi"), unsent("redirect", 2))
		oneRequest(t, script, "hi")
	}},
}

// unsent is what a row wants whose request of "hi" got no reply.
func unsent(why string, code int) want {
	return want{code: code, prompt: "hi", noAnswer: true, why: why}
}

// checkRetries wants a network failure after so many retries, which only the debug log
// tells of.
func (h *home) checkRetries(n int) {
	h.t.Helper()
	log := filepath.Join(h.dir, "debug.log")
	h.check(h.run("--debug="+log, "hi"), unsent("net", 6))
	if got := strings.Count(h.logged(log), " retry "); got != n {
		h.t.Errorf("%d retries, want %d:\n%s", got, n, text(h.t, log))
	}
}

// closedPort returns an address of this machine where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

// plainHTTP is a configuration whose endpoint may get the key unencrypted.
func plainHTTP(base string) string {
	return "profile = \"plain\"\n[profiles.plain]\nbase_url = \"" + base + "\"\nkey_env = \"OPENAI_API_KEY\"\nmodel = \"m\"\nallow_plain_http = true\n"
}

// dropped is a connection lost before the reply, twice: one retry follows. The third
// reply would be an answer.
func dropped(t *testing.T, cut demo.Step, fired string) {
	h, script := scripted(t, demo.Raw(cut), demo.Raw(cut), demo.Stream(demo.Answer("yes")...))
	h.check(h.run("hi"), unsent("net", 6))
	played(t, script, fired+" "+fired)

	h, script = scripted(t, demo.Raw(cut), demo.Stream(demo.Answer("yes")...))
	h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
	played(t, script, fired)
}

// hostOf returns the host and port of a home's endpoint.
func hostOf(h *home) string {
	host := strings.TrimPrefix(h.env["OPENAI_BASE_URL"], "http://")
	return strings.TrimSuffix(host, "/v1")
}

// redirect is the reply that sends a client elsewhere.
func redirect(status int, location string) demo.Exchange {
	return demo.Exchange{Status: status, Header: http.Header{"Location": {location}}}
}

var redirects = []int{301, 302, 303, 307, 308}

func redirectElsewhere(t *testing.T) {
	other, otherScript := scripted(t, demo.Stream(demo.Answer("no")...))
	there := "http://" + hostOf(other)
	for _, status := range redirects {
		h, script := scripted(t, redirect(status, there+"/v1/chat/completions"))
		h.check(h.run("hi"), unsent("redirect", 2))
		oneRequest(t, script, "hi")
	}
	requested(t, otherScript, 0)
}

func redirectNowhere(t *testing.T) {
	h, script := scripted(t, redirect(302, "javascript:alert(1)"))
	h.check(h.run("hi"), unsent("redirect", 2))
	oneRequest(t, script, "hi")
}

func redirectToPlain(t *testing.T) {
	other, otherScript := scripted(t, demo.Stream(demo.Answer("no")...))
	there := other.env["OPENAI_BASE_URL"] + "/chat/completions"
	for _, status := range redirects {
		h, script := newHome(t), demo.Script(redirect(status, there))
		server, _ := secure(t, script)
		h.trust(server)
		h.env["OPENAI_BASE_URL"] = server.URL + "/v1"
		h.check(h.run("hi"), unsent("redirect", 2))
		oneRequest(t, script, "hi")
	}
	requested(t, otherScript, 0)
}

// pathMoved is a new path at the same place, and one that leads to itself.
func pathMoved(t *testing.T) {
	for _, status := range redirects {
		h, script := scripted(t, redirect(status, "/api/v2/chat/completions"))
		h.check(h.run("hi"), unsent("redirect", 2))
		oneRequest(t, script, "hi")
	}
}

// endlessHeaders are 20 MB of them, of which no more than a part is read.
func endlessHeaders(t *testing.T) {
	line := []byte("X-Filler: " + strings.Repeat("x", 1<<20) + "\r\n")
	steps := []demo.Step{demo.Send([]byte("HTTP/1.1 200 OK\r\n"))}
	for range 20 {
		steps = append(steps, demo.Send(line))
	}
	h, script := scripted(t, demo.Raw(append(steps, demo.FIN())...))
	r, memory := h.measured(h.command("hi"))
	h.check(r, unsent("protocol", 6))
	oneRequest(t, script, "hi")
	if fired := script.Fired(); len(fired) > 0 {
		t.Error("all of it was read")
	}
	small(t, memory)
}
