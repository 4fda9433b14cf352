package serve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"oax/internal/config"
	"oax/internal/endpoint"
	"oax/internal/report"
	"oax/internal/serve/auth"
	"oax/internal/session"
)

// start returns a server whose default profile is an endpoint, and work another.
func start(t *testing.T, handler http.Handler) (*Server, *httptest.Server) {
	return startWith(t, handler, nil)
}

// startWith is start with a change to the configuration of the server.
func startWith(t *testing.T, handler http.Handler, change func(*Config)) (*Server, *httptest.Server) {
	t.Helper()
	upstream := httptest.NewServer(handler)
	t.Cleanup(upstream.Close)
	return startIn(t, t.TempDir(), upstream.URL, change), upstream
}

// startIn returns a server whose store is in a directory.
func startIn(t testing.TB, dir, upstream string, changes ...func(*Config)) *Server {
	t.Helper()
	s, err := Start("127.0.0.1:0", configIn(t, dir, upstream, changes...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(context.Background()) })
	return s
}

// configIn returns the configuration of startIn.
func configIn(t testing.TB, dir, upstream string, changes ...func(*Config)) Config {
	t.Helper()
	path := filepath.Join(dir, "config.toml")
	text := "profile = 'main'\n"
	for _, name := range []string{"main", "team"} {
		text += fmt.Sprintf("[profiles.%s]\nbase_url = '%s/%s/v1'\nkey = 'secret-key'\nmodel = 'm'\n", name, upstream, name)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, _, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		StateDir: filepath.Join(dir, "state"),
		Origins:  []string{"app://obsidian.md"},
		Store:    session.New(session.Options{Dir: filepath.Join(dir, "sessions")}),
		Resolve: func(ctx context.Context, profile, model string) (*endpoint.Endpoint, error) {
			settings := config.Settings{Profile: profile, Model: model, Env: func(string) (string, bool) { return "", false }}
			return endpoint.Resolve(ctx, endpoint.Options{File: file, Settings: settings, Log: report.NewWriter(os.Stderr, true), NoModel: true, NoSave: true})
		},
		Profiles:       []string{"main", "team", "demo", "default"},
		OtherProfiles:  []string{"team"},
		DefaultProfile: "main",
	}
	for _, change := range changes {
		if change != nil {
			change(&c)
		}
	}
	return c
}

// apiToken and webToken return the tokens of a server, as its files have them.
func apiToken(s *Server) string { return tokenIn(s, "api") }
func webToken(s *Server) string { return tokenIn(s, "web") }

func tokenIn(s *Server, scope string) string {
	data, _ := os.ReadFile(filepath.Join(s.config.StateDir, scope+".token")) // without one nothing is allowed
	return strings.TrimSpace(string(data))
}

// send sends a request with the api token.
func send(t *testing.T, s *Server, method, path, body string, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, strings.TrimSuffix(s.URL(), "/")+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+apiToken(s))
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else if header[i+1] == "" {
			r.Header.Del(header[i])
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	reply, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reply.Body.Close() })
	return reply
}

