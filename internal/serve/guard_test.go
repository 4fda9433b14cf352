package serve

import (
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestPageHeaders: what a browser may do with the page, and with what the relay and an export
// hand on, is said in their headers.
func TestPageHeaders(t *testing.T) {
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Keep-Alive", "timeout=5")
		io.WriteString(w, "<script>alert(1)</script>")
	}))
	e := longSession(t, s, 1)
	page := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		"Access-Control-Allow-Origin": "",
	}
	for path, want := range map[string]map[string]string{
		"/": page, "/app.js": page, "/style.css": page, "/icon.svg": page,
		"/v1/x": {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff", "Set-Cookie": "", "Access-Control-Allow-Origin": "", "Keep-Alive": ""},
		"/api/sessions/" + e.ID + "/export?format=html": {"Content-Security-Policy": "sandbox", "Content-Disposition": `attachment; filename="` + e.ID + `.html"`},
	} {
		reply := send(t, s, "GET", path, "", "Authorization", "Bearer "+webToken(s))
		if reply.StatusCode != 200 {
			t.Errorf("%s: %d", path, reply.StatusCode)
		}
		for name, value := range want {
			if got := reply.Header.Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", path, name, got, value)
			}
		}
	}
}

// TestCrossOrigin: a page of an origin that is configured may use the relay, and its browser
// is told so; no other one is.
func TestCrossOrigin(t *testing.T) {
	s, _ := start(t, answers(nil, "x"))
	const page = "app://obsidian.md"
	reply := send(t, s, "OPTIONS", "/v1/x", "", "Authorization", "", "Origin", page, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "x-a, x-b")
	for name, want := range map[string]string{"Access-Control-Allow-Origin": page, "Access-Control-Allow-Headers": "x-a, x-b", "Vary": "Origin"} {
		if got := reply.Header.Get(name); reply.StatusCode != 204 || got != want {
			t.Errorf("a preflight: %d, %s is %q", reply.StatusCode, name, got)
		}
	}
	own := strings.TrimSuffix(s.URL(), "/")
	for _, tt := range []struct {
		name   string
		reply  *http.Response
		origin string
	}{
		{"it", send(t, s, "GET", "/v1/x", "", "Origin", page), page},
		{"it without a token", send(t, s, "GET", "/v1/x", "", "Authorization", "", "Origin", page), page},
		{"it with a foreign host", send(t, s, "GET", "/v1/x", "", "Host", "evil.example", "Origin", page), ""},
		{"another", send(t, s, "GET", "/v1/x", "", "Origin", "https://evil.example"), ""},
		{"the page itself", send(t, s, "GET", "/v1/x", "", "Origin", own), ""},
		{"a preflight of the page itself", send(t, s, "OPTIONS", "/v1/x", "", "Origin", own, "Access-Control-Request-Method", "POST"), ""},
		{"a program", send(t, s, "GET", "/v1/x", ""), ""},
	} {
		h := tt.reply.Header
		if got := h.Get("Access-Control-Allow-Origin"); got != tt.origin || tt.origin == "" && h.Get("Access-Control-Allow-Methods") != "" {
			t.Errorf("%s: %d, pages of %q may read the reply, %v", tt.name, tt.reply.StatusCode, got, h)
		}
	}
	if got := send(t, s, "GET", "/v1/x", "").Header.Get("Vary"); got != "Origin" {
		t.Errorf("caches may mix the replies: Vary is %q", got)
	}
}

// TestCookieWithTLS: over TLS the cookie is for TLS alone.
func TestCookieWithTLS(t *testing.T) {
	certificate, err := Certificate(t.TempDir(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s, _ := startWith(t, answers(nil, "x"), func(c *Config) { c.TLS = &certificate })
	client := http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer client.CloseIdleConnections()
	r, _ := http.NewRequest("POST", s.URL()+"api/login", strings.NewReader(`{"code":"`+webToken(s)+`"}`))
	r.Header.Set("Content-Type", "application/json")
	reply, err := client.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	if c := reply.Cookies(); len(c) != 1 || !c[0].Secure {
		t.Errorf("%d %v", reply.StatusCode, reply.Header)
	}
}

// TestNames: names of clients are bounded, an ID of a session counts only whole, and a server
// that stops takes nothing new.
func TestNames(t *testing.T) {
	s, _ := start(t, answers(nil, "x"))
	e := longSession(t, s, 1)
	for _, id := range []string{e.ID[:6], "@1", "@-1", "@last"} {
		call(t, s, "GET", "/api/sessions/"+id, "", 404, nil)
		call(t, s, "DELETE", "/api/sessions/"+id, "", 404, nil)
	}
	call(t, s, "GET", "/api/sessions?limit=201", "", 400, nil)
	long := strings.Repeat("x", maxKey+1)
	call(t, s, "POST", "/api/sessions", `{"content":"why?"}`, 400, nil, "Idempotency-Key", long)
	call(t, s, "POST", "/api/sessions", `{"content":"why?"}`, 202, nil, "Idempotency-Key", long[1:])
	s.stopping.Store(true)
	for _, path := range []string{"/v1/x", "/api/sessions"} {
		call(t, s, "POST", path, `{"content":"why?"}`, 503, nil)
	}
}
