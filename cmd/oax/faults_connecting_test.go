package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"oax/internal/demo"
)

// connecting are the faults of the way to the endpoint (B).
var connecting = []fault{
	{row: "B1", what: "nothing listens here", test: func(t *testing.T) {
		h, host := newHome(t), closedPort(t)
		h.env["OPENAI_BASE_URL"] = "http://" + host + "/v1"
		begun := time.Now()
		h.check(h.run("hi"), unsent("net", 6, "oax: nothing is listening on "+host+"\nhint: start the local server, or check base_url\n"))
		if took := time.Since(begun); took > twoRetries {
			t.Errorf("it took %v: it was tried again", took)
		}
	}},
	{row: "B2", what: "refused elsewhere", test: func(t *testing.T) {
		// 0.0.0.0 leads to this machine but does not name it.
		h, host := newHome(t), strings.Replace(closedPort(t), "127.0.0.1", "0.0.0.0", 1)
		h.config(plainHTTP("http://" + host + "/v1"))
		begun := time.Now()
		h.check(h.run("hi"), unsent("net", 6, "oax: "+host+" refused the connection\n"))
		if took := time.Since(begun); took < twoRetries {
			t.Errorf("it took %v: too short for two retries", took)
		}
	}},
	{row: "B3", what: "no such host", test: func(t *testing.T) {
		// A label of 64 letters can be in no name server, and none is asked.
		h, host := newHome(t), strings.Repeat("x", 64)+".invalid"
		h.env["OPENAI_BASE_URL"] = "https://" + host + "/v1"
		begun := time.Now()
		h.check(h.run("hi"), unsent("net", 6, "oax: cannot find host "+host+"\nhint: check base_url and your network\n"))
		if took := time.Since(begun); took > twoRetries {
			t.Errorf("it took %v: it was tried again", took)
		}
	}},
	{row: "B6", what: "unknown authority", test: func(t *testing.T) {
		h, script := newHome(t), demo.Script()
		server, hellos := secure(t, script)
		host := server.Listener.Addr().String()
		h.env["OPENAI_BASE_URL"] = server.URL + "/v1"
		h.check(h.run("hi"), unsent("tls", 6,
			"oax: "+host+"'s certificate is not trusted: unknown authority\nhint: behind a company proxy? SSL_CERT_FILE=/path/ca.pem\n"))
		unasked(t, script)
		if n := len(hellos); n != 1 {
			t.Errorf("%d handshakes, want 1", n)
		}
	}},
	{row: "B5", what: "connecting hangs", elsewhere: "internal/openai TestConnectTimeout"},
	{row: "B5", what: "its words", elsewhere: "internal/cli TestExplainService"},
	{row: "B7", what: "certificate for another time or host", test: badCertificates},
	{row: "B8", what: "https to a plain port", test: func(t *testing.T) {
		h, script := asks(t)
		host := hostOf(h)
		h.env["OPENAI_BASE_URL"] = "https://" + host + "/v1"
		h.check(h.run("hi"), unsent("tls", 6, "oax: "+host+" speaks plain http on this port\nhint: base_url = http://"+host+"/v1\n"))
		unasked(t, script)
	}},
	{row: "B9", what: "http to a TLS port", test: func(t *testing.T) {
		h, script := newHome(t), demo.Script()
		server, _ := secure(t, script)
		host := server.Listener.Addr().String()
		h.env["OPENAI_BASE_URL"] = "http://" + host + "/v1"
		h.check(h.run("hi"), unsent("tls", 6, "oax: "+host+" expects https on this port\nhint: base_url = https://"+host+"/v1\n"))
		unasked(t, script)
	}},
	{row: "B10", what: "the TLS handshake stalls", elsewhere: "internal/openai TestTLSTimeout"},
	{row: "B10", what: "its words", elsewhere: "internal/cli TestExplainService"},
	{row: "B11", what: "the proxy refuses", test: proxyRefuses},
	{row: "B11", what: "the proxy says nothing", elsewhere: "internal/openai TestProxyTimeout"},
	{row: "B12", what: "a SOCKS proxy works", test: socksWorks},
	{row: "B12", what: "a SOCKS proxy fails", test: socksFails},
	{row: "B13", what: "NO_PROXY", test: proxyPassedBy},
	{row: "B14", what: "no headers", test: func(t *testing.T) {
		h, script := asks(t, demo.Exchange{Before: time.Minute})
		h.check(h.run("--timeout", "300ms", "hi"), unsent("timeout", 6, "oax: no reply from "+hostOf(h)+" for 0.3 s\nhint: --timeout"))
		heard(t, script, "hi")
	}},
	{row: "B15", what: "empty reply", test: func(t *testing.T) { dropped(t, demo.FIN(), "closed the connection", "fin") }},
	{row: "B16", what: "reset instead of a reply", test: func(t *testing.T) { dropped(t, demo.RST(), "reset the connection", "rst") }},
	{row: "B17", what: "endless headers", test: endlessHeaders},
	{row: "B18", what: "redirect to another host", test: redirectElsewhere},
	{row: "B18", what: "redirect to no host", test: redirectNowhere},
	{row: "B19", what: "redirect to plain http", test: redirectToPlain},
	{row: "B20", what: "the path moved", test: pathMoved},
	{row: "B21", what: "a redirect to itself", test: func(t *testing.T) {
		h, script := asks(t, redirect(307, "/v1/chat/completions"))
		h.check(h.run("hi"), unsent("redirect", 2, "oax: the endpoint moved to http://"+hostOf(h)+"/v1/chat/completions\nhint: set base_url"))
		heard(t, script, "hi")
	}},
}

