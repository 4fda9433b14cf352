package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"oax/internal/demo"
)

// serving are the faults of oax serve: of its start, and of what others send to it. After
// each request that it must refuse, the server runs, and nothing is sent or saved.
var serving = []fault{
	{row: "G22", what: "another name in Host", test: func(t *testing.T) {
		s, script := scriptedServer(t)
		defer s.end()
		for _, host := range []string{"evil.example", "127.evil.com", "localhost.evil.example:8629"} {
			for _, path := range []string{"", "healthz", "v1/models", "api/sessions"} {
				s.refuses(421, "GET", path, "", "Host", host)
			}
		}
		s.refuses(200, "GET", "healthz", "", "Host", "localhost:1")
		requested(t, script, 0)
	}},
	{row: "G23", what: "no token, and wrong ones", test: func(t *testing.T) {
		s, script := scriptedServer(t)
		defer s.end()
		for _, path := range []string{"v1/models", "v1/chat/completions", "api/sessions", "api/live"} {
			s.refuses(401, "GET", path, "", "Authorization", "", "Cookie", "")
			s.refuses(401, "GET", path, "", "Authorization", s.token[:len(s.token)-1], "Cookie", s.cookie+"x")
		}
		s.refuses(401, "POST", "api/login", `{"code":"x"}`, "Content-Type", "application/json")
		s.refuses(403, "GET", "api/sessions", "", "Authorization", s.token, "Cookie", "") // the token is for /v1
		requested(t, script, 0)
	}},
	{row: "G24", what: "pages of other origins", test: func(t *testing.T) {
		s, script := scriptedServer(t)
		defer s.end()
		for _, header := range [][]string{
			{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", strings.Replace(s.url, "http:", "https:", 1)},
			{"Origin", "", "Sec-Fetch-Site", "cross-site"}, {"Origin", "", "Sec-Fetch-Site", "same-site"},
		} {
			for _, path := range []string{"v1/models", "api/sessions", "api/live"} {
				s.refuses(403, "GET", path, "", header...)
				s.refuses(403, "OPTIONS", path, "", append(header, "Access-Control-Request-Method", "GET")...)
			}
			s.refuses(403, "POST", "api/login", `{"code":"x"}`, append(header, "Content-Type", "application/json")...)
		}
		requested(t, script, 0)
	}},
	{row: "G25", what: "a form", test: func(t *testing.T) {
		s, script := scriptedServer(t)
		defer s.end()
		for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""} {
			s.refuses(415, "POST", "api/sessions", `{"text":"hi"}`, "Content-Type", kind)
			s.refuses(415, "POST", "api/login", `{"code":"x"}`, "Content-Type", kind)
		}
		requested(t, script, 0)
		if n := len(s.h.sessions()); n > 0 {
			t.Errorf("%d sessions", n)
		}
	}},
	{row: "G26", what: "GET in place of what changes something", test: func(t *testing.T) {
		s, _ := scriptedServer(t, demo.Stream(demo.Answer("yes")...))
		defer s.end()
		s.h.run("hi")
		id := idOf(s.h.paths()[0])
		for _, path := range []string{"api/login", "api/logout", "api/sessions/ID/turns", "api/sessions/ID/turns/1", "api/sessions/ID/restore"} {
			s.refuses(405, "GET", strings.Replace(path, "ID", id, 1), "")
		}
		s.h.checkChats("q hi | a yes")
	}},
	{row: "G27", what: "WebSockets of other origins, and without a token", test: func(t *testing.T) {
		s, _ := scriptedServer(t)
		defer s.end()
		handshake := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
		s.refuses(403, "GET", "api/live", "", append(handshake, "Origin", "https://evil.example")...)
		s.refuses(401, "GET", "api/live", "", append(handshake, "Authorization", "", "Cookie", "")...)
		s.refuses(101, "GET", "api/live", "", append(handshake, "Origin", strings.TrimSuffix(s.url, "/"))...).Body.Close() // so it is a handshake
	}},
	{row: "G28", what: "a body of a gigabyte, and headers without end", test: func(t *testing.T) {
		s, script := scriptedServer(t)
		defer s.end()
		for want, request := range map[string]string{
			"413": "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + s.token + "\r\nContent-Length: 1073741824\r\n\r\n",
			"431": "GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + strings.Repeat("X-Filler: "+filler+"\r\n", 1+(1<<20)/len(filler)),
		} {
			conn, err := net.Dial("tcp", s.address())
			must(t, err)
			io.WriteString(conn, request) // as far as it is read
			reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || !strings.HasPrefix(reply.Status, want) {
				t.Errorf("want %s: %v, %v", want, reply, err)
			}
			conn.Close()
		}
		requested(t, script, 0)
	}},
	{row: "G29", what: "addresses that others can reach", test: func(t *testing.T) {
		h := newHome(t)
		for _, listen := range []string{"0.0.0.0:0", "[::]:0", ":0"} {
			h.check(h.run("serve", "--listen", listen), want{code: 2})
		}
	}},
	{row: "G30", what: "the port is taken", test: func(t *testing.T) {
		s, _ := scriptedServer(t)
		defer s.end()
		s.h.varies = []*regexp.Regexp{regexp.MustCompile(`\bport \d+`)}
		s.h.check(s.h.run("serve", "--listen", s.address()), want{code: 1})
	}},
	{row: "G36", what: "another one serves the same chats", test: func(t *testing.T) {
		first, _ := scriptedServer(t)
		second := first.h.serve()
		r := second.run.ends(syscall.SIGTERM)
		if want := "oax: serving on " + second.url + "; Ctrl-C stops\noax: the same chats are served at " + first.url + " already\n"; !strings.HasPrefix(r.stderr, want) {
			t.Errorf("the second one says %q, want %q", r.stderr, want)
		}
		first.run.ends(syscall.SIGKILL)
		if l, err := net.Listen("tcp", first.address()); err == nil { // another program has its port
			defer l.Close()
			go http.Serve(l, http.NotFoundHandler())
		}
		third := first.h.serve()
		third.run.cmd.Process.Signal(syscall.SIGTERM)
		holdsNone(t, third.run.wait().stderr, "already")
	}},
	{row: "G31", what: "the client goes away", test: func(t *testing.T) { clientLeaves(t) }},
	{row: "G31", what: "the client goes away, and wants the answer", test: func(t *testing.T) { clientLeaves(t, "X-Conversation-Id", "c") }},
	{row: "G32", what: "an answer that is hostile to the page", test: func(t *testing.T) {
		const evil = "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)> ![x](https://evil.example/?q=1) [x](javascript:alert(1))"
		s, _ := scriptedServer(t, demo.Stream(demo.Answer(evil)...))
		defer s.end()
		s.h.run("hi")
		reply := s.ask("GET", "", "")
		if policy := reply.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; script-src 'self';") || strings.Contains(policy, "http") {
			t.Errorf("the page's policy is %q", policy)
		}
		var full struct {
			Items []struct {
				Answer struct {
					Text string
					HTML []string
				}
			}
		}
		err := json.NewDecoder(s.ask("GET", "api/sessions/"+idOf(s.h.paths()[0])+"?html=1", "").Body).Decode(&full)
		if err != nil || len(full.Items) != 1 || full.Items[0].Answer.Text != evil {
			t.Fatalf("%+v, %v", full, err)
		}
		html := strings.Join(full.Items[0].Answer.HTML, "")
		if !strings.Contains(html, "&lt;script") || regexp.MustCompile(`<(script|img)|(href|src)="javascript|src=`).MatchString(strings.ReplaceAll(html, "&lt;img src=", "")) {
			t.Errorf("its HTML is %s", html)
		}
	}},
	{row: "G34", what: "clients that are slow", waits: true, test: func(t *testing.T) {
		s, script := scriptedServer(t)
		defer s.end()
		n := 300
		if torture {
			n = 10_000
		}
		const limit = 10 * time.Second
		closed := make(chan string, n) // what is wrong with each end
		for i := range n {
			begun := time.Now()
			conn, err := net.Dial("tcp", s.address())
			must(t, err)
			defer conn.Close()
			want := ""
			switch i % 4 {
			case 1:
				io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n")
			case 2:
				want = "408"
				if torture { // more than there can be streams
					want = "408|503"
				}
				io.WriteString(conn, "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: "+s.token+"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
			case 3: // refused, and the server waits for a body that nobody reads
				want = "401"
				io.WriteString(conn, "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
			}
			conn.SetReadDeadline(begun.Add(patience))
			go func() {
				reply, err := io.ReadAll(conn)
				took := time.Since(begun)
				switch {
				case err != nil, took < limit-time.Second:
					closed <- fmt.Sprintf("client %d: %v after %v", i, err, took)
				case want != "" && !regexp.MustCompile(`^HTTP/1\.1 (`+want+`) `).Match(reply):
					closed <- fmt.Sprintf("client %d got %q", i, reply)
				default:
					closed <- ""
				}
			}()
		}
		s.refuses(200, "GET", "healthz", "") // somebody else is answered meanwhile
		for range n {
			if wrong := <-closed; wrong != "" {
				t.Error(wrong)
			}
		}
		requested(t, script, 0)
	}},
	{row: "G35", what: "refused requests, with --verbose", test: func(t *testing.T) {
		s, script := scriptedServer(t)
		s.end()
		s = s.h.serveWith("--verbose")
		s.refuses(401, "GET", "v1/models?key=secret", "", "Authorization", "", "Cookie", "")
		s.refuses(421, "POST", "api/sessions", "{}", "Host", "evil.example")
		s.refuses(404, "GET", "v1x", "")
		said := s.run.ends(syscall.SIGTERM).stderr
		for _, want := range []string{"GET /v1/models 401 ", "POST /api/sessions 421 ", "GET /v1x 404 "} {
			if strings.Count(said, "oax: "+want) != 1 {
				t.Errorf("no line for %q in %q", want, said)
			}
		}
		holdsNone(t, said, "secret")
		requested(t, script, 0)
	}},
}

// clientLeaves closes the connection of a client within its answer. With a header that asks
// for it the answer goes on; else the endpoint's request is cancelled.
func clientLeaves(t *testing.T, header ...string) {
	t.Helper()
	left, cancelled := make(chan bool), make(chan bool)
	h := serves(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		w.Write(demo.Chunk("one"))
		w.(http.Flusher).Flush()
		if <-left; len(header) == 0 {
			<-r.Context().Done()
			close(cancelled)
			return
		}
		w.Write(demo.Chunk(" two"))
		w.Write(demo.Finish("stop"))
		w.Write(demo.Done())
	}))
	s := h.serve()
	defer s.end()
	reply := s.ask("POST", "v1/chat/completions", `{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}`,
		append(header, "Content-Type", "application/json")...)
	if _, err := reply.Body.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	close(left)
	want := "q hi | a one two"
	if len(header) == 0 {
		<-cancelled
		want = "q hi | a one stopped"
	}
	eventually(t, "the answer is saved", func() bool { return len(h.journals()) == 0 })
	h.checkChats(want)
}
