package openai_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"

	. "oax/internal/openai"
)

// countNew counts the connections that a server accepts.
func countNew(n *atomic.Int32) func(net.Conn, http.ConnState) {
	return func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			n.Add(1)
		}
	}
}

// waitIdle waits until no stream that was closed reads the end of its reply any more.
func waitIdle(t *testing.T) {
	t.Helper()
	for stacks := make([]byte, 1<<20); ; runtime.Gosched() {
		stacks = stacks[:runtime.Stack(stacks[:cap(stacks)], true)]
		if !bytes.Contains(stacks, []byte("openai.(*Stream).Close.func")) {
			return
		}
	}
}

// TestStaleConnection: a server that closes after each reply, while it promises to keep the
// connection (llama-server), gets a request once more over a new one. Each connection
// takes a request, and is closed when the next request is on it.
func TestStaleConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var connections, requests, met atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			go func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				if !readRequest(r) {
					return
				}
				requests.Add(1)
				body := fmt.Sprintf(chunkEvent, "a") + finishEvent + doneEvent
				fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
				if _, err := r.Peek(1); err == nil { // the next request has begun
					met.Add(1)
				}
			}()
		}
	}()
	c := newClient(Config{BaseURL: "http://" + listener.Addr().String(), Limits: DefaultLimits()})
	defer c.Close()
	for range 3 {
		if m, err := askFor(t.Context(), c, "q"); err != nil || m.Text != "a" {
			t.Fatal(m, err)
		}
		waitIdle(t)
	}
	if connections.Load() != 3 || requests.Load() != 3 || met.Load() != 2 {
		t.Errorf("%d connections, %d requests answered, %d met a closed connection", connections.Load(), requests.Load(), met.Load())
	}
}

func readRequest(r *bufio.Reader) bool {
	hr, err := http.ReadRequest(r)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, hr.Body)
	return err == nil
}

// answerOne writes any bytes in reply to the one request of a connection.
func answerOne(conn net.Conn, reply func(*http.Request) string, asked *int) {
	defer conn.Close()
	hr, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	io.Copy(io.Discard, hr.Body)
	*asked++
	io.WriteString(conn, reply(hr))
}
