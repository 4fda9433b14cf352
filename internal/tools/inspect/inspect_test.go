package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"oax/internal/config"
	"oax/internal/report"
	"oax/internal/tools"
)

// TestMain makes the test binary the programs that are run as tools.
func TestMain(m *testing.M) {
	if len(os.Args) < 3 || os.Args[1] != "as-tool" {
		os.Exit(m.Run())
	}
	switch os.Args[2] {
	case "echo":
		_, _ = io.Copy(os.Stdout, os.Stdin)
	case "long":
		fmt.Print("a" + strings.Repeat("b", 300_000) + "c")
	case "fail":
		fmt.Print("half\x1b[2J")
		fmt.Fprintln(os.Stderr, "no disk")
		os.Exit(3)
	case "hang":
		time.Sleep(time.Hour)
	}
}

// lab has tools, and the file that is standard output.
type lab struct {
	t    *testing.T
	dir  string
	text string // of the configuration
	Options
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, dir: t.TempDir()}
	l.file("city.json", `{"name":"get_weather","description":"The \u001b[31mweather\nof a city.","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}`)
	l.file("any.json", `{"description":"d"}`)
	l.tool("weather", "echo", "city.json")
	for _, name := range []string{"long", "fail", "hang"} {
		l.tool(name, name, "any.json")
	}
	l.tool("lost", "echo", "lost.json")
	l.text += fmt.Sprintf("[mcp.docs]\nurl = %q\n", serveTools(t))
	l.text += "[mcp.down]\ncommand = ['there-is-no-such-server']\n"
	l.file("config.toml", l.text)
	file, _, err := config.Load(filepath.Join(l.dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := os.Create(filepath.Join(l.dir, "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdout.Close() })
	l.Options = Options{Options: tools.Options{Config: file, Environ: os.Environ(), Now: time.Now}, Stdout: stdout}
	return l
}

func (l *lab) file(name, text string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, name), []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) tool(name, does, schema string) {
	self, err := os.Executable()
	if err != nil {
		l.t.Fatal(err)
	}
	l.text += fmt.Sprintf("[tools.%s]\ncommand = ['%s', 'as-tool', '%s']\nschema = '%s'\n", name, self, does, schema)
}

// printed returns what was written to standard output.
func (l *lab) printed() string {
	l.t.Helper()
	text, err := os.ReadFile(l.Stdout.Name())
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}

// serveTools returns the URL of an MCP server (version 2025-06-18) with two tools, search and
// fetch, that return their arguments. It is an error of the test if a session with it is left.
func serveTools(t *testing.T) string {
	t.Helper()
	var sessions atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			ID     json.RawMessage
			Method string
			Params struct{ Arguments json.RawMessage }
		}
		if r.Method == http.MethodDelete {
			sessions.Add(-1)
		}
		if json.NewDecoder(r.Body).Decode(&request) != nil || request.ID == nil {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		reply := map[string]any{"jsonrpc": "2.0", "id": request.ID}
		switch request.Method {
		case "initialize":
			sessions.Add(1)
			w.Header().Set("Mcp-Session-Id", "one")
			reply["result"] = map[string]any{"protocolVersion": "2025-06-18", "serverInfo": map[string]any{"name": "docs", "version": "1"}, "capabilities": map[string]any{"tools": map[string]any{}}}
		case "tools/list":
			schema := json.RawMessage(`{"type":"object"}`)
			reply["result"] = map[string]any{"tools": []any{
				map[string]any{"name": "search", "description": "Searches.\n\x1b[2J", "inputSchema": schema},
				map[string]any{"name": "fetch", "inputSchema": schema},
			}}
		case "tools/call":
			reply["result"] = map[string]any{"content": []any{map[string]any{"type": "text", "text": string(request.Params.Arguments)}}}
		default:
			reply["error"] = map[string]any{"code": -32601, "message": "no such method"}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(reply)
	}))
	t.Cleanup(func() {
		if server.Close(); sessions.Load() != 0 {
			t.Errorf("%d sessions were left", sessions.Load())
		}
	})
	return server.URL
}

// TestList: what can be named is in the list, also what cannot be used; no server is asked.
func TestList(t *testing.T) {
	l := newLab(t)
	if err := List(l.Options); err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(l.printed()) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	want := []struct{ name, from, says string }{
		{"clock", "built in", "Returns the date and the time."},
		{"docs", "MCP server at http://127.0.0.1:", ""},
		{"down", "MCP server: there-is-no-such-server", ""},
		{"fail", "", "d"}, {"hang", "", "d"}, {"long", "", "d"},
		{"lost", "", "the schema of the tool lost cannot be read: "},
		{"weather", "", "The ^[[31mweather of a city."},
	}
	if len(rows) != len(want) {
		t.Fatalf("%q", rows)
	}
	for i, w := range want {
		if row := rows[i]; len(row) != 3 || row[0] != w.name || !strings.HasPrefix(row[1], w.from) || !strings.HasPrefix(row[2], w.says) {
			t.Errorf("%q, want %+v", row, w)
		}
	}
}

