// Package serve is the gateway: an HTTP server for one person and their devices.
//
// It relays the OpenAI API for editors, SDKs and other programs, byte for byte, with the
// key of a profile in place of the client's (relay.go), and records the chats in it: the
// recorder listens (recorder.go), and package recording has the sessions. A reply that its
// client lost is read again from its tape (stream.go, package tape). It serves package page and
// the API by which the page reads, searches and continues all chats (api.go, list.go, manage.go,
// ask.go), and shows an answer while it arrives in any number of windows, whoever asked for it
// (events.go, socket.go, package live). Every request passes the checks of checks.go first;
// package auth knows the tokens.
package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"oax/internal/endpoint"
	"oax/internal/serve/auth"
	"oax/internal/serve/live"
	"oax/internal/serve/page"
	"oax/internal/serve/recording"
	"oax/internal/serve/tape"
	"oax/internal/session"
)

const (
	maxStreams   = 1000
	maxHeaders   = 64 << 10
	headerTime   = 10 * time.Second
	idleTime     = 120 * time.Second
	stopPatience = 10 * time.Second
)

// Config is what a server is made from.
type Config struct {
	StateDir string           // of the server's files: tokens
	Hosts    []string         // names, beside localhost, that Host may have
	Origins  []string         // of pages that may use the relay
	TLS      *tls.Certificate // nil: plain HTTP
	Now      func() time.Time // nil: time.Now

	Keep  bool // an answer goes on when the client of the relay goes away
	Store *session.Store
	// Resolve returns the endpoint of a profile, the default one if it is empty, for a
	// model, that of the profile if it is empty. There is one beside an error too.
	Resolve func(ctx context.Context, profile, model string) (*endpoint.Endpoint, error)
	// Profiles are the names that may stand before a slash in a model's name, and
	// OtherProfiles those of them that the list of models has beside the default one.
	Profiles, OtherProfiles []string
	DefaultProfile          string
	DefaultModel            string
	// NotSaved gets why a turn could not be saved, or not safely. It may be nil.
	NotSaved func(error)
	// Verbose gets a line for each request when it has been answered. It may be nil.
	Verbose func(line string)
}

// Server is a gateway that is running.
type Server struct {
	config   Config
	auth     *auth.Auth
	listener net.Listener
	http     *http.Server
	streams  atomic.Int64 // open: replies of the relay, and those who watch
	stopping atomic.Bool

	context  context.Context // ends when the server ends what still runs
	end      context.CancelCauseFunc
	turns    sync.WaitGroup // those that run, what is relayed, and the first reading of the history
	sockets  sync.WaitGroup
	rooms    *live.Rooms
	keyLocks [64]sync.Mutex // by Idempotency-Key
	shown    summaries
	index    *recording.Index
	upstream upstreams
	tapes    tape.Tapes
}

// errServerStops ends what runs when the server stops.
var errServerStops = errors.New("the server stops")

// Start listens on an address, as 127.0.0.1:8629, and answers requests until Stop. The
// error is that of the operating system or an auth.TokenFileError.
func Start(address string, c Config) (*Server, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	who, err := auth.New(c.StateDir, c.Now)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return startOn(listener, who, c), nil
}

// startOn is Start on a listener whose address is that of TCP.
func startOn(listener net.Listener, who *auth.Auth, c Config) *Server {
	s := &Server{config: c, auth: who, listener: listener,
		index: recording.NewIndex(c.Store, c.Now)}
	s.context, s.end = context.WithCancelCause(context.Background())
	s.rooms = live.NewRooms(s.context, c.Store, c.Now, s.index.Take)
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeaders,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	s.turns.Go(s.index.Refresh) // the first request need not wait for it
	if c.TLS != nil {
		s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*c.TLS}}
		go s.http.ServeTLS(listener, "", "")
	} else {
		go s.http.Serve(listener)
	}
	return s
}

// saved tells NotSaved of an error of saving; nil is none.
func (s *Server) saved(err error) {
	if err != nil && s.config.NotSaved != nil {
		s.config.NotSaved(err)
	}
}

// URL returns the address of the page. If the server listens on every address of this
// machine, it has the one that others can reach.
func (s *Server) URL() string {
	at := *s.listener.Addr().(*net.TCPAddr)
	if at.IP.IsUnspecified() {
		at.IP = addresses()[0]
	}
	return s.scheme() + "://" + at.String() + "/"
}

// LoginURL returns the URL of the page with the login code of this start.
func (s *Server) LoginURL() string { return s.URL() + "#login=" + s.auth.Code() }

func (s *Server) scheme() string {
	if s.config.TLS != nil {
		return "https"
	}
	return "http"
}

// cookieName has the port in it: browsers send a cookie to every port of a host.
func (s *Server) cookieName() string {
	return fmt.Sprintf("oax_%d", s.listener.Addr().(*net.TCPAddr).Port)
}