func TestChecks(t *testing.T) {
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "{}") }))
	own := strings.TrimSuffix(s.URL(), "/")
	web := "Bearer " + webToken(s)
	for _, tt := range []struct {
		name         string
		method, path string
		header       []string
		want         int
	}{
		{"a token", "GET", "/v1/x", nil, 200},
		{"a token in x-api-key", "GET", "/v1/x", []string{"Authorization", "", "X-Api-Key", apiToken(s)}, 200},
		{"the web token", "GET", "/v1/x", []string{"Authorization", web}, 200},
		{"no token", "GET", "/v1/x", []string{"Authorization", ""}, 401},
		{"a wrong token", "GET", "/v1/x", []string{"Authorization", "Bearer oax-api-"}, 401},
		{"a wrong x-api-key", "GET", "/v1/x", []string{"Authorization", "", "X-Api-Key", "x"}, 401},
		{"a foreign host", "GET", "/v1/x", []string{"Host", "evil.example"}, 421},
		{"a host that begins like an address", "GET", "/v1/x", []string{"Host", "127.evil.com"}, 421},
		{"a foreign host and nothing secret", "GET", "/healthz", []string{"Host", "evil.example"}, 421},
		{"localhost", "GET", "/v1/x", []string{"Host", "localhost:1"}, 200},
		{"an IPv6 address", "GET", "/v1/x", []string{"Host", "[::1]:8629"}, 200},
		{"a foreign origin", "GET", "/v1/x", []string{"Origin", "https://evil.example"}, 403},
		{"origin null", "GET", "/v1/x", []string{"Origin", "null"}, 403},
		{"its own origin", "GET", "/v1/x", []string{"Origin", own}, 200},
		{"a foreign site without origin", "GET", "/v1/x", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"another port without origin", "GET", "/v1/x", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"an allowed origin", "GET", "/v1/x", []string{"Origin", "app://obsidian.md"}, 200},
		{"an allowed origin where it does not count", "GET", "/api/x", []string{"Authorization", web, "Origin", "app://obsidian.md"}, 403},
		{"the api token on /api", "GET", "/api/x", nil, 403},
		{"no such path", "GET", "/api/x", []string{"Authorization", web}, 404},
		{"a method that changes nothing", "GET", "/api/login", nil, 405},
		{"a form", "POST", "/api/login", []string{"Content-Type", "text/plain"}, 415},
		{"a path that climbs", "GET", "/v1/../api/x", nil, 404},
		{"a path that climbs, escaped", "GET", "/v1/%2e%2e/api/x", nil, 404},
		{"a path that climbs, all escaped", "GET", "/v1/..%2f..%2fadmin", nil, 404},
		{"a path that climbs at its end", "GET", "/v1/x/..", nil, 404},
		{"a session whose name climbs", "GET", "/api/sessions/..%2f..%2fserve%2fweb.token", []string{"Authorization", web}, 404},
		{"a session that is a path", "GET", "/api/sessions/%2fetc%2fpasswd/export?format=json", []string{"Authorization", web}, 404},
		{"a file beside the page", "GET", "/..%2fserver.go", nil, 404},
		{"the directory of the page", "GET", "/page/index.html", nil, 404},
		{"the token's file", "GET", "/web.token", nil, 404},
		{"an event stream of a foreign page", "GET", "/api/sessions/x/events", []string{"Authorization", web, "Origin", "https://evil.example"}, 403},
		{"an event stream for a foreign image", "GET", "/api/sessions/x/events", []string{"Authorization", web, "Sec-Fetch-Site", "cross-site"}, 403},
		{"a form that is a preflight", "OPTIONS", "/api/login", []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "POST"}, 403},
		{"a preflight of an allowed origin", "OPTIONS", "/v1/x", []string{"Authorization", "", "Origin", "app://obsidian.md", "Access-Control-Request-Method", "POST"}, 204},
		{"a preflight without an origin", "OPTIONS", "/v1/x", []string{"Authorization", "", "Access-Control-Request-Method", "POST"}, 401},
		{"a preflight of what pages may not use", "OPTIONS", "/api/sessions", []string{"Authorization", "", "Origin", own, "Access-Control-Request-Method", "POST"}, 401},
		{"two origins", "GET", "/v1/x", []string{"Origin", own + ", https://evil.example"}, 403},
		{"its own name over HTTPS", "GET", "/v1/x", []string{"Origin", "https" + strings.TrimPrefix(own, "http")}, 403},
		{"the token in the query", "GET", "/v1/x?api_key=" + apiToken(s), []string{"Authorization", ""}, 401},
		{"the token as Basic", "GET", "/v1/x", []string{"Authorization", "Basic " + apiToken(s)}, 401},
	} {
		reply := send(t, s, tt.method, tt.path, "", tt.header...)
		if reply.StatusCode != tt.want {
			body, _ := io.ReadAll(reply.Body)
			t.Errorf("%s: %d, want %d: %s", tt.name, reply.StatusCode, tt.want, body)
		}
		if allowed := reply.Header.Get("Access-Control-Allow-Origin"); allowed != "" && allowed != "app://obsidian.md" {
			t.Errorf("%s: pages of %s may read the reply", tt.name, allowed)
		}
	}
	r := httptest.NewRequest("GET", own+"/v1/x", nil)
	r.Header = http.Header{"X-Api-Key": {apiToken(s)}, "Origin": {own, "https://evil.example"}}
	if failure := s.check(r); failure != errWrongOrigin {
		t.Errorf("two headers of origins: %v", failure)
	}
}