// twoRetries is the shortest time that they take: half a second and a second, each
// less a quarter.
const twoRetries = 1125 * time.Millisecond

// unsent is what a row wants whose request of "hi" got no reply.
func unsent(why string, code int, stderr ...string) want {
	return want{stderr: stderr, code: code, prompt: "hi", noAnswer: true, why: why}
}

// closedPort returns an address of this machine where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// plainHTTP is a configuration whose endpoint may get the key unencrypted.
func plainHTTP(base string) string {
	return "profile = \"plain\"\n[profiles.plain]\nbase_url = \"" + base + "\"\nkey_env = \"OPENAI_API_KEY\"\nallow_plain_http = true\n"
}

// dropped is a connection lost before the reply, twice: one retry follows. The third
// reply would be an answer.
func dropped(t *testing.T, cut demo.Step, what, fired string) {
	h, script := asks(t, demo.Raw(cut), demo.Raw(cut), demo.Stream(demo.Answer("yes")...))
	host := hostOf(h)
	h.check(h.run("hi"), unsent("net", 6, "oax: "+host+" "+what+" without replying\n"))
	if got := strings.Join(script.Fired(), " "); got != fired+" "+fired {
		t.Errorf("fired: %s", got)
	}

	h, script = asks(t, demo.Raw(cut), demo.Stream(demo.Answer("yes")...))
	h.check(h.run("hi"), want{stdout: "yes\n", prompt: "hi", answer: "yes"})
	if got := strings.Join(script.Fired(), " "); got != fired {
		t.Errorf("fired: %s", got)
	}
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
	other, otherScript := asks(t, demo.Stream(demo.Answer("no")...))
	there := "http://" + hostOf(other)
	for _, status := range redirects {
		h, script := asks(t, redirect(status, there+"/v1/chat/completions"))
		h.check(h.run("hi"), unsent("redirect", 2,
			"oax: "+hostOf(h)+" redirects to "+there+"/v1/chat/completions; not followed (your key and prompt would go there)\n",
			"hint: set base_url to "+there+" if you trust it\n"))
		heard(t, script, "hi")
	}
	unasked(t, otherScript)
}

func redirectNowhere(t *testing.T) {
	h, script := asks(t, redirect(302, "javascript:alert(1)"))
	r := h.run("hi")
	h.check(r, unsent("redirect", 2, "oax: "+hostOf(h)+" redirects to javascript:alert(1); not followed"))
	heard(t, script, "hi")
	if strings.Contains(r.stderr, "hint:") {
		t.Errorf("it is recommended: %q", r.stderr)
	}
}

func redirectToPlain(t *testing.T) {
	other, otherScript := asks(t, demo.Stream(demo.Answer("no")...))
	there := other.env["OPENAI_BASE_URL"] + "/chat/completions"
	for _, status := range redirects {
		h, script := newHome(t), demo.Script(redirect(status, there))
		server, _ := secure(t, script)
		h.trust(server)
		h.env["OPENAI_BASE_URL"] = server.URL + "/v1"
		h.check(h.run("hi"), unsent("redirect", 2,
			"oax: "+server.Listener.Addr().String()+" redirects to "+there+"; not followed (your key and prompt would be unencrypted)\n"))
		heard(t, script, "hi")
	}
	unasked(t, otherScript)
}

// pathMoved is a new path at the same place, and one that leads to itself.
func pathMoved(t *testing.T) {
	for _, status := range redirects {
		h, script := asks(t, redirect(status, "/api/v2/chat/completions"))
		h.check(h.run("hi"), unsent("redirect", 2,
			"oax: the endpoint moved to http://"+hostOf(h)+"/api/v2/chat/completions\nhint: set base_url"))
		heard(t, script, "hi")
	}
}

// endlessHeaders are 20 MB of them, of which no more than a part is read.
func endlessHeaders(t *testing.T) {
	line := []byte("X-Filler: " + strings.Repeat("x", 1<<20) + "\r\n")
	steps := []demo.Step{demo.Send([]byte("HTTP/1.1 200 OK\r\n"))}
	for range 20 {
		steps = append(steps, demo.Send(line))
	}
	h, script := asks(t, demo.Raw(append(steps, demo.FIN())...))
	r, memory := h.measured(h.command("hi"))
	h.check(r, unsent("protocol", 6, "oax: reply headers from "+hostOf(h)+" are too large\n"))
	heard(t, script, "hi")
	if fired := script.Fired(); len(fired) > 0 {
		t.Error("all of it was read")
	}
	small(t, memory)
}
