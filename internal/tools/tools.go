// Package tools runs what a model can be offered: programs, the tools of MCP servers, and a
// clock that is built in.
//
// Nothing is offered unless it was named (Open), nothing is started before it is needed
// (Set.Tools for a server, Set.Run for a program), and a call is checked against the
// schema of its tool before anybody is asked about it (Tool.Check). Whether a call may run
// is not decided here.
//
// Promises: a program and a server get no API key in their environment, have the working
// directory of oax, and create files that only their user can read. A call that fails in
// whatever way has an Output that says so to the model; it never ends oax, and it ends
// soon after its context. What a tool returns is foreign text: valid UTF-8, and nothing
// more is known of it.
package tools

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/schema"
)

// Options say what tools there are and where they run.
type Options struct {
	Config  *config.File // [tools.*] and [mcp.*]; nil: none
	Environ []string     // of oax; programs and servers get it without keys
	Dir     string       // for the whole of an output that is long; made when it is needed
	Log     io.Writer    // gets what servers write to standard error; nil: nobody does
	Version string       // of oax, for servers
	Now     func() time.Time
}

// Tool is a tool that a model can be offered.
type Tool struct {
	Name        string          `json:"name"`             // as a person types it: weather, or docs.search of a server
	Wire        string          `json:"wire"`             // as the APIs have it: [A-Za-z0-9_-], at most 64 bytes, unique in its Set
	Description string          `json:"description"`      // foreign text
	Parameters  json.RawMessage `json:"parameters"`       // a JSON Schema
	Approve     string          `json:"approve"`          // config.ApproveNever, ApproveAsk or ApproveAlways
	Argv        []string        `json:"argv,omitempty"`   // of a program, else nil
	Server      string          `json:"server,omitempty"` // the name of an MCP server, else empty

	remote string         // what the server calls it
	schema *schema.Schema // nil for one of a server that cannot be checked
	limit  time.Duration  // how long a call may take
}

// Set is the tools that were named. Several goroutines can use it at once.
type Set struct {
	options Options
	names   []string // as they were named, each once
	environ []string
	local   map[string]*Tool // programs and what is built in, by name

	mu      sync.Mutex
	servers map[string]*server
	offered []*Tool // nil until Tools was called
}

// Open returns the tools of those names: a name of [tools.NAME]; that of a server, for all
// of its tools; or SERVER.TOOL for one. It reads the schemas of programs and starts nothing.
// The error is an *UnknownError or a *SchemaFileError.
func Open(o Options, names []string) (*Set, error) {
	if o.Config == nil {
		o.Config = &config.File{}
	}
	s := &Set{options: o, environ: o.Config.WithoutKeys(o.Environ), local: map[string]*Tool{}, servers: map[string]*server{}}
	for _, name := range names {
		if slices.Contains(s.names, name) {
			continue
		}
		if err := s.add(name); err != nil {
			return nil, err
		}
		s.names = append(s.names, name)
	}
	return s, nil
}

// add finds the tool or the server of a name.
func (s *Set) add(name string) error {
	tools := s.options.Config.Tools()
	if i := slices.IndexFunc(tools, func(t config.Tool) bool { return t.Name == name }); i >= 0 {
		t, err := program(tools[i])
		s.local[name] = t
		return err
	}
	serverName, _, _ := strings.Cut(name, ".")
	servers := s.options.Config.Servers()
	if i := slices.IndexFunc(servers, func(c config.Server) bool { return c.Name == serverName }); i >= 0 {
		if s.servers[serverName] == nil {
			s.servers[serverName] = &server{config: servers[i], options: &s.options, environ: s.environ}
		}
		return nil
	}
	if name == clock {
		s.local[name] = clockTool()
		return nil
	}
	known := names(s.options.Config)
	return &UnknownError{Name: name, Known: known, Nearest: config.Nearest(name, known)}
}

// Tools returns what is to be offered, in the order of the names. It starts the servers
// that were named, all at once, and asks them for their tools. The error is a
// *ServerError, an *UnknownError for a tool that a server does not have, or that of ctx.
func (s *Set) Tools(ctx context.Context) ([]*Tool, error) {
	lists, err := s.listAll(ctx)
	if err != nil {
		return nil, err
	}
	all := []*Tool{}
	for _, name := range s.names {
		if t := s.local[name]; t != nil {
			all = append(all, t)
			continue
		}
		serverName, tool, one := strings.Cut(name, ".")
		found := false
		known := []string{}
		for _, t := range lists[serverName] {
			known = append(known, t.Name)
			if !one || t.remote == tool {
				found = true
				all = append(all, t)
			}
		}
		if one && !found {
			return nil, &UnknownError{Name: name, Server: serverName, Known: known, Nearest: config.Nearest(name, known)}
		}
	}
	all = nameForWire(all)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offered = all
	return all, nil
}

