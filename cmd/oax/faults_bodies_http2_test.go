package main

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"oax/internal/demo"
)

// http2Endings are the ways a stream can end over HTTP/2.
var http2Endings = []fault{
	{row: "D7", what: "RST_STREAM", test: func(t *testing.T) {
		overHTTP2(t, "received RST_STREAM", partAnswer("Hello", "reset"), func(http2Reply) { panic(http.ErrAbortHandler) })
	}},
	{row: "D12", what: "GOAWAY, graceful", test: func(t *testing.T) {
		overHTTP2(t, "received GOAWAY", wholeAnswer("Hello, world"), func(r http2Reply) {
			go r.server.Shutdown(context.Background())
			r.until("received GOAWAY")
			r.send(demo.Chunk(", world"))
			r.send(demo.Finish("stop"))
		})
	}},
	{row: "D13", what: "connection dropped", test: func(t *testing.T) {
		overHTTP2(t, "readFrame error on conn 0x[0-9a-f]*: .*EOF", partAnswer("Hello", "reset"), func(r http2Reply) { r.conn.Close() })
	}},
	{row: "D13", what: "connection reset", test: func(t *testing.T) {
		overHTTP2(t, "connection reset by peer", partAnswer("Hello", "reset"), func(r http2Reply) {
			r.conn.SetLinger(0)
			r.conn.Close()
		})
	}},
}

// http2Reply is a reply in the making, with what it takes to spoil it.
type http2Reply struct {
	w      http.ResponseWriter
	ctx    context.Context
	server *http.Server
	conn   *net.TCPConn
	proto  string
	trace  *capture // what the program's HTTP/2 client tells of itself
}

func (r http2Reply) send(b []byte) {
	r.w.Write(b)
	http.NewResponseController(r.w).Flush()
}

// until waits for what the client tells.
func (r http2Reply) until(told string) {
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	for ctx.Err() == nil && !strings.Contains(r.trace.String(), told) {
		time.Sleep(time.Millisecond)
	}
}

// overHTTP2 asks "hi" of a server that says "Hello" and then does what rest does,
// which the program's HTTP/2 client must tell of.
func overHTTP2(t *testing.T, told string, w want, rest func(http2Reply)) {
	h, trace := newHome(t), &capture{}
	server := http2Server(t, func(r http2Reply) {
		r.trace = trace
		r.send(demo.Chunk("Hello"))
		r.until("received DATA")
		rest(r)
	})
	h.trust(server)
	h.env["OPENAI_BASE_URL"] = server.URL + "/v1"
	h.env["GODEBUG"] = "http2debug=1"
	cmd := h.command("hi")
	cmd.Stderr = trace
	r := h.finish(cmd)
	frames, stderr := apart(trace.String())
	h.clean(stderr)
	r.stderr = stderr
	if !regexp.MustCompile(told).MatchString(frames) {
		t.Errorf("%q did not happen:\n%s", told, frames)
	}
	equal(t, "requests", strings.Count(frames, `":method" = "POST"`), 1)
	streamed{want: w}.check(h, r)
}

// http2Server serves replies over HTTP/2, with a certificate of its own.
func http2Server(t *testing.T, play func(http2Reply)) *httptest.Server {
	type connKey struct{}
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := r.Context().Value(connKey{}).(*tls.Conn).NetConn().(*net.TCPConn)
		play(http2Reply{w: w, ctx: r.Context(), server: server.Config, conn: conn, proto: r.Proto})
	})
	server.Config.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, conn)
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// apart parts what net/http tells of HTTP/2 from what the program says.
func apart(stderr string) (frames, said string) {
	told := regexp.MustCompile(`(?m)^\d{4}/\d\d/\d\d .*\n`)
	return strings.Join(told.FindAllString(stderr, -1), ""), told.ReplaceAllString(stderr, "")
}
