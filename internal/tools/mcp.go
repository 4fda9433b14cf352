package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"oax/internal/config"
	"oax/internal/term"
)

// MCP servers: the Model Context Protocol (https://modelcontextprotocol.io, versions
// 2024-11-05 to 2026-07-28) by its official SDK. Only tools are used. A server is offered
// nothing: no files, no sampling, no questions to the person.

const (
	// maxMessage is the largest message that a server can send, in bytes.
	maxMessage = mcp.DefaultMaxLineLength
	// maxTools is how many tools a server can have.
	maxTools = 1000
	// maxDescription is the longest description of a tool, in bytes; the rest is cut.
	maxDescription = 16 << 10
)

// server is an MCP server that was named.
type server struct {
	config  config.Server
	options *Options
	environ []string // for the server

	mu    sync.Mutex // held while the server starts
	link  *link      // nil: it does not run
	tools []*Tool    // as it listed them; nil before it did
	until time.Time  // when to ask for them again; zero: never
}

// link is the connection to a running server.
type link struct {
	session *mcp.ClientSession
	process *process        // nil for one that is reached by HTTP
	base    *http.Transport // nil for one that was started
	closed  chan struct{}   // closed with the connection
	changed atomic.Bool     // the server says that it has other tools now

	mu       sync.Mutex
	progress map[string]func(string) // of the calls that run, by token
	calls    int
}

// connect returns the connection to the server. It starts the server if it does not run.
// The error is a *ServerError, or that of ctx.
func (s *server) connect(ctx context.Context) (*link, error) {
	if s.link != nil {
		select {
		case <-s.link.closed:
			s.link.end()
		default:
			return s.link, nil
		}
	}
	s.link = nil
	l := &link{closed: make(chan struct{}), progress: map[string]func(string){}}
	limited, cancel := context.WithTimeout(ctx, s.config.Limit())
	defer cancel()
	transport, err := s.transport(limited, l)
	if err != nil {
		return nil, s.failed(ctx, limited, l, "cannot be started", err)
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "oax", Version: s.options.Version}, &mcp.ClientOptions{
		Capabilities: &mcp.ClientCapabilities{},
		ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
			l.report(r.Params)
		},
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { l.changed.Store(true) },
	})
	session, err := within(limited, l, func() (*mcp.ClientSession, error) { return client.Connect(limited, transport, nil) })
	if err != nil {
		err = s.failed(ctx, limited, l, "does not answer as an MCP server", err)
		l.end()
		return nil, err
	}
	l.session = session
	go func() {
		_ = session.Wait()
		close(l.closed)
	}()
	s.link = l
	return l, nil
}

func (s *server) transport(ctx context.Context, l *link) (_ mcp.Transport, err error) {
	if s.config.URL != "" {
		return s.overHTTP(ctx, l)
	}
	l.process, err = startProcess(s.config.Command, s.environ, s.options.Log, s.config.Name)
	if err != nil {
		return nil, err
	}
	// The lines are bounded as they are read.
	return &mcp.IOTransport{Reader: l.process.output, Writer: l.process.stdin, MaxLineLength: -1}, nil
}

// within returns what f returns. If f goes on after ctx ended, as when a server reads
// nothing of a long call, the server is ended.
func within[T any](ctx context.Context, l *link, f func() (T, error)) (T, error) {
	patient, stop := term.Patience(ctx, grace, context.Canceled)
	defer stop()
	value, err := term.Await(patient, f)
	if patient.Err() != nil {
		l.end()
		return *new(T), ctx.Err()
	}
	return value, err
}

// end ends the server and the connection to it. It can be called several times.
func (l *link) end() {
	if l.process != nil {
		l.process.end()
	}
	if l.session != nil {
		_ = l.session.Close() // it is of no use any more
	}
	if l.base != nil {
		l.base.CloseIdleConnections()
	}
}