// listAll returns the tools of each server that was named.
func (s *Set) listAll(ctx context.Context) (map[string][]*Tool, error) {
	names := slices.Sorted(maps.Keys(s.servers))
	tools, errs := make([][]*Tool, len(names)), make([]error, len(names))
	var wait sync.WaitGroup
	for i, name := range names {
		wait.Go(func() { tools[i], errs[i] = s.servers[name].list(ctx) })
	}
	wait.Wait()
	lists := map[string][]*Tool{}
	for i, name := range names {
		if errs[i] != nil {
			return nil, errs[i]
		}
		lists[name] = tools[i]
	}
	return lists, nil
}

// nameForWire returns the tools, each once, with names by chat.ToolName. One that is taken
// gets a number.
func nameForWire(all []*Tool) []*Tool {
	taken, named := map[string]bool{}, []*Tool{}
	for i, original := range all {
		if slices.Contains(all[:i], original) {
			continue
		}
		t := new(*original)
		base := chat.ToolName(cmp.Or(t.Wire, t.Name))
		name := base
		for n := 2; taken[name]; n++ {
			suffix := fmt.Sprintf("_%d", n)
			name = base[:min(len(base), chat.MaxToolName-len(suffix))] + suffix
		}
		taken[name] = true
		t.Wire = name
		named = append(named, t)
	}
	return named
}

// Lookup returns the tool that a model calls by that name, or nil. There is none before
// Tools was called.
func (s *Set) Lookup(wire string) *Tool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.offered {
		if t.Wire == wire {
			return t
		}
	}
	return nil
}

// Check returns an *ArgumentsError if the arguments of a call, as sent, are not a JSON
// object that fits the tool's parameters.
func (t *Tool) Check(arguments string) error {
	input, _ := chat.ToolCall{Arguments: arguments}.Input()
	var err error
	if t.schema != nil {
		err = t.schema.Check(input)
	} else {
		_, err = schema.Decode(input)
	}
	if err != nil {
		return &ArgumentsError{t.Name, err}
	}
	if bytes.TrimSpace(input)[0] != '{' {
		return &ArgumentsError{t.Name, &schema.MismatchError{Reason: "it is not an object"}}
	}
	return nil
}

// Run runs a call of one of the tools that Tools returned. It checks the arguments, and
// returns when the call has ended, when it took longer than the tool's timeout, or soon
// after ctx ended; then what was started is ended too. progress, if not nil, gets what a
// server says meanwhile: foreign text, maybe from another goroutine.
func (s *Set) Run(ctx context.Context, t *Tool, call chat.ToolCall, progress func(text string)) Output {
	begun := time.Now()
	out := s.run(ctx, t, call, progress)
	out.Took = time.Since(begun)
	return out
}

func (s *Set) run(ctx context.Context, t *Tool, call chat.ToolCall, progress func(text string)) Output {
	if err := t.Check(call.Arguments); err != nil {
		return failure(err.Error())
	}
	arguments, _ := call.Input()
	limited, cancel := context.WithTimeoutCause(ctx, t.limit, errTooLong)
	defer cancel()
	var out Output
	switch {
	case t.Server != "":
		out = s.servers[t.Server].call(limited, t, arguments, s.longOutput(), progress)
	case t.Argv != nil:
		out = s.runProgram(limited, t, call.ID, arguments)
	default:
		out = runClock(arguments, s.options.Now)
	}
	return out
}

// errTooLong is the cause of a context that a call was given.
var errTooLong = errors.New("the call took too long")

// stopped says why a call was ended, or nothing if it was not.
func stopped(ctx context.Context, limit time.Duration) string {
	switch context.Cause(ctx) {
	case nil:
		return ""
	case errTooLong:
		return fmt.Sprintf("the tool was stopped because it took longer than %v", limit)
	}
	return "the tool was stopped by the user"
}

// Close ends the servers.
func (s *Set) Close() {
	var wait sync.WaitGroup
	for _, server := range s.servers {
		wait.Go(func() { server.leave(nil) })
	}
	wait.Wait()
}

// UnknownError says that there is no tool of a name.
type UnknownError struct {
	Name    string
	Server  string   // that was asked; empty if it is the configuration that does not have it
	Known   []string // the names that there are
	Nearest string   // the one that was probably meant; may be empty
}

func (e *UnknownError) Error() string {
	if e.Server != "" {
		return fmt.Sprintf("the server %s has no tool %s", e.Server, strings.TrimPrefix(e.Name, e.Server+"."))
	}
	return fmt.Sprintf("no tool %q", e.Name)
}

// ArgumentsError says why the arguments of a call cannot be used.
type ArgumentsError struct {
	Tool string
	Err  error // of package schema
}

func (e *ArgumentsError) Error() string {
	return "the arguments do not fit the parameters of " + e.Tool + ": " + e.Err.Error()
}

func (e *ArgumentsError) Unwrap() error { return e.Err }
