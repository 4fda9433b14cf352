package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"oax/internal/chat"
	"oax/internal/demo"
	"oax/internal/openai"
	"oax/internal/session/record"
	"oax/internal/turn"
)

// recorded is a reply of a real endpoint.
type recorded struct {
	name   string
	status int
	header http.Header
	body   []byte
}

// recordings returns the replies of a directory of the recorded corpus, which is not part of
// the project.
func recordings(t *testing.T, name string) []recorded {
	t.Helper()
	dir := os.Getenv("OAX_CORPUS")
	if dir == "" && os.Getenv("OAX_CI") != "" {
		t.Fatal("OAX_CORPUS is not set")
	}
	if dir == "" {
		t.Skip("OAX_CORPUS is not set")
	}
	data, err := os.ReadFile(filepath.Join(dir, name, "INDEX.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index []struct {
		File        string
		Status      int     `json:"http_status"`
		ContentType *string `json:"content_type"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		t.Fatal(err)
	}
	var list []recorded
	for _, x := range index {
		data, err := os.ReadFile(filepath.Join(dir, name, x.File))
		if err != nil {
			t.Fatal(err)
		}
		r := recorded{name: name + "/" + x.File, status: 200, header: http.Header{}, body: data}
		if strings.HasSuffix(x.File, ".http") {
			_, body, _ := bytes.Cut(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
			r.status, r.header, r.body = x.Status, demo.Recorded(x.Status, data).Header, body
		} else if x.ContentType != nil {
			r.header.Set("Content-Type", *x.ContentType)
		}
		list = append(list, r)
	}
	return list
}

// framing is a way to send a body, whole or cut.
type framing struct {
	name  string
	until string // "chunked", "length" or "close"
	cut   string // how it is cut: "", "FIN", "RST" or "broken"
}

var framings = []framing{
	{"chunked", "chunked", ""}, {"length", "length", ""}, {"close", "close", ""},
	{"chunked, FIN", "chunked", "FIN"}, {"length, FIN", "length", "FIN"}, {"close, FIN", "close", "FIN"},
	{"chunked, RST", "chunked", "RST"}, {"length, RST", "length", "RST"}, {"close, RST", "close", "RST"},
	{"broken chunking", "chunked", "broken"},
}

// sent is a reply as an endpoint sends it: how, and how much of it.
type sent struct {
	recorded
	framing
	size    int           // of the body that is sent
	pieces  []int         // where the writes end
	arrived chan struct{} // closed when the client has all of it; then the connection may be reset
}

// ServeHTTP sends it over the connection itself, since net/http would mend some of it.
func (s *sent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	var head bytes.Buffer
	fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\n", s.status, http.StatusText(s.status))
	_ = s.header.Write(&head)
	switch s.until {
	case "chunked":
		head.WriteString("Transfer-Encoding: chunked\r\n")
	case "length":
		fmt.Fprintf(&head, "Content-Length: %d\r\n", len(s.body))
	}
	head.WriteString("Connection: close\r\n\r\n")
	write := func(data []byte) { _, _ = conn.Write(data) }
	write(head.Bytes())
	at := 0
	for _, end := range s.pieces {
		piece := s.body[at:end]
		if s.until == "chunked" {
			piece = fmt.Appendf(nil, "%x\r\n%s\r\n", len(piece), piece)
		}
		write(piece)
		at = end
	}
	switch {
	case s.cut == "" && s.until == "chunked":
		write([]byte("0\r\n\r\n"))
	case s.cut == "broken":
		write([]byte("zz\r\n"))
	case s.cut == "RST":
		<-s.arrived // what a reset overtakes is lost
		_ = conn.(*net.TCPConn).SetLinger(0)
	}
}

// got is what a client got.
type got struct {
	status int
	header http.Header
	length int64
	body   []byte
	cut    bool
}

// take reads a reply, and tells the endpoint when all has arrived that is sent.
func (s *sent) take(reply *http.Response) got {
	defer reply.Body.Close()
	g := got{status: reply.StatusCode, header: reply.Header, length: reply.ContentLength}
	buffer := make([]byte, 32<<10)
	for told := false; ; {
		if !told && len(g.body) >= s.size {
			close(s.arrived)
			told = true
		}
		n, err := reply.Body.Read(buffer)
		g.body = append(g.body, buffer[:n]...)
		if err != nil {
			if !told {
				close(s.arrived)
			}
			g.cut = err != io.EOF
			return g
		}
	}
}

// mayDiffer are the headers in which a reply through the relay may differ from a direct
// one, and why.
var mayDiffer = map[string]string{
	"X-Oax-Session":           "added: where it is recorded",
	"X-Content-Type-Options":  "added: a browser that gets it must not guess",
	"Content-Security-Policy": "added: a browser that shows it must run nothing",
	"Vary":                    "added: where pages of other origins may use the relay",
	"Date":                    "added where the endpoint sends none (RFC 9110, section 6.6.1)",
	"Set-Cookie":              "left out: cookies of the endpoint are for its own origin",
	"Connection":              "of one connection",
	"Keep-Alive":              "of one connection",
	"Transfer-Encoding":       "of one connection",
}

func sameHeaders(direct, relayed http.Header) string {
	differs := func(name string, _ []string) bool {
		return mayDiffer[name] != "" || strings.HasPrefix(name, "Access-Control-")
	}
	direct, relayed = direct.Clone(), relayed.Clone()
	maps.DeleteFunc(direct, differs)
	maps.DeleteFunc(relayed, differs)
	return cmp.Diff(direct, relayed)
}

// TestRelayCorpus: each recorded reply, in random pieces, however its end is told, and cut
// at a random byte in every way: a client gets through the relay what it gets directly, and
// the session holds what a turn of the terminal would have saved of it.
func TestRelayCorpus(t *testing.T) {
	const seed = 15
	var exchanges, bytesSent, answers, refusals atomic.Int64
	t.Cleanup(func() {
		t.Logf("%d exchanges, each directly, through the relay and as a turn: %d answers, %d refusals, %d bytes equal",
			exchanges.Load(), answers.Load(), refusals.Load(), bytesSent.Load())
	})
	for _, dir := range []string{"streams", "tools"} {
		list := recordings(t, dir)
		for number, r := range list {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(seed, uint64(number)))
				c := newCorpusRun(t)
				for _, f := range framings {
					x := sent{recorded: r, framing: f, size: len(r.body)}
					if f.cut != "" {
						x.size = random.IntN(len(r.body))
					}
					for at := 0; at < x.size; {
						at = min(x.size, at+1+random.IntN(1+random.IntN(4000)))
						x.pieces = append(x.pieces, at)
					}
					if c.exchange(t, x) {
						answers.Add(1)
					} else {
						refusals.Add(1)
					}
					exchanges.Add(1)
					bytesSent.Add(int64(x.size))
				}
			})
		}
		if want := map[string]int{"streams": 139, "tools": 89}[dir]; len(list) < want {
			t.Errorf("the corpus has %d recordings of %s, want %d at least", len(list), dir, want)
		}
	}
}

// corpusRun is a relay, and an endpoint that sends what is put into next.
type corpusRun struct {
	server   *Server
	upstream *httptest.Server
	next     *sent
	client   *http.Client
}

func newCorpusRun(t *testing.T) *corpusRun {
	c := &corpusRun{client: &http.Client{Transport: &http.Transport{DisableCompression: true}}}
	c.server, c.upstream = start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.next.ServeHTTP(w, r) }))
	t.Cleanup(c.client.CloseIdleConnections)
	return c
}

// exchange sends one reply three times: to a client, to a client of the relay, and to a turn
// as a terminal asks it. It reports whether there was an answer.
func (c *corpusRun) exchange(t *testing.T, x sent) bool {
	t.Helper()
	about := fmt.Sprintf("%s, %d of %d bytes", x.framing.name, x.size, len(x.body))
	ask := func(url, token string) got {
		x := x // its handler may still be running when the next one is asked
		x.arrived = make(chan struct{})
		c.next = &x
		r, err := http.NewRequest("POST", url, strings.NewReader(body(true, about)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		reply, err := c.client.Do(r)
		if err != nil {
			t.Fatalf("%s: %v", about, err)
		}
		return x.take(reply)
	}
	direct := ask(c.upstream.URL+"/main/v1/chat/completions", "x")
	relayed := ask(c.server.URL()+"v1/chat/completions", apiToken(c.server))
	if len(direct.body) != x.size || direct.cut != (x.cut != "" && !(x.until == "close" && x.cut == "FIN")) && x.size < len(x.body) {
		t.Fatalf("%s: directly %d bytes, cut %v", about, len(direct.body), direct.cut)
	}
	if relayed.status != direct.status || relayed.length != direct.length || relayed.cut != direct.cut || !bytes.Equal(relayed.body, direct.body) {
		t.Errorf("%s: %d, length %d, %d bytes, cut %v; directly %d, %d, %d, %v", about,
			relayed.status, relayed.length, len(relayed.body), relayed.cut, direct.status, direct.length, len(direct.body), direct.cut)
	}
	if diff := sameHeaders(direct.header, relayed.header); diff != "" {
		t.Errorf("%s: headers %s", about, diff)
	}
	saved := c.saved(t, relayed.header.Get("X-Oax-Session"))
	if x.status != http.StatusOK {
		if saved.Role != record.Error || string(saved.Why) != fmt.Sprint(x.status) {
			t.Errorf("%s: saved %+v", about, saved)
		}
		return false
	}
	if want := c.terminal(t, x); !cmp.Equal(want, saved) {
		t.Errorf("%s: saved %s", about, cmp.Diff(want, saved))
	}
	return saved.Role == chat.Assistant
}

// saved returns what a session ends with.
func (c *corpusRun) saved(t *testing.T, id string) chat.Message {
	t.Helper()
	e, failure := c.server.entry(id)
	if failure != nil {
		t.Fatalf("session %q: %v", id, failure)
	}
	s, err := c.server.config.Store.Load(e)
	if err != nil {
		t.Fatal(err)
	}
	return s.Messages[len(s.Messages)-1].Message
}

// terminal returns what a turn saves that gets the reply. It saves no tool calls as complete
// where there are no tools; a client of the relay has its own.
func (c *corpusRun) terminal(t *testing.T, x sent) chat.Message {
	t.Helper()
	x.arrived = make(chan struct{})
	if x.cut == "RST" { // what has arrived of it is known of a broken body
		x.until, x.cut = "chunked", "broken"
	}
	c.next = &x
	e, err := c.server.upstream.of(c.server, context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	prompt := record.Message{Message: chat.Message{Role: chat.User, Text: "hi"}}
	saver, err := c.server.config.Store.Create(prompt)
	if err != nil {
		t.Fatal(err)
	}
	turn.Run(t.Context(), turn.Options{Client: e.Client, Saver: saver,
		Request: openai.Request{Model: "m", Messages: []chat.Message{prompt.Message}}})
	m := c.saved(t, saver.ID())
	if m.Why == chat.NoTool {
		m.State, m.Why = chat.Complete, ""
	}
	return m
}
