package config

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The tables of tools: [tools.NAME] is a program, [mcp.NAME] an MCP server, which has tools.

// The values of approve: whether the person is asked before a call of the tool runs.
const (
	ApproveNever  = "never"  // every call is refused
	ApproveAsk    = "ask"    // the default
	ApproveAlways = "always" // every call runs without a question
)

// Tool is a program that a model can be offered.
type Tool struct {
	Name    string   `toml:"-"`
	Command []string `toml:"command"` // the program and its arguments; no shell reads them
	Schema  string   `toml:"schema"`  // absolute path of the file that describes it
	Approve string   `toml:"approve"` // never, ask or always
	Timeout duration `toml:"timeout"`
}

// Server is an MCP server whose tools a model can be offered. It has either a URL or a
// Command.
type Server struct {
	Name         string   `toml:"-"`
	URL          string   `toml:"url"`
	Command      []string `toml:"command"` // the program and its arguments; no shell reads them
	Tools        []string `toml:"tools"`   // offer only tools whose names match one of these patterns of path.Match; empty: all
	Approve      string   `toml:"approve"` // never, ask or always
	Timeout      duration `toml:"timeout"`
	TokenCommand string   `toml:"token_command"` // a command for the shell that prints the bearer token

	location func() Location // where token_command stands in the file
}

// toolTimeout is how long a call may take unless the file says otherwise.
const toolTimeout = 60 * time.Second

// Limit returns how long a call of the tool may take.
func (t Tool) Limit() time.Duration { return t.Timeout.limit() }

// Limit returns how long the server may take to start, and how long to answer a call.
func (s Server) Limit() time.Duration { return s.Timeout.limit() }

func (d duration) limit() time.Duration {
	if d == "" {
		return toolTimeout
	}
	return d.value()
}

// Tools returns the programs, sorted by name.
func (f *File) Tools() []Tool {
	return slices.SortedFunc(maps.Values(f.tools), func(a, b Tool) int { return strings.Compare(a.Name, b.Name) })
}

// Servers returns the MCP servers, sorted by name.
func (f *File) Servers() []Server {
	return slices.SortedFunc(maps.Values(f.servers), func(a, b Server) int { return strings.Compare(a.Name, b.Name) })
}

// Token returns the bearer token that token_command prints, or an empty one if there is no
// such command. The error is a *KeyCommandError, a *KeyError, or that of ctx.
func (s Server) Token(ctx context.Context, environ []string) (Secret, error) {
	const setting = "token_command"
	if s.TokenCommand == "" {
		return Secret{}, nil
	}
	text, err := runKeyCommand(ctx, setting, s.TokenCommand, environ, keyLimit)
	if failed, ok := err.(*KeyCommandError); ok {
		failed.Location = s.location()
	}
	if err != nil {
		return Secret{}, err
	}
	return clean(text, setting)
}

// checkTools checks the tables of tools and fills in names, defaults and absolute paths. The
// error is a *ParseError about the first setting that cannot be used.
func (f *File) checkTools() error {
	dir := filepath.Dir(f.Path)
	for _, name := range slices.Sorted(maps.Keys(f.tools)) {
		t := f.tools[name]
		setting, problem := t.problem(name)
		if problem != "" {
			return f.invalidIn("tools."+name, setting, problem)
		}
		t.Name, t.Approve, t.Command = name, cmp.Or(t.Approve, ApproveAsk), beside(dir, t.Command)
		if !filepath.IsAbs(t.Schema) {
			t.Schema = filepath.Join(dir, t.Schema)
		}
		f.tools[name] = t
	}
	for _, name := range slices.Sorted(maps.Keys(f.servers)) {
		s := f.servers[name]
		setting, problem := s.problem(name)
		if _, both := f.tools[name]; both {
			problem = "there is a [tools." + name + "] too"
		}
		if problem != "" {
			return f.invalidIn("mcp."+name, setting, problem)
		}
		s.Name, s.Approve, s.Command = name, cmp.Or(s.Approve, ApproveAsk), beside(dir, s.Command)
		s.location = func() Location { return f.Location("mcp." + name + ".token_command") } // it parses the file again
		f.servers[name] = s
	}
	return nil
}

// invalidIn returns the error of a setting. Its position is that of the setting, or that of
// the table if the table does not have it.
func (f *File) invalidIn(table, setting, problem string) *ParseError {
	e := f.invalid(strings.TrimSuffix(table+"."+setting, "."), problem)
	if e.Line == 0 {
		e.Position = f.Position(table)
	}
	return e
}

// beside returns a command with the path of its program made absolute, if it is relative to
// dir, the directory of the file. Otherwise a program of that path in the working directory
// would run. A program without a slash is looked up in $PATH.
func beside(dir string, command []string) []string {
	if len(command) > 0 && strings.ContainsAny(command[0], `/`+string(filepath.Separator)) && !filepath.IsAbs(command[0]) {
		command = slices.Clone(command)
		command[0] = filepath.Join(dir, command[0])
	}
	return command
}

// problem returns the first setting with an invalid value, and what its value must be. Both
// are empty if all is well; setting is empty if it is about the whole table.
func (t Tool) problem(name string) (setting, problem string) {
	switch {
	case len(t.Command) == 0:
		return "command", `must be the program and its arguments, as ["weather", "--short"]`
	case t.Schema == "":
		return "schema", "must be the file that describes the tool: its name, description and parameters"
	}
	return commonProblem(name, t.Command, t.Approve, t.Timeout)
}

func (s Server) problem(name string) (setting, problem string) {
	if (s.URL == "") == (len(s.Command) == 0) {
		return "", "must have either url or command"
	}
	if s.URL != "" {
		u, err := url.Parse(s.URL)
		switch {
		case err != nil, u.Host == "", u.Scheme != "http" && u.Scheme != "https":
			return "url", "must begin with https:// or http://"
		case s.TokenCommand != "" && u.Scheme == "http" && !IsLoopback(u.Hostname()):
			return "url", "must begin with https://, or the token would travel unencrypted"
		}
	} else if s.TokenCommand != "" {
		return "token_command", "goes only with url"
	}
	for _, pattern := range s.Tools {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
			return "tools", `must be patterns of names, as ["search*", "read"]`
		}
	}
	return commonProblem(name, s.Command, s.Approve, s.Timeout)
}

func commonProblem(name string, command []string, approve string, timeout duration) (setting, problem string) {
	switch {
	case !validName(name):
		return "", nameRule
	case len(command) > 0 && command[0] == "", slices.ContainsFunc(command, func(s string) bool { return strings.Contains(s, "\x00") }):
		return "command", "cannot be run"
	case !slices.Contains([]string{"", ApproveNever, ApproveAsk, ApproveAlways}, approve):
		return "approve", fmt.Sprintf("must be %s, %s or %s", ApproveNever, ApproveAsk, ApproveAlways)
	case timeout != "" && timeout.value() == 0:
		return "timeout", "must be " + aDuration
	}
	return "", ""
}
