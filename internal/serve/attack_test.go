package serve

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"oax/internal/serve/auth"
)

// pipes is a listener whose connections have no buffer, so that time can be a test's own.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8629} }

// dial returns a connection to the server.
func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// inTime runs a test with a server in a time of its own.
func inTime(t *testing.T, test func(t *testing.T, s *Server, p *pipes)) {
	synctest.Test(t, func(t *testing.T) {
		c := configIn(t, t.TempDir(), "http://127.0.0.1:1", func(c *Config) { c.Now = time.Now })
		who, err := auth.New(c.StateDir, c.Now)
		if err != nil {
			t.Fatal(err)
		}
		p := newPipes()
		s := startOn(p, who, c)
		test(t, s, p)
		s.Stop(t.Context())
		time.Sleep(time.Minute) // for what still sleeps
	})
}

// request sends a request over a connection and returns the reply.
func (p *pipes) request(t *testing.T, conn net.Conn, head, body string) *http.Response {
	t.Helper()
	go fmt.Fprintf(conn, "%s\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", head, len(body), body)
	reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// TestSlowHeaders: of ten thousand connections that say nothing, or a letter a second, none
// is left after 10 seconds, and others are served meanwhile.
func TestSlowHeaders(t *testing.T) {
	inTime(t, func(t *testing.T, s *Server, p *pipes) {
		n := int64(reduced(t, "connections", 10_000, 1_000))
		began := time.Now()
		var closed atomic.Int64
		for i := range n {
			conn := p.dial()
			go func() {
				_, _ = io.Copy(io.Discard, conn)
				closed.Add(1)
				conn.Close()
			}()
			if i%10 == 0 {
				go func() {
					for _, letter := range "GET /healthz HTTP/1.1\r\nHost: x\r\n" {
						if _, err := conn.Write([]byte(string(letter))); err != nil {
							return
						}
						time.Sleep(time.Second)
					}
				}()
			}
		}
		conn := p.dial()
		defer conn.Close()
		if reply := p.request(t, conn, "GET /healthz HTTP/1.1", ""); reply.StatusCode != http.StatusOK {
			t.Errorf("another client: %d", reply.StatusCode)
		}
		time.Sleep(headerTime + time.Second - time.Since(began))
		synctest.Wait()
		if got := closed.Load(); got != n {
			t.Errorf("%d of %d are closed", got, n)
		}
		idle := p.dial()
		defer idle.Close()
		p.request(t, idle, "GET /healthz HTTP/1.1", "")
		began = time.Now()
		if _, err := idle.Read(make([]byte, 1)); err != io.EOF || time.Since(began) > idleTime {
			t.Errorf("a connection that is idle is left after %v, %v", time.Since(began), err)
		}
	})
}

// TestSlowBody: a body that stops arriving is given up after 10 seconds, one that arrives
// slowly is not.
func TestSlowBody(t *testing.T) {
	inTime(t, func(t *testing.T, s *Server, p *pipes) {
		const text = `{"code":"wrong"}`
		for pause, want := range map[time.Duration]int{noProgress - time.Second: 401, noProgress + time.Second: 408} {
			conn := p.dial()
			go func() {
				fmt.Fprintf(conn, "POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(text))
				for _, letter := range text {
					time.Sleep(pause)
					if _, err := conn.Write([]byte(string(letter))); err != nil {
						return
					}
				}
			}()
			reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || reply.StatusCode != want {
				t.Errorf("a letter each %v: %v, %v, want %d", pause, reply, err, want)
			}
			conn.Close()
		}
	})
}

// TestReaderThatStops: a viewer that never reads is cut off after 10 seconds; another one
// has everything at once.
func TestReaderThatStops(t *testing.T) {
	inTime(t, func(t *testing.T, s *Server, p *pipes) {
		e := longSession(t, s, 300)
		head := "GET /api/sessions/" + e.ID + "/events?after=0&until=end HTTP/1.1\r\nX-Api-Key: " + webToken(s)
		stuck := p.dial()
		defer stuck.Close()
		fmt.Fprintf(stuck, "%s\r\nHost: localhost\r\n\r\n", head)
		if _, err := stuck.Read(make([]byte, 100)); err != nil { // and never again
			t.Fatal(err)
		}
		began := time.Now()
		other := p.dial()
		defer other.Close()
		all, err := io.ReadAll(p.request(t, other, head, "").Body)
		if err != nil || strings.Count(string(all), "event: turn\n") != 300 || time.Since(began) > time.Second {
			t.Errorf("the other one got %d bytes in %v, %v", len(all), time.Since(began), err)
		}
		time.Sleep(noProgress - time.Second)
		synctest.Wait()
		if n := s.streams.Load(); n != 1 {
			t.Errorf("before 10 seconds %d streams are open", n)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := s.streams.Load(); n != 0 {
			t.Errorf("after 10 seconds %d streams are open", n)
		}
	})
}

// TestSocketThatStops: a WebSocket whose client takes nothing is cut off, whether there is
// something to tell it or not.
func TestSocketThatStops(t *testing.T) {
	for name, tt := range map[string]struct {
		turns      int
		open, gone time.Duration
	}{"an answer": {300, noProgress - time.Second, noProgress + time.Second}, "nothing but pings": {0, keepAlive - time.Second, keepAlive + noProgress}} {
		inTime(t, func(t *testing.T, s *Server, p *pipes) {
			client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return p.dial(), nil }}}
			conn, _, err := websocket.Dial(t.Context(), "ws://localhost/api/live", &websocket.DialOptions{HTTPClient: client, HTTPHeader: http.Header{"X-Api-Key": {webToken(s)}}})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseNow()
			if tt.turns > 0 {
				e := longSession(t, s, tt.turns)
				if err := conn.Write(t.Context(), websocket.MessageText, []byte(`{"op":"sub","session":"`+e.ID+`","after":"0"}`)); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(tt.open)
			synctest.Wait()
			if n := s.streams.Load(); n != 1 {
				t.Errorf("%s: after %v %d streams are open", name, tt.open, n)
			}
			time.Sleep(tt.gone - tt.open)
			synctest.Wait()
			if n := s.streams.Load(); n != 0 {
				t.Errorf("%s: after %v %d streams are open", name, tt.gone, n)
			}
		})
	}
}

// TestCodesAndCookiesEnd: a login code is good for 10 minutes, a cookie for 30 days, and too
// many failed logins refuse everybody for a minute.
func TestCodesAndCookiesEnd(t *testing.T) {
	inTime(t, func(t *testing.T, s *Server, p *pipes) {
		login := func(code string) *http.Response {
			conn := p.dial()
			defer conn.Close()
			return p.request(t, conn, "POST /api/login HTTP/1.1\r\nContent-Type: application/json", `{"code":"`+code+`"}`)
		}
		show := func(cookie string) int {
			conn := p.dial()
			defer conn.Close()
			return p.request(t, conn, "GET /api/sessions HTTP/1.1\r\nCookie: "+cookie, "").StatusCode
		}
		cookies := login(webToken(s)).Cookies()
		if len(cookies) != 1 || cookies[0].Name != "oax_8629" {
			t.Fatalf("%v", cookies)
		}
		cookie := cookies[0].Name + "=" + cookies[0].Value
		for _, forged := range []string{"oax_8629=" + s.auth.CookieValue(time.Now().Add(-time.Second)), cookie + "x", "oax_8629=" + webToken(s), "oax_8630=" + cookies[0].Value} {
			if got := show(forged); got != 401 {
				t.Errorf("%s: %d", forged, got)
			}
		}
		for i := range 2 * auth.MaxFailures { // a flood
			want := 401
			if i >= auth.MaxFailures {
				want = 429
			}
			if got := login("x"); got.StatusCode != want {
				t.Errorf("try %d: %d, want %d", i, got.StatusCode, want)
			}
		}
		if got := login(webToken(s)); got.StatusCode != 429 || got.Header.Get("Retry-After") == "" {
			t.Errorf("the token after the flood: %d", got.StatusCode)
		}
		if got := show(cookie); got != 200 { // who is in stays in
			t.Errorf("the cookie after the flood: %d", got)
		}
		time.Sleep(auth.FailureTime + time.Second)
		if got := login(webToken(s)); got.StatusCode != 204 {
			t.Errorf("the token a minute later: %d", got.StatusCode)
		}
		time.Sleep(auth.CodeAge)
		if got := login(s.auth.Code()); got.StatusCode != 401 {
			t.Errorf("the code after 10 minutes: %d", got.StatusCode)
		}
		time.Sleep(auth.CookieAge - auth.CodeAge - auth.FailureTime - time.Minute)
		if got := show(cookie); got != 200 {
			t.Errorf("the cookie within 30 days: %d", got)
		}
		time.Sleep(time.Minute)
		if got := show(cookie); got != 401 {
			t.Errorf("the cookie after 30 days: %d", got)
		}
	})
}

// TestRevoke: a token whose file was deleted is worth nothing after a restart, nor is a
// cookie made from it; otherwise a cookie outlives the restart.
func TestRevoke(t *testing.T) {
	dir := t.TempDir()
	first := startIn(t, dir, "http://127.0.0.1:1")
	web, value := webToken(first), first.auth.CookieValue(time.Now().Add(auth.CookieAge))
	status := func(s *Server, header ...string) int {
		return send(t, s, "GET", "/api/sessions", "", append([]string{"Authorization", ""}, header...)...).StatusCode
	}
	first.Stop(t.Context())
	second := startIn(t, dir, "http://127.0.0.1:1")
	if got := status(second, "Cookie", second.cookieName()+"="+value); got != 200 {
		t.Errorf("the cookie after a restart: %d", got)
	}
	second.Stop(t.Context())
	if err := os.Remove(filepath.Join(dir, "state", "web.token")); err != nil {
		t.Fatal(err)
	}
	third := startIn(t, dir, "http://127.0.0.1:1")
	if got := status(third, "X-Api-Key", web); got != 401 {
		t.Errorf("the token after its file: %d", got)
	}
	if got := status(third, "Cookie", third.cookieName()+"="+value); got != 401 {
		t.Errorf("the cookie after its token: %d", got)
	}
}

// TestHugeBody: of a body of a gigabyte no more is read than is allowed, and nothing at all
// of one without a token.
func TestHugeBody(t *testing.T) {
	s, _ := start(t, http.NotFoundHandler())
	const buffers = 16 << 20 // of both sockets
	for _, tt := range []struct {
		path, token string
		want        int
		most        int64
	}{
		{"/v1/chat/completions", apiToken(s), 413, maxBody + buffers},
		{"/api/sessions", webToken(s), 413, maxBody + buffers},
		{"/v1/chat/completions", "wrong", 401, buffers},
		{"/api/sessions", apiToken(s), 403, buffers},
	} {
		body := &endless{left: 1 << 30}
		r, err := http.NewRequest("POST", strings.TrimSuffix(s.URL(), "/")+tt.path, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+tt.token)
		r.Header.Set("Content-Type", "application/json")
		reply, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Errorf("%s: %v", tt.path, err)
			continue
		}
		reply.Body.Close()
		if sent := body.sent.Load(); reply.StatusCode != tt.want || sent > tt.most {
			t.Errorf("%s: %d, want %d, with %d bytes read", tt.path, reply.StatusCode, tt.want, sent)
		}
	}
}

