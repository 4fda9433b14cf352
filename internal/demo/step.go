package demo

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

// Step is one thing a scripted exchange does after its head is sent. FIN, RST,
// Break and Hold end the exchange; steps after them are not played.
type Step func(*reply) (more bool)

// Send writes b and flushes it: under Chunked it is one chunk, under UntilClose
// and Bare one write to the socket.
func Send(b []byte) Step {
	return func(r *reply) bool { return r.send(b) }
}

// Pause does nothing for d, or until the server closes.
func Pause(d time.Duration) Step {
	return func(r *reply) bool { return wait(r.ctx, d) }
}

// Until does nothing until the channel is closed, or the server closes.
func Until(closed <-chan struct{}) Step {
	return func(r *reply) bool {
		select {
		case <-closed:
			return true
		case <-r.ctx.Done():
			return false
		}
	}
}

// Hold keeps the connection open and silent until the client goes or the server
// closes.
func Hold() Step {
	return func(r *reply) bool {
		r.fired("hold")
		r.untilGone()
		return false
	}
}

// FIN closes the connection in an orderly way, here and now.
func FIN() Step {
	return func(r *reply) bool {
		r.fired("fin")
		_ = r.takeOver().Close()
		return false
	}
}

// RST resets the connection. What the client has not read yet may be lost with
// it: put a Pause before it where that matters.
func RST() Step {
	return func(r *reply) bool {
		r.fired("rst")
		conn := r.takeOver()
		if outer, ok := conn.(interface{ NetConn() net.Conn }); ok {
			conn = outer.NetConn() // TLS would say goodbye first
		}
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
		return false
	}
}

// Break ends a Chunked body without its last chunk.
func Break() Step {
	return func(r *reply) bool {
		r.fired("break")
		panic(http.ErrAbortHandler)
	}
}

// Answer returns the steps of a whole stream: each text as a chunk, then finish
// reason stop and [DONE].
func Answer(texts ...string) []Step {
	var steps []Step
	for _, t := range texts {
		steps = append(steps, Send(Chunk(t)))
	}
	return append(steps, Send(Finish("stop")), Send(Done()))
}

// reply is one response in the making.
type reply struct {
	w     http.ResponseWriter
	ctx   context.Context
	conn  net.Conn // set once the connection is taken from net/http
	fired func(fault string)
}

func (r *reply) send(b []byte) bool {
	if r.conn != nil {
		_, err := r.conn.Write(b)
		return err == nil
	}
	if _, err := r.w.Write(b); err != nil {
		return false
	}
	return http.NewResponseController(r.w).Flush() == nil
}

// takeOver takes the connection from net/http. What was sent before is on the
// wire already, since every send flushes.
func (r *reply) takeOver() net.Conn {
	if r.conn == nil {
		conn, _, err := http.NewResponseController(r.w).Hijack()
		if err != nil {
			panic(err) // HTTP/2 has no connection to give
		}
		r.conn = conn
	}
	return r.conn
}

func (r *reply) untilGone() {
	if r.conn == nil {
		<-r.ctx.Done() // net/http watches the connection
		return
	}
	wake := context.AfterFunc(r.ctx, func() { _ = r.conn.SetReadDeadline(time.Now()) })
	defer wake()
	_, _ = io.Copy(io.Discard, r.conn)
}
