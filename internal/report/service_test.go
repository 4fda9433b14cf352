package report

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/openai"
)

// TestOfService has the words of failures that no test of the whole program can bring
// about in a second, or with each kind of reply.
func TestOfService(t *testing.T) {
	limits := openai.DefaultLimits()
	const chatURL = "https://a.example/v1/chat/completions"
	for _, c := range []struct {
		err        openai.Error
		what, hint string
		kind       string
		code       int
	}{
		{openai.Error{Kind: openai.ConnectTimeout, Limit: limits.Connect}, "no connection to a.example:8443 within 10 s", "", "net", 6},
		{openai.Error{Kind: openai.TLSTimeout, Limit: limits.TLS}, "TLS handshake with a.example:8443 took over 10 s", "", "tls", 6},
		{openai.Error{Kind: openai.ReplyTimeout, Limit: limits.Headers}, "no reply from a.example:8443 for 300 s", "--timeout 10m to wait longer", "timeout", 6},
		{openai.Error{Kind: openai.NoRoute}, "no network route (looking up a.example)", "", "net", 6},
		{openai.Error{Kind: openai.NetworkFailed, Err: syscall.EMFILE}, "no reply from a.example:8443: too many open files", "ulimit -n 1024 allows more open files", "net", 6},
		{openai.Error{Kind: openai.Silence, Limit: limits.Silence}, "no data from a.example:8443 for 120 s", goOn, "stall", 3},
		{openai.Error{Kind: openai.NoText, Limit: limits.NoEvent}, "no answer text for 10 min", goOn, "stall", 3},

		// What the service says always follows.
		{status(400, "no"), "the service refused the request (400): no", "", "400", 8},
		{status(401, ""), "a.example:8443 does not accept the API key (401)", "", "401", 4},
		{status(401, "expired"), "a.example:8443 does not accept the API key (401): expired", "", "401", 4},
		{status(403, "not in your country"), "not allowed (403): not in your country", "", "403", 4},
		{status(404, "no such route"), "nothing at " + chatURL + " (404): no such route", "check base_url: oax config show", "404", 8},
		{status(413, "over 1 MB"), "the request is too large for a.example:8443 (1 KiB): over 1 MB", "", "413", 8},
		{status(429, "slow down"), "rate limited: slow down", "", "429", 5},
		{status(529, "later"), "a.example:8443 is overloaded (529): later", "", "529", 5},
		{status(503, "down"), "a.example:8443 failed (503 Service Unavailable): down", "", "5xx", 5},
		{openai.Error{Kind: openai.NoCredit, Status: 402, Message: "top up"}, "the account has no credit left: top up", "", "quota", 4},
		{openai.Error{Kind: openai.NoModel, Status: 404, Model: "m", Message: "m is retired"}, `a.example:8443 has no model "m": m is retired`, "oax models", "404", 8},
	} {
		c.err.Host, c.err.URL, c.err.Size = "a.example:8443", chatURL, 1000
		if r := Of(&c.err); r.What != c.what || r.Hint != c.hint || r.Kind != c.kind || r.Code != c.code {
			t.Errorf("%s %d: %+v", c.err.Kind, c.err.Status, *r)
		}
	}
}

func status(number int, words string) openai.Error {
	return openai.Error{Kind: openai.BadStatus, Status: number, Message: words}
}

// Nobody is asked whether base_url needs what it has.
func TestHintAboutTheBaseURL(t *testing.T) {
	const check, v1 = "check base_url: oax config show", "does base_url need /v1?"
	for link, want := range map[string]string{
		"https://a.example/chat/completions":               v1,
		"https://a.example/api/chat/completions":           v1,
		"https://a.example/v1/chat/completions":            check,
		"https://a.example/v1/models":                      check,
		"https://a.example/v1beta/openai/chat/completions": check,
		"https://a.example/openai/v1/chat/completions":     check,
	} {
		e := status(404, "")
		e.URL = link
		if r := Of(&e); r.What != "nothing at "+link+" (404)" || r.Hint != want {
			t.Errorf("%+v, want the hint %s", *r, want)
		}
	}
}