// TestRelayBytes: what a client gets through the relay is what it gets directly, however the
// endpoint sends it.
func TestRelayBytes(t *testing.T) {
	const seed = 1
	bodies := [][]byte{nil, []byte("data: {}\n\n: comment\n\nevent: x\r\ndata: [DONE]\n\n"), bytes.Repeat([]byte("data: long\n\n"), 10_000)}
	s, upstream := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		var mode string
		fmt.Sscanf(r.URL.RawQuery, "%d%s", &n, &mode)
		body := bodies[n]
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Request-Id", "r1")
		if mode == "length" {
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		}
		w.(http.Flusher).Flush()
		rest, random := body, rand.New(rand.NewPCG(seed, uint64(n)))
		for len(rest) > 0 {
			n := min(len(rest), 1+random.IntN(3000))
			w.Write(rest[:n])
			w.(http.Flusher).Flush()
			rest = rest[n:]
		}
		if mode == "cut" {
			panic(http.ErrAbortHandler)
		}
	}))
	for i, body := range bodies {
		for _, mode := range []string{"chunked", "length", "cut"} {
			query := fmt.Sprint("?", i, mode)
			direct, err := http.Get(upstream.URL + "/main/v1/x" + query)
			if err != nil {
				t.Fatal(err)
			}
			want, wantErr := io.ReadAll(direct.Body)
			direct.Body.Close()
			reply := send(t, s, "GET", "/v1/x"+query, "")
			got, gotErr := io.ReadAll(reply.Body)
			if !bytes.Equal(got, want) || (gotErr == nil) != (wantErr == nil) || reply.ContentLength != direct.ContentLength {
				t.Errorf("%d bytes, %s: got %d bytes and %v, want %d and %v", len(body), mode, len(got), gotErr, len(want), wantErr)
			}
			if reply.Header.Get("X-Request-Id") != "r1" {
				t.Errorf("header %v", reply.Header)
			}
		}
	}
}

// TestRelayTrailers: what the endpoint sends behind a body arrives behind it, announced as
// there, but for what is not for the client; a body that was cut has none.
// A reply without a Content-Type stays one; net/http would guess it.
func TestRelayAddsNoContentType(t *testing.T) {
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = nil
		io.WriteString(w, "<html>")
	}))
	reply := send(t, s, "GET", "/v1/x", "")
	if body, _ := io.ReadAll(reply.Body); reply.Header["Content-Type"] != nil || string(body) != "<html>" {
		t.Errorf("%q, %q", reply.Header["Content-Type"], body)
	}
}