// Stop refuses new work, gives the answers that arrive 10 seconds, and then ends them; what
// has come of them is saved. If ctx ends, it waits no longer.
func (s *Server) Stop(ctx context.Context) {
	s.stopping.Store(true)
	_ = s.listener.Close()
	done := make(chan struct{})
	go func() {
		s.turns.Wait()
		close(done)
	}()
	wait := time.NewTimer(stopPatience)
	defer wait.Stop()
	select {
	case <-done:
	case <-wait.C:
	case <-ctx.Done():
	}
	s.end(errServerStops)
	s.turns.Wait()
	s.sockets.Wait()
	_ = s.http.Close()
	s.upstream.close()
}

func (s *Server) handler() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	routes.HandleFunc("POST /api/login", refuses(s.login))
	routes.HandleFunc("POST /api/logout", s.logout)
	routes.HandleFunc("GET /api/sessions", refuses(s.listSessions))
	routes.HandleFunc("POST /api/sessions", refuses(s.postTurn))
	routes.HandleFunc("GET /api/sessions/{id}", refuses(s.showSession))
	routes.HandleFunc("PATCH /api/sessions/{id}", refuses(s.patchSession))
	routes.HandleFunc("DELETE /api/sessions/{id}", refuses(s.deleteSession))
	routes.HandleFunc("POST /api/sessions/{id}/restore", refuses(s.restoreSession))
	routes.HandleFunc("GET /api/sessions/{id}/export", refuses(s.exportSession))
	routes.HandleFunc("POST /api/sessions/{id}/turns", refuses(s.postTurn))
	routes.HandleFunc("DELETE /api/sessions/{id}/turns/{turn}", refuses(s.deleteTurn))
	routes.HandleFunc("GET /api/sessions/{id}/events", s.counted(refuses(s.events)))
	routes.HandleFunc("GET /api/models", s.pageModels)
	routes.HandleFunc("GET /api/live", s.counted(s.live))
	routes.HandleFunc("GET /v1/models", s.models)
	routes.HandleFunc("GET /models", s.models)
	routes.HandleFunc("GET /v1/stream", s.counted(refuses(s.resumeStream)))
	routes.HandleFunc("DELETE /v1/stream", s.stopStream)
	routes.HandleFunc("POST /v1/streams/lookup", refuses(s.lookUpStreams))
	routes.HandleFunc("/v1/", s.counted(refuses(s.relay)))
	page.AddRoutes(routes)
	return s.told(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 { // net/http reads what a handler leaves of the body, then replies
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(noProgress))
		}
		if failure := s.check(r); failure != nil {
			if failure == errUnauthorized {
				w.Header().Set("WWW-Authenticate", "Bearer")
			}
			if failure != errWrongHost && failure != errWrongOrigin {
				s.allowOrigin(w, r)
			}
			failure.write(w)
			return
		}
		switch {
		case s.stopping.Load():
			errStopping.write(w)
		case isPreflight(r):
			s.preflight(w, r)
		default:
			s.dispatch(routes, w, r)
		}
	})
}

// told tells Verbose of each request: method, path, status, how long it took, and the session
// that it is recorded in. A query may hold what was searched for, so it is left out.
func (s *Server) told(handle http.HandlerFunc) http.Handler {
	if s.config.Verbose == nil {
		return handle
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.config.Now()
		out := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() { // also if the reply was cut
			took := s.config.Now().Sub(began).Round(time.Millisecond)
			line := fmt.Sprintf("%s %s %d %s", r.Method, r.URL.EscapedPath(), out.status, took)
			if id := w.Header().Get("X-Oax-Session"); id != "" {
				line += " session " + id
			}
			s.config.Verbose(line)
		}()
		handle(out, r)
	})
}

// statusWriter notes the status of a reply.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// dispatch calls the handler of the path and method. ServeMux would answer in plain text
// where there is none.
func (s *Server) dispatch(routes *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	handler, pattern := routes.Handler(r)
	if pattern == "" {
		recorder := allowRecorder{header: http.Header{}}
		handler.ServeHTTP(&recorder, r)
		if recorder.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", recorder.header.Get("Allow"))
			errWrongMethod.write(w)
			return
		}
		errNotFound.write(w)
		return
	}
	routes.ServeHTTP(w, r)
}

// allowRecorder takes a reply of ServeMux for its status and its Allow header.
type allowRecorder struct {
	header http.Header
	status int
}

func (a *allowRecorder) Header() http.Header         { return a.header }
func (a *allowRecorder) Write(p []byte) (int, error) { return len(p), nil }
func (a *allowRecorder) WriteHeader(status int)      { a.status = status }

// counted bounds how many streams are open at once.
func (s *Server) counted(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer s.streams.Add(-1)
		if s.streams.Add(1) > maxStreams {
			errTooMany.write(w)
			return
		}
		handle(w, r)
	}
}