func TestCertificates(t *testing.T) {
	year := func(n int) time.Time { return time.Date(n, 11, 21, 0, 0, 0, 0, time.UTC) }
	expired := func(from, until int) error {
		return x509.CertificateInvalidError{Reason: x509.Expired, Cert: &x509.Certificate{NotBefore: year(from), NotAfter: year(until)}}
	}
	for want, err := range map[string]error{
		"it expired on 2001-11-21":          expired(2000, 2001),
		"it is not valid before 2200-11-21": expired(2200, 2201),
		"it is for b.example, 192.0.2.7, not for a.example": x509.HostnameError{Host: "a.example",
			Certificate: &x509.Certificate{DNSNames: []string{"b.example"}, IPAddresses: []net.IP{net.IPv4(192, 0, 2, 7)}}},
		"it names no host; it should name 127.0.0.1": x509.HostnameError{Host: "127.0.0.1",
			Certificate: &x509.Certificate{Subject: pkix.Name{CommonName: "old"}}},
	} {
		r := Of(&openai.Error{Kind: openai.BadCertificate, Host: "h", Err: err})
		if r.What != "h's certificate is not valid: "+want || r.Kind != "tls" || r.Code != ExitNetwork {
			t.Errorf("%+v, want %s", *r, want)
		}
	}
}

// The words for a chat that is too long come with any status, and inside a stream.
func TestChatTooLong(t *testing.T) {
	const words = "prompt is too long: 210000 tokens > 200000 maximum"
	for _, c := range []struct {
		kind   openai.Kind
		status int
		want   string
	}{{openai.TooLong, 400, "400"}, {openai.BadStatus, 413, "413"}, {openai.ServiceError, 200, "error"}} {
		failure := &openai.Error{Kind: c.kind, Status: c.status, Model: "m", Message: words}
		const what = "the chat is too long for m (210000 tokens; limit 200000): " + words
		r := Of(failure)
		if r.What != what || r.Hint != "start a new chat, or send only the last turns with --last 10" || r.Code != ExitRefused || r.Kind != c.want {
			t.Errorf("%s: %+v", c.kind, *r)
		}
		r = Answer(Ending{Nothing: true, Cause: failure, Request: talk(0, 300), Message: chat.Message{State: chat.Incomplete, Why: failure.Why()}})
		if r.What != what || !strings.HasPrefix(r.Hint, "--last 8 sends only") || r.Code != ExitRefused {
			t.Errorf("%s: %+v", c.kind, *r)
		}
	}
	if r := Of(&openai.Error{Kind: openai.BadStatus, Status: 429, Message: words}); r.Code != ExitBusy {
		t.Errorf("rate limited: %+v", *r)
	}
}

// talk returns ten turns of 1,000 bytes between a system message and a prompt.
func talk(system, prompt int) []chat.Message {
	message := func(role chat.Role, size int) chat.Message {
		return chat.Message{Role: role, Text: strings.Repeat("x", size)}
	}
	all := []chat.Message{message(chat.System, system)}
	for range 10 {
		all = append(all, message(chat.User, 300), message(chat.Assistant, 700))
	}
	return append(all, message(chat.User, prompt))
}

func TestFitHint(t *testing.T) {
	const numbers = "maximum context length is 1000 tokens. However, your messages resulted in 2,000 tokens."
	full := talk(0, 0)
	for _, c := range []struct {
		name     string
		messages []chat.Message
		words    string
		want     string
	}{
		{"half of it fits", full, numbers, "--last 4 sends only"}, // 10,000 bytes are 2,000 tokens: 4,500 fit
		{"a long system message", talk(3000, 1000), numbers, "--last 2 sends only"},
		{"a long prompt", talk(0, 10000), numbers, "start a new chat: not even the last turn"},
		{"no numbers", full, "too long", "start a new chat, or send only the last turns with --last 5"},
		{"no numbers, four turns", full[13:], "too long", "start a new chat, or send only the last turns with --last 2"},
		{"no numbers, one turn", full[19:], "too long", "start a new chat, or shorten the prompt"},
		{"numbers that cannot be", full, "maximum context length is 3000 tokens. However, your messages resulted in 2000 tokens.", "start a new chat, or send"},
		{"a prompt alone", full[21:], numbers, "shorten the prompt"},
	} {
		got := fitHint(c.messages, &openai.Error{Kind: openai.TooLong, Message: c.words})
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A person at a terminal is told of every wait, a log only of rate limits.
func TestRetrying(t *testing.T) {
	for _, c := range []struct {
		status   int
		terminal bool
		want     string
	}{
		{429, true, "rate limited; retrying in 1.5 s (1/2) — Ctrl-C to stop"},
		{429, false, "rate limited; retrying in 1.5 s (1/2)"},
		{503, true, "retrying in 1.5 s (1/2)"},
		{503, false, ""},
		{0, true, ""},
	} {
		r := openai.Retry{Try: 1, Most: 2, Wait: 1510 * time.Millisecond, Cause: &openai.Error{Status: c.status}}
		if got := Retrying(r, c.terminal); got != c.want {
			t.Errorf("%d, terminal %t: %q, want %q", c.status, c.terminal, got, c.want)
		}
	}
}