func TestRelayTrailers(t *testing.T) {
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Add("Trailer", "X-Cost, X-Checksum")
		w.Header().Add("Trailer", "Set-Cookie")
		io.WriteString(w, "data: {}\n\n")
		w.(http.Flusher).Flush()
		w.Header().Set("X-Cost", "0.25")
		w.Header().Set("Set-Cookie", "a=b")
		if r.URL.RawQuery == "cut" {
			panic(http.ErrAbortHandler)
		}
	}))
	reply := send(t, s, "GET", "/v1/x", "")
	if want := (http.Header{"X-Cost": nil, "X-Checksum": nil}); !reflect.DeepEqual(reply.Trailer, want) {
		t.Errorf("announced are %v, want %v", reply.Trailer, want)
	}
	if data, err := io.ReadAll(reply.Body); err != nil || string(data) != "data: {}\n\n" {
		t.Errorf("the body is %q, %v", data, err)
	}
	if got := reply.Trailer; got.Get("X-Cost") != "0.25" || got.Get("Set-Cookie") != "" {
		t.Errorf("the trailers are %v", got)
	}
	reply = send(t, s, "GET", "/v1/x?cut", "")
	if _, err := io.ReadAll(reply.Body); err == nil || reply.Trailer.Get("X-Cost") != "" {
		t.Errorf("a body that was cut ends with %v and %v", err, reply.Trailer)
	}
}

// TestRelayRequest: the endpoint gets the client's bytes, with its own key and without what
// is between the client and the relay.
func TestRelayRequest(t *testing.T) {
	var got *http.Request
	var sent []byte
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		sent, _ = io.ReadAll(r.Body)
	}))
	body := "{ \"model\" :\"team/gpt\\u002d5\",\"model\": \"team/a/b\",  \"x\":1}\n"
	send(t, s, "POST", "/v1/chat/completions?a=1", body, "Content-Type", "application/json", "Cookie", "c=1",
		"X-Stainless-Lang", "js", "X-Oax-Session", "s", "User-Agent", "OpenAI/JS", "Sec-Fetch-Site", "none", "Origin", strings.TrimSuffix(s.URL(), "/"),
		"Referer", s.URL(), "X-Api-Key", apiToken(s), "Te", "trailers", "Connection", "X-Hop", "X-Hop", "1")
	if want := strings.Replace(body, `"team/a/b"`, `"a/b"`, 1); string(sent) != want {
		t.Errorf("sent %s", sent)
	}
	if got.URL.String() != "/team/v1/chat/completions?a=1" || got.Header.Get("Authorization") != "Bearer secret-key" ||
		got.Header.Get("X-Stainless-Lang") != "js" || got.Header.Get("Accept-Encoding") != "identity" || got.UserAgent() != "OpenAI/JS" {
		t.Errorf("%s %v", got.URL, got.Header)
	}
	for _, name := range []string{"Cookie", "X-Oax-Session", "Sec-Fetch-Site", "X-Api-Key", "Origin", "Referer", "Te", "X-Hop"} {
		if got.Header.Get(name) != "" {
			t.Errorf("%s went up", name)
		}
	}
	send(t, s, "POST", "/v1/chat/completions", `{"model":"openai/gpt-oss"}`, "Content-Type", "application/json")
	if string(sent) != `{"model":"openai/gpt-oss"}` || got.URL.Path != "/main/v1/chat/completions" {
		t.Errorf("another model: %s to %s", sent, got.URL)
	}
}

func TestRelayRefuses(t *testing.T) {
	s, upstream := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
	}))
	if reply := send(t, s, "POST", "/v1/x", "{}"); reply.StatusCode != http.StatusBadGateway || reply.Header.Get("Location") != "" {
		t.Errorf("a redirect: %d %v", reply.StatusCode, reply.Header)
	}
	if reply := send(t, s, "POST", "/v1/x", strings.Repeat("x", maxBody+1)); reply.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d", reply.StatusCode)
	}
	upstream.Close()
	if reply := send(t, s, "POST", "/v1/x", "{}"); reply.StatusCode != http.StatusBadGateway {
		t.Errorf("nobody there: %d", reply.StatusCode)
	}
}

// TestRelayCancels: a client that goes away ends the request to the endpoint.
func TestRelayCancels(t *testing.T) {
	began, gone := make(chan bool), make(chan bool)
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		began <- true
		<-r.Context().Done()
		close(gone)
	}))
	conn, err := net.Dial("tcp", s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /v1/x HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\n\r\n", apiToken(s))
	<-began
	conn.Close()
	<-gone
}