// TestTooMuch: a request that says that it is too large is refused before its body comes, and
// headers of more than 64 KiB are.
func TestTooMuch(t *testing.T) {
	inTime(t, func(t *testing.T, s *Server, p *pipes) {
		for head, want := range map[string]int{
			"POST /v1/x HTTP/1.1\r\nX-Api-Key: " + apiToken(s) + "\r\nContent-Length: 1073741824": 413,
			"GET /healthz HTTP/1.1\r\nX-Filler: " + strings.Repeat("x", 2*maxHeaders):             431,
		} {
			conn := p.dial()
			go fmt.Fprintf(conn, "%s\r\nHost: localhost\r\n\r\n", head)
			reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || reply.StatusCode != want {
				t.Errorf("%.30s: %v, %v, want %d", head, reply, err, want)
			}
			conn.Close()
		}
	})
}

// endless is a body of spaces, sent in chunks.
type endless struct {
	left int64
	sent atomic.Int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	p[0] = ' '
	for n := 1; n < len(p); n *= 2 { // fast under the race detector too
		copy(p[n:], p[:n])
	}
	e.left -= int64(len(p))
	e.sent.Add(int64(len(p)))
	return len(p), nil
}

// TestLimits: viewers of a session and streams of the server are counted, and one that
// leaves makes room.
func TestLimits(t *testing.T) {
	s, _ := start(t, answers(nil, "x"))
	e := longSession(t, s, 1)
	var open []*http.Response
	ask := func() *http.Response {
		ctx, cancel := context.WithCancel(t.Context())
		t.Cleanup(cancel)
		r, err := http.NewRequestWithContext(ctx, "GET", s.URL()+"api/sessions/"+e.ID+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Api-Key", webToken(s))
		reply, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
	for range 256 {
		reply := ask()
		defer reply.Body.Close()
		if open = append(open, reply); reply.StatusCode != 200 {
			t.Fatalf("viewer %d: %d", len(open), reply.StatusCode)
		}
	}
	reply := ask()
	if reply.StatusCode != 503 || reply.Header.Get("Retry-After") != "1" {
		t.Errorf("one viewer too many: %d", reply.StatusCode)
	}
	reply.Body.Close()
	open[0].Body.Close()
	for reply = ask(); reply.StatusCode == 503; reply = ask() { // until it is noticed
		reply.Body.Close()
	}
	reply.Body.Close()
	s.streams.Add(maxStreams)
	for _, path := range []string{"/v1/x", "/v1/stream", "/api/live", "/api/sessions/" + e.ID + "/events"} {
		if reply := send(t, s, "GET", path, "", "Authorization", "Bearer "+webToken(s)); reply.StatusCode != 503 || reply.Header.Get("Retry-After") != "1" {
			t.Errorf("one stream too many, %s: %d", path, reply.StatusCode)
		}
	}
	if reply := send(t, s, "GET", "/healthz", ""); reply.StatusCode != 200 {
		t.Errorf("what is no stream: %d", reply.StatusCode)
	}
	s.streams.Add(-maxStreams)
}

// TestSocketRefuses: what is no message of a page closes its WebSocket, with the code for it.
func TestSocketRefuses(t *testing.T) {
	s, _ := start(t, answers(nil, "x"))
	for _, tt := range []struct {
		name string
		kind websocket.MessageType
		data string
		want websocket.StatusCode
	}{
		{"binary", websocket.MessageBinary, "{}", websocket.StatusUnsupportedData},
		{"no JSON", websocket.MessageText, "{", websocket.StatusInvalidFramePayloadData},
		{"over 1 MiB", websocket.MessageText, `{"op":"` + strings.Repeat("x", maxSocketMessage) + `"}`, websocket.StatusMessageTooBig},
	} {
		conn, _, err := websocket.Dial(t.Context(), s.URL()+"api/live", &websocket.DialOptions{HTTPHeader: http.Header{"X-Api-Key": {webToken(s)}}})
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Write(t.Context(), tt.kind, []byte(tt.data))
		if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		conn.CloseNow()
	}
	for name, header := range map[string]http.Header{
		"a foreign origin": {"X-Api-Key": {webToken(s)}, "Origin": {"https://evil.example"}},
		"origin null":      {"X-Api-Key": {webToken(s)}, "Origin": {"null"}},
		"no token":         {},
		"the api token":    {"X-Api-Key": {apiToken(s)}},
	} {
		conn, reply, err := websocket.Dial(t.Context(), s.URL()+"api/live", &websocket.DialOptions{HTTPHeader: header})
		if err == nil {
			conn.CloseNow()
			t.Errorf("%s is let in", name)
		} else if reply == nil || reply.StatusCode/100 != 4 {
			t.Errorf("%s: %v", name, errors.Join(err))
		}
	}
}

// reduced returns all of something under make torture and in CI, and a part of it in a plain go
// test.
func reduced(t *testing.T, what string, all, part int) int {
	t.Helper()
	if os.Getenv("OAX_CI") == "" && os.Getenv("OAX_TORTURE") == "" {
		t.Logf("%d of %d %s; all with OAX_CI=1", part, all, what)
		return part
	}
	return all
}

// TestAbortedStreams: of a thousand streams whose clients left at different places, in every
// way to leave, nothing stays. A plain go test has each place and way once.
func TestAbortedStreams(t *testing.T) {
	n, workers := reduced(t, "streams", 1000, 60), 20
	before := goleak.IgnoreCurrent()
	gone := make(chan bool, n)
	s, upstream := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers(make(chan bool), "never").ServeHTTP(w, r)
		gone <- true
	}))
	e := longSession(t, s, 3)
	question := body(true, "x")
	abort := func(i int) error {
		conn, err := net.Dial("tcp", s.listener.Addr().String())
		if err != nil {
			return err
		}
		defer conn.Close()
		if i%3 == 0 {
			fmt.Fprintf(conn, "GET /api/sessions/%s/events HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\n\r\n", e.ID, webToken(s))
		} else {
			fmt.Fprintf(conn, "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", apiToken(s), len(question), question)
		}
		_, err = io.ReadFull(conn, make([]byte, 20+i%50))
		if i%2 == 0 {
			_ = conn.(*net.TCPConn).SetLinger(0) // a reset
		}
		return err
	}
	var all sync.WaitGroup
	var next atomic.Int64
	for range workers {
		all.Go(func() {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				if err := abort(i); err != nil {
					t.Errorf("stream %d: %v", i, err)
				}
			}
		})
	}
	all.Wait()
	for range n - n/3 {
		<-gone
	}
	for s.streams.Load() > 0 {
		time.Sleep(time.Millisecond)
	}
	s.Stop(t.Context())
	upstream.Close()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	for goleak.Find(before) != nil { // until the test's time is over
	}
	for _, v := range sessions(t, startIn(t, filepath.Dir(s.config.StateDir), upstream.URL), "?limit=200") {
		if v.ID != e.ID && v.State != "incomplete" && v.State != "failed" {
			t.Fatalf("%+v", v)
		}
	}
}

// TestNotSaved: where nothing can be saved, a request is relayed all the same, and that is
// told.
func TestNotSaved(t *testing.T) {
	var lost atomic.Int64
	s, _ := startWith(t, answers(nil, "yes"), func(c *Config) { c.NotSaved = func(error) { lost.Add(1) } })
	if err := os.WriteFile(filepath.Join(filepath.Dir(s.config.StateDir), "sessions"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	reply := send(t, s, "POST", "/v1/chat/completions", body(true, "x"), "Content-Type", "application/json")
	data, err := io.ReadAll(reply.Body)
	if err != nil || !strings.HasSuffix(string(data), "[DONE]\n\n") || reply.Header.Get("X-Oax-Session") != "" {
		t.Errorf("%q, %v, %v", data, err, reply.Header)
	}
	if lost.Load() != 1 {
		t.Errorf("told %d times", lost.Load())
	}
	call(t, s, "POST", "/api/sessions", `{"content":"why?"}`, 507, nil)
}
