// Package demo is the endpoint inside the program: a real OpenAI-compatible
// HTTP server on a loopback port.
//
// It has two faces. Guide is the honest one, which a person meets with
// `oax -p demo`: it needs no key and no network, streams at a human pace and
// tells what a real endpoint needs. Script and Tokens are the same server with
// faults and speeds written into it, for tests and benchmarks: bytes, pauses
// and cuts happen exactly where the script says, and the script tells
// afterwards what it was asked and which faults it has played.
package demo

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is a running HTTP/1.1 server on a loopback port of its own.
type Server struct {
	http   *http.Server
	addr   string
	cancel context.CancelFunc
	served chan struct{}
	busy   sync.WaitGroup // connections, and handlers that took theirs over
}

// Start serves h on a free port of 127.0.0.1 until Close. The error is that of
// listening.
func Start(h http.Handler) (*Server, error) {
	ctx, cancel := context.WithCancel(context.Background())
	var config net.ListenConfig
	config.SetMultipathTCP(false) // to ask the system whether it has that takes half of the time
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		cancel()
		return nil, err
	}
	s := &Server{addr: listener.Addr().String(), cancel: cancel, served: make(chan struct{})}
	s.http = &http.Server{
		Handler:           s.counted(h),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState:         s.count,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener) // always ErrServerClosed, by Close
	}()
	return s, nil
}

// URL returns the base URL of the server, which ends in /v1.
func (s *Server) URL() string { return "http://" + s.addr + "/v1" }

// Close breaks every connection, cancels every request's context and returns
// when the last handler has.
func (s *Server) Close() {
	s.cancel()
	_ = s.http.Close() // a listener that is already gone is what is wanted
	<-s.served
	s.busy.Wait()
}

// count keeps the WaitGroup above zero from a connection's acceptance, which
// happens before Serve can return, so that no Add races with the Wait in Close.
func (s *Server) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.busy.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.busy.Done()
	}
}

// counted counts a request beside its connection: a hijacked connection leaves
// the server's books while its handler is still at work.
func (s *Server) counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.busy.Add(1)
		defer s.busy.Done()
		h.ServeHTTP(w, r)
	})
}

// wait sleeps for d and reports whether it slept to the end: it wakes early
// when ctx ends.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