// TestRelaySlowUpload: a request that its endpoint takes slowly holds up no other one.
func TestRelaySlowUpload(t *testing.T) {
	gate := make(chan bool)
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 1<<20 {
			gate <- true
			<-gate
		}
		answers(nil, "yes").ServeHTTP(w, r)
	}))
	slow := make(chan string)
	go func() { slow <- relayed(t, s, body(true, strings.Repeat("x", 16<<20))) }()
	<-gate // its head has come
	quick := relayed(t, s, body(true, "quick"))
	close(gate)
	if id := <-slow; quick == "" || id == "" || id == quick {
		t.Errorf("recorded in %q and %q", quick, id)
	}
}

func TestModels(t *testing.T) {
	var broken atomic.Value
	s, _ := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch broken := broken.Load(); {
		case broken == "both" || broken == "team" && strings.HasPrefix(r.URL.Path, "/team"):
			w.WriteHeader(http.StatusTeapot)
			io.WriteString(w, "sorry")
		default:
			io.WriteString(w, `{"data":[{"id":"a","x":1}]}`)
		}
	}))
	for _, tt := range []struct{ broken, want string }{
		{"", `{"data":[{"id":"a","x":1},{"id":"team/a","x":1}],"object":"list"}` + "\n"},
		{"team", `{"data":[{"id":"a","x":1}],"object":"list"}` + "\n"},
		{"both", "sorry"},
	} {
		broken.Store(tt.broken)
		for _, path := range []string{"/v1/models", "/models"} {
			got, _ := io.ReadAll(send(t, s, "GET", path, "").Body)
			if string(got) != tt.want {
				t.Errorf("%s, broken %q: %s", path, tt.broken, got)
			}
		}
	}
}

func TestLogin(t *testing.T) {
	s, _ := start(t, http.NotFoundHandler())
	login := func(code string) *http.Response {
		return send(t, s, "POST", "/api/login", `{"code":"`+code+`"}`, "Content-Type", "application/json", "Authorization", "")
	}
	used := s.auth.Code()
	reply := login(used)
	cookie := reply.Cookies()
	if reply.StatusCode != http.StatusNoContent || len(cookie) != 1 || !cookie[0].HttpOnly || cookie[0].SameSite != http.SameSiteStrictMode {
		t.Fatalf("%d %v", reply.StatusCode, reply.Header)
	}
	pair := cookie[0].Name + "=" + cookie[0].Value
	if reply := send(t, s, "GET", "/api/x", "", "Authorization", "", "Cookie", pair); reply.StatusCode != http.StatusNotFound {
		t.Errorf("with the cookie: %d", reply.StatusCode)
	}
	for name, pair := range map[string]string{"of another port": "oax_1=" + cookie[0].Value, "changed": pair + "x"} {
		if reply := send(t, s, "GET", "/api/x", "", "Authorization", "", "Cookie", pair); reply.StatusCode != http.StatusUnauthorized {
			t.Errorf("a cookie %s: %d", name, reply.StatusCode)
		}
	}
	if reply := send(t, s, "GET", "/api/x", "", "Authorization", "Bearer wrong", "Cookie", pair); reply.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong token beside the cookie: %d", reply.StatusCode)
	}
	if reply := login(webToken(s)); reply.StatusCode != http.StatusNoContent {
		t.Errorf("the web token: %d", reply.StatusCode)
	}
	for i, code := range append([]string{""}, slices.Repeat([]string{used}, auth.MaxFailures-1)...) {
		if reply := login(code); reply.StatusCode != http.StatusUnauthorized {
			t.Errorf("try %d: %d", i, reply.StatusCode)
		}
	}
	if reply := login(webToken(s)); reply.StatusCode != http.StatusTooManyRequests || reply.Header.Get("Retry-After") == "" {
		t.Errorf("after too many: %d", reply.StatusCode)
	}
}
