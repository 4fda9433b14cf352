package demo

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const chunkedHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"

func TestCuts(t *testing.T) {
	ab := Send([]byte("ab"))
	settle := Pause(50 * time.Millisecond) // lets the client read before a reset
	for _, tt := range []struct {
		name     string
		exchange Exchange
		prefix   string
		suffix   string
		reset    bool
		fired    string
	}{
		{"whole", Stream(ab), chunkedHead, "\r\n\r\n2\r\nab\r\n0\r\n\r\n", false, ""},
		{"fin", Stream(ab, FIN(), ab), chunkedHead, "\r\n\r\n2\r\nab\r\n", false, "fin"},
		{"fin after the head", Stream(FIN()), chunkedHead, "chunked\r\n\r\n", false, "fin"},
		{"rst", Stream(ab, settle, RST(), ab), chunkedHead, "\r\n\r\n2\r\nab\r\n", true, "rst"},
		{"broken chunking", Stream(ab, Break(), ab), chunkedHead, "\r\n\r\n2\r\nab\r\n", false, "break"},
		{"until close", Exchange{Status: 429, Header: http.Header{"A": {"b"}}, Framing: UntilClose, Body: []Step{ab, ab}},
			"HTTP/1.1 429 Too Many Requests\r\nA: b\r\nConnection: close\r\n\r\n", "\r\n\r\nabab", false, ""},
		{"until close, fin", Exchange{Framing: UntilClose, Body: []Step{ab, FIN(), ab}}, "HTTP/1.1 200 OK\r\n", "\r\n\r\nab", false, "fin"},
		{"until close, rst", Exchange{Framing: UntilClose, Body: []Step{ab, settle, RST()}}, "HTTP/1.1 200 OK\r\n", "\r\n\r\nab", true, "rst"},
		{"empty reply", Raw(FIN()), "", "", false, "fin"},
		{"rst before the head", Raw(RST()), "", "", true, "rst"},
		{"garbage", Raw(Send([]byte("SSH-2.0\r\n"))), "SSH-2.0\r\n", "", false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			script := Script(Exchange{}, tt.exchange)
			s, c := start(t, script)
			post(t, c, s.URL(), "first")
			got, err := wire(t, s)
			if errors.Is(err, syscall.ECONNRESET) != tt.reset || (err != nil && !tt.reset) {
				t.Errorf("the connection ended with %v", err)
			}
			if !strings.HasPrefix(got, tt.prefix) || !strings.HasSuffix(got, tt.suffix) || strings.Count(got, "ab") > 2 {
				t.Errorf("got %q", got)
			}
			if tt.prefix == "" && got != "" {
				t.Errorf("bytes came before the cut: %q", got)
			}
			if f := strings.Join(script.Fired(), " "); f != tt.fired {
				t.Errorf("fired %q", f)
			}
		})
	}
}

// TestCutsAsClientsSeeThem holds what the framings promise about FIN.
func TestCutsAsClientsSeeThem(t *testing.T) {
	body := []Step{Send(Chunk("x")), FIN()}
	short := Exchange{Header: http.Header{"Content-Length": {"1000"}}, Body: body}
	s, c := start(t, Script(Stream(body...), short, Exchange{Framing: UntilClose, Body: body}))
	for i, want := range []error{io.ErrUnexpectedEOF, io.ErrUnexpectedEOF, nil} {
		resp, err := c.Get(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if !errors.Is(err, want) || string(all) != string(Chunk("x")) {
			t.Errorf("exchange %d: %v after %q", i, err, all)
		}
	}
}

func TestScriptTakesTurns(t *testing.T) {
	script := Script(Reply(503, "text/html", "<p>no"), Stream(Answer("a", "b")...))
	s, c := start(t, script)
	resp, body := post(t, c, s.URL()+"/chat/completions?v=1", "one")
	if resp.StatusCode != 503 || body != "<p>no" || resp.Header.Get("Content-Type") != "text/html" {
		t.Errorf("first: %d %q", resp.StatusCode, body)
	}
	for range 2 {
		_, body = post(t, c, s.URL(), "two")
		if list := events(t, body); len(list) != 4 || list[3] != "[DONE]" || *decode(t, list[1]).Choices[0].Delta.Content != "b" {
			t.Errorf("later: %q", body)
		}
	}
	got := script.Requests()
	if len(got) != 3 {
		t.Fatalf("%d requests", len(got))
	}
	if r := got[0]; r.Method != "POST" || r.Path != "/v1/chat/completions?v=1" || string(r.Body) != "one" || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("recorded %+v", r)
	}
}

func TestPauses(t *testing.T) {
	x := Stream(Send([]byte("a")), Pause(60*time.Millisecond), Send([]byte("b")))
	x.Before = 60 * time.Millisecond
	s, c := start(t, Script(x))
	begun := time.Now()
	resp, err := c.Get(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if took := time.Since(begun); took < x.Before {
		t.Errorf("the head came after %v", took)
	}
	one := make([]byte, 2)
	if n, _ := resp.Body.Read(one); n != 1 {
		t.Errorf("read %d bytes at once", n)
	}
	rest, err := io.ReadAll(resp.Body)
	if took := time.Since(begun); took < 2*x.Before || string(rest) != "b" || err != nil {
		t.Errorf("%q, %v after %v", rest, err, took)
	}
}

func TestHold(t *testing.T) {
	for name, x := range map[string]Exchange{
		"chunked":     Stream(Send([]byte("a")), Hold(), Send([]byte("b"))),
		"until close": {Framing: UntilClose, Body: []Step{Send([]byte("a")), Hold()}},
	} {
		for _, who := range []string{"client", "server"} {
			t.Run(name+", "+who, func(t *testing.T) {
				script := Script(x)
				s, c := start(t, script)
				resp, err := c.Get(s.URL())
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if n, err := resp.Body.Read(make([]byte, 2)); n != 1 || err != nil {
					t.Fatalf("read %d, %v", n, err)
				}
				if who == "client" {
					resp.Body.Close()
					ends(t, s.busy.Wait)
				}
				ends(t, s.Close)
				if !slices.Equal(script.Fired(), []string{"hold"}) {
					t.Errorf("fired %v", script.Fired())
				}
			})
		}
	}
}

func ends(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { f(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("did not end")
	}
}

func TestCloseEndsIdleAndHalfSentRequests(t *testing.T) {
	arrived := make(chan struct{})
	s, err := Start(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		wait(r.Context(), time.Hour)
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, sent := range []string{"", "POST / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nHost: a\r\n\r\n"} {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, sent); err != nil {
			t.Fatal(err)
		}
	}
	<-arrived
	ends(t, s.Close)
	if conn, err := net.Dial("tcp", s.addr); err == nil {
		conn.Close()
		t.Error("the port still answers")
	}
}