// failed returns the error of a server that could not be used. limited is the context
// with the server's own time limit.
func (s *server) failed(ctx, limited context.Context, l *link, what string, err error) error {
	mayHaveEnded := l.process != nil && limited.Err() == nil && !answered(err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		what, err = fmt.Sprintf("did not answer in %v", s.config.Limit()), nil
	}
	if e, ok := errors.AsType[*url.Error](err); ok { // without what the SDK says around it
		what, err = "cannot be reached", e.Err
		if err == ErrUnauthorized {
			what = "refuses the request"
		}
	}
	e := &ServerError{Server: s.config.Name, What: what, Err: err}
	if mayHaveEnded {
		if state := l.process.state(); state != "" {
			e.What, e.Err = "ended as it started: "+state, nil
		}
	}
	if l.process != nil {
		e.Stderr = l.process.stderr.lastLines()
	}
	return e
}

// list returns the tools of the server that the configuration lets through. The server is
// asked for them again when the lifetime that it gave them is over, or when it says that they
// have changed.
func (s *server) list(ctx context.Context) ([]*Tool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link != nil && s.link.changed.Swap(false) {
		s.tools = nil
	}
	if s.tools != nil && (s.until.IsZero() || time.Now().Before(s.until)) {
		return s.tools, nil
	}
	l, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, s.config.Limit())
	defer cancel()
	tools := []*Tool{}
	lifetime := time.Duration(0)
	for cursor := ""; ; {
		page, err := within(limited, l, func() (*mcp.ListToolsResult, error) {
			return l.session.ListTools(limited, &mcp.ListToolsParams{Cursor: cursor})
		})
		if err != nil {
			return nil, s.failed(ctx, limited, l, "does not list its tools", err)
		}
		for _, t := range page.Tools {
			tools = s.append(tools, t)
		}
		if len(tools) > maxTools || page.NextCursor != "" && page.NextCursor == cursor {
			return nil, &ServerError{Server: s.config.Name, What: fmt.Sprintf("lists its tools without end, or over %d", maxTools)}
		}
		lifetime = time.Duration(page.GetTTLMs()) * time.Millisecond
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	s.tools, s.until = tools, time.Time{}
	if lifetime > 0 {
		s.until = time.Now().Add(lifetime)
	}
	return tools, nil
}

// append adds a tool of the server to a list, unless a pattern keeps it out or there is one
// of its name.
func (s *server) append(list []*Tool, remote *mcp.Tool) []*Tool {
	matches := func(pattern string) bool { return Matches(pattern, remote.Name) }
	named := func(t *Tool) bool { return t.remote == remote.Name }
	if len(s.config.Tools) > 0 && !slices.ContainsFunc(s.config.Tools, matches) || slices.ContainsFunc(list, named) {
		return list
	}
	t := &Tool{
		Name: s.config.Name + "." + remote.Name, Description: valid(remote.Description, maxDescription),
		Approve: s.config.Approve, Server: s.config.Name, remote: remote.Name, limit: s.config.Limit(),
	}
	parameters, err := json.Marshal(remote.InputSchema)
	if err != nil || t.setParameters(parameters) != nil {
		// The server knows what it takes, even if we cannot check it. What it takes is sent on
		// if it is an object, as the APIs demand.
		if t.Parameters = parameters; err != nil || len(parameters) == 0 || parameters[0] != '{' {
			_ = t.setParameters(nil)
		}
		t.schema = nil
	}
	return append(list, t)
}

// Matches reports whether a pattern of path.Match stands for a name: one with a / is no path.
func Matches(pattern, name string) bool {
	noPath := func(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
	ok, _ := path.Match(noPath(pattern), noPath(name))
	return ok
}

// answered reports whether an error is what the server answered, over a connection that
// stands.
func answered(err error) bool {
	_, ok := errors.AsType[*jsonrpc.Error](err)
	return ok && !errors.Is(err, mcp.ErrConnectionClosed)
}

// leave ends a connection, if it is still that of the server; nil is any.
func (s *server) leave(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link != nil && (l == nil || l == s.link) {
		s.link.end()
		s.link = nil
	}
}

// ServerError says why a server cannot be used.
type ServerError struct {
	Server string
	What   string // as "did not answer in 1m0s"
	Err    error  // may be nil
	Stderr string // the last lines that it wrote to standard error; foreign text, may be empty
}

func (e *ServerError) Error() string {
	text := "the server " + e.Server + " " + e.What
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	return text
}

func (e *ServerError) Unwrap() error { return e.Err }
