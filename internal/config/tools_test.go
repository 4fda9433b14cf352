package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTools(t *testing.T) {
	f := load(t, `
[tools.weather]
command = ["weather", "--short"]
schema = "weather.json"
[tools.local]
command = ["bin/local"]
schema = "/etc/local.json"
approve = "always"
timeout = "5s"
[mcp.docs]
url = "https://a.example/mcp"
tools = ["search*"]
token_command = "pass mcp"
approve = "never"
[mcp.files]
command = ["server", "--root", "."]
`)
	dir := filepath.Dir(f.Path)
	list := f.Tools()
	if len(list) != 2 || list[0].Name != "local" || list[1].Name != "weather" {
		t.Fatalf("%+v", list)
	}
	if local := list[0]; local.Command[0] != filepath.Join(dir, "bin/local") || local.Schema != "/etc/local.json" || local.Approve != ApproveAlways || local.Limit() != 5*time.Second {
		t.Errorf("%+v", local)
	}
	if weather := list[1]; !slices.Equal(weather.Command, []string{"weather", "--short"}) || weather.Schema != filepath.Join(dir, "weather.json") || weather.Approve != ApproveAsk || weather.Limit() != time.Minute {
		t.Errorf("%+v", weather)
	}
	servers := f.Servers()
	if len(servers) != 2 || servers[0].Name != "docs" || servers[0].Approve != ApproveNever || servers[1].Approve != ApproveAsk || servers[1].Limit() != time.Minute {
		t.Fatalf("%+v", servers)
	}
	if list := (&File{}).Tools(); len(list) != 0 {
		t.Error(list)
	}
}

func TestToolErrors(t *testing.T) {
	const program = "[tools.a]\ncommand = [\"x\"]\nschema = \"s\"\n"
	for source, want := range map[string]string{
		"[tools.a]\nschema = \"s\"":                              `:1:8: tools.a.command: must be the program and its arguments, as ["weather", "--short"]`,
		"[tools.a]\ncommand = []\nschema = \"s\"":                `:2:1: tools.a.command: must be the program and its arguments, as ["weather", "--short"]`,
		"[tools.a]\ncommand = \"x\"\nschema = \"s\"":             `:2:11: tools.a.command: must be a list of texts in quotes`,
		"[tools.a]\ncommand = [\"\"]\nschema = \"s\"":            `:2:1: tools.a.command: cannot be run`,
		"[tools.a]\ncommand = [\"x\"]":                           `tools.a.schema: must be the file that describes the tool: its name, description and parameters`,
		program + `approve = "yes"`:                              `:4:1: tools.a.approve: must be never, ask or always`,
		program + `timeout = "0s"`:                               `:4:1: tools.a.timeout: must be a time in quotes, as "90s" or "5m"`,
		program + `timeout = 5`:                                  `:4:11: tools.a.timeout: must be a time in quotes, as "90s" or "5m"`,
		"[tools.\"a.b\"]\ncommand = [\"x\"]\nschema = \"s\"":     `tools.a.b: a name is made of letters, digits, - and _, and does not begin with -`,
		"[mcp.-a]\ncommand = [\"x\"]":                            `:1:6: mcp.-a: a name is made of letters, digits, - and _, and does not begin with -`,
		"[mcp.a]\n":                                              `:1:6: mcp.a: must have either url or command`,
		"[mcp.a]\nurl = \"https://a\"\ncommand = [\"x\"]":        `:1:6: mcp.a: must have either url or command`,
		"[mcp.a]\nurl = \"a.example\"":                           `:2:1: mcp.a.url: must begin with https:// or http://`,
		"[mcp.a]\nurl = \"http://a.example\"\ntoken_command='x'": `:2:1: mcp.a.url: must begin with https://, or the token would travel unencrypted`,
		"[mcp.a]\ncommand = [\"x\"]\ntoken_command = \"x\"":      `:3:1: mcp.a.token_command: goes only with url`,
		"[mcp.a]\ncommand = [\"x\"]\ntools = [\"[\"]":            `:3:1: mcp.a.tools: must be patterns of names, as ["search*", "read"]`,
		"[mcp.a]\ncommand = [\"x\"]\napprove = \"CANARY\"":       `:3:1: mcp.a.approve: must be never, ask or always`,
		program + "[mcp.a]\ncommand = [\"x\"]":                   `:4:6: mcp.a: there is a [tools.a] too`,
	} {
		_, _, err := Load(write(t, source))
		if e, ok := errors.AsType[*ParseError](err); !ok || !strings.HasSuffix(err.Error(), want) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%q: %v %v\nwant %s", source, e, err, want)
		}
	}
	_, warnings, err := Load(write(t, program+"aprove = \"ask\""))
	if err != nil || len(warnings) != 1 || warnings[0].Hint != "did you mean approve?" {
		t.Error(warnings, err)
	}
}

// TestServersNeedNoPositions: the file is not parsed again as long as nothing fails.
func TestServersNeedNoPositions(t *testing.T) {
	f := &File{servers: map[string]Server{"a": {Command: []string{"x"}}}, positions: func() map[string]Position {
		t.Error("it is parsed again")
		return nil
	}}
	if err := f.checkTools(); err != nil || f.Servers()[0].Name != "a" {
		t.Error(err)
	}
}

func TestToken(t *testing.T) {
	f := load(t, `
[mcp.good]
url = "https://a.example"
token_command = "echo secret"
[mcp.none]
url = "https://a.example"
[mcp.bad]
url = "https://a.example"
token_command = "exit 4"
`)
	servers := f.Servers() // bad, good, none
	_, err := servers[0].Token(t.Context(), os.Environ())
	if e, ok := errors.AsType[*KeyCommandError](err); !ok || e.ExitCode != 4 || e.Line != 9 || err.Error() != "token_command exited 4" {
		t.Errorf("%+v", err)
	}
	if token, err := servers[1].Token(t.Context(), os.Environ()); err != nil || token.Reveal() != "secret" {
		t.Error(err)
	}
	if token, err := servers[2].Token(t.Context(), os.Environ()); err != nil || token.Reveal() != "" {
		t.Error(err)
	}
}