// TestListJSON: what cannot be used has its problem in a field of its own.
func TestListJSON(t *testing.T) {
	l := newLab(t)
	l.JSON = true
	if err := List(l.Options); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`{"name":"docs","from":"MCP server at http://127.0.0.1:`, `"server":true}`,
		`{"name":"weather","from":`, `"description":"The \u001b[31mweather\nof a city."}`,
		`"problem":"the schema of the tool lost cannot be read: `,
	} {
		if !strings.Contains(l.printed(), want) {
			t.Errorf("no %s in %s", want, l.printed())
		}
	}
}

func TestTest(t *testing.T) {
	for _, tt := range []struct {
		name, arguments string
		json            bool
		want            string // the beginning, up to a gap that is ...
		err             any    // a pointer to the type of the error, or nil
	}{
		{name: "weather", want: "name         weather, for a model get_weather\ndescription  The ^[[31mweather of a city.\napprove      ask\na call       printf %s '{\"city\":\"...\"}' | /"},
		{name: "weather", arguments: `{"city":"Rome"}`, want: "name         weather, for a model get_weather\ndescription  The ^[[31mweather of a city.\napprove      ask\na call       printf %s '{\"city\":\"Rome\"}' | /"},
		{name: "weather", arguments: `{"town":"Rome"}`, err: new(*tools.ArgumentsError)},
		{name: "weather", json: true, want: `{"name":"weather","wire":"get_weather","description":"The \u001b[31mweather\nof a city.","parameters":{`},
		{name: "docs", want: "docs.search\tSearches. ^[[2J\ndocs.fetch\t\n"},
		{name: "docs", json: true, want: `{"name":"docs.search","wire":"docs_search","description":"Searches.\n\u001b[2J",`},
		{name: "docs.fetch", want: "name         docs.fetch, for a model docs_fetch\ndescription  \napprove      ask\na call       oax tools run docs.fetch '{}'\nparameters   {\n  \"type\": \"object\"\n}\n"},
		{name: "docs.find", err: new(*tools.UnknownError)},
		{name: "wether", err: new(*tools.UnknownError)},
		{name: "lost", err: new(*tools.SchemaFileError)},
		{name: "down", err: new(*tools.ServerError)},
	} {
		l := newLab(t)
		l.JSON = tt.json
		err := Test(t.Context(), l.Options, tt.name, tt.arguments)
		if !isError(err, tt.err) || !strings.HasPrefix(l.printed(), tt.want) || tt.want == "" && l.printed() != "" {
			t.Errorf("%s %s: %v, %s", tt.name, tt.arguments, err, l.printed())
		}
	}
}

// isError reports whether an error has the type that target points to; nil is no error.
func isError(err error, target any) bool {
	if target == nil {
		return err == nil
	}
	return errors.As(err, target)
}

func TestRun(t *testing.T) {
	for _, tt := range []struct {
		name, arguments, want string
		err                   any
		says                  string // the error
	}{
		{name: "weather", arguments: `{"city": "Oslo"}`, want: "{\"city\": \"Oslo\"}\n"},
		{name: "weather", arguments: `{}`, err: new(*tools.ArgumentsError)},
		{name: "weather", arguments: `{"city": `, err: new(*tools.ArgumentsError)},
		{name: "long", want: "a" + strings.Repeat("b", 300_000) + "c"},
		{name: "fail", want: "half\x1b[2J\n\nstandard error:\nno disk\n\nexit status 3\n", err: new(*report.Error), says: "the tool fail failed"},
		{name: "docs.search", arguments: `{"q":1}`, want: "{\"q\":1}\n"},
		{name: "docs", err: new(*report.Error), says: "docs is a server"},
		{name: "wether", err: new(*tools.UnknownError)},
		{name: "down", err: new(*tools.ServerError)},
	} {
		l := newLab(t)
		t.Setenv("TMPDIR", t.TempDir())
		err := Run(t.Context(), l.Options, tt.name, tt.arguments)
		if !isError(err, tt.err) || tt.says != "" && err.Error() != tt.says || l.printed() != tt.want {
			t.Errorf("%s %s: %v, %.200q", tt.name, tt.arguments, err, l.printed())
		}
		if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
			t.Errorf("%s left %v, %v", tt.name, left, err)
		}
	}
}

// TestRunIsStopped: the error is the cause of the context, and nothing is printed.
func TestRunIsStopped(t *testing.T) {
	l := newLab(t)
	stopped := errors.New("Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(stopped) })
	if err := Run(ctx, l.Options, "hang", ""); err != stopped || l.printed() != "" {
		t.Errorf("%v, %s", err, l.printed())
	}
}

// TestOutputFails: output that cannot be written is an error of the output, short and long.
func TestOutputFails(t *testing.T) {
	for _, name := range []string{"clock", "long"} {
		l := newLab(t)
		l.Stdout.Close()
		err := Run(t.Context(), l.Options, name, "")
		if e, ok := errors.AsType[*report.Error](err); !ok || e.Code != report.ExitDisk {
			t.Errorf("%s: %v", name, err)
		}
	}
}
