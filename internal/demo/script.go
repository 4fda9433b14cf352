package demo

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Framing says how a body is told from its connection.
type Framing int

// The framings of an Exchange.
const (
	// Chunked is what net/http does: chunked coding, or the Content-Length the
	// Header gives. FIN inside it is an unexpected end.
	Chunked Framing = iota
	// UntilClose sends the head and then the bare bytes; the end of the
	// connection is the end of the body, so FIN inside it is a clean end.
	UntilClose
	// Bare sends no head: the steps write every byte, the status line included.
	Bare
)

// Exchange is one scripted reply. The zero Exchange is an empty 200.
type Exchange struct {
	Status  int           // 0 means 200
	Header  http.Header   // nothing is added to it but what the framing needs
	Before  time.Duration // from the whole request to the first byte of the head
	Framing Framing
	Body    []Step
}

// Stream returns an event stream under status 200.
func Stream(steps ...Step) Exchange {
	return Exchange{Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: steps}
}

// Reply returns a whole body under a status.
func Reply(status int, contentType, body string) Exchange {
	return Exchange{
		Status: status,
		Header: http.Header{"Content-Type": {contentType}},
		Body:   []Step{Send([]byte(body))},
	}
}

// Raw returns an exchange without a head, for replies that are no HTTP or none at all.
func Raw(steps ...Step) Exchange { return Exchange{Framing: Bare, Body: steps} }

// Request is one request as the script received it.
type Request struct {
	Method string
	Path   string // with the query, as it stood in the request line
	Header http.Header
	Body   []byte
}

// Scripted is a handler that plays exchanges and remembers what it was asked.
type Scripted struct {
	exchanges []Exchange

	mu       sync.Mutex
	requests []Request
	fired    []string
}

// Script returns a handler that answers the nth request with the nth exchange;
// the last one repeats. Hold ends with the connection only on a Server.
func Script(exchanges ...Exchange) *Scripted {
	if len(exchanges) == 0 {
		exchanges = []Exchange{{}}
	}
	return &Scripted{exchanges: exchanges}
}

// Requests returns the requests so far, in the order they were read.
func (s *Scripted) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Fired returns the faults played so far, in order: "hold", "fin", "rst" or
// "break". A fault is noted before the client can feel it.
func (s *Scripted) Fired() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.fired)
}

// ServeHTTP plays the next exchange.
func (s *Scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body) // all of it: closing over unread bytes would reset
	if err != nil {
		return
	}
	x := s.next(Request{r.Method, r.RequestURI, r.Header.Clone(), body})
	if !wait(r.Context(), x.Before) {
		return
	}
	x.play(&reply{w: w, ctx: r.Context(), fired: s.note})
}

func (s *Scripted) next(r Request) Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	return s.exchanges[min(len(s.requests), len(s.exchanges))-1]
}

func (s *Scripted) note(fault string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fired = append(s.fired, fault)
}

func (x Exchange) play(r *reply) {
	defer func() {
		if r.conn != nil {
			_ = r.conn.Close() // net/http no longer does; a second Close is harmless
		}
	}()
	x.head(r)
	for _, step := range x.Body {
		if !step(r) {
			return
		}
	}
}

func (x Exchange) head(r *reply) {
	status := x.Status
	if status == 0 {
		status = http.StatusOK
	}
	switch x.Framing {
	case Bare:
		r.takeOver()
	case UntilClose:
		var head bytes.Buffer
		fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
		_ = x.Header.Write(&head)
		head.WriteString("Connection: close\r\n\r\n")
		_, _ = r.takeOver().Write(head.Bytes())
	default:
		for name, values := range x.Header {
			r.w.Header()[name] = values
		}
		r.w.WriteHeader(status)
		_ = http.NewResponseController(r.w).Flush() // a lost client is noticed by the first step
	}
}
