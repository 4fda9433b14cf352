package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"oax/internal/chat"
	"oax/internal/config"
)

func init() {
	helpers["helper-server"] = func(args []string) int { // its argument is a file that gets a line at each start
		starts, err := os.OpenFile(args[0], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return status(err)
		}
		fmt.Fprintln(starts, os.Getpid())
		starts.Close()
		fmt.Print(noise)
		return status(newServer().Run(context.Background(), &mcp.StdioTransport{}))
	}
	helpers["helper-broken-server"] = func([]string) int {
		fmt.Fprint(os.Stderr, "first line\nno database\n")
		return 7
	}
	helpers["helper-silent-server"] = func([]string) int { // it reads, and says nothing
		_, _ = io.Copy(io.Discard, os.Stdin)
		return 0
	}
}

// noise is what servers print on standard output that is no message: greetings, logs in JSON
// and others, and what other clients refuse.
const noise = "Example server, version 1\n\n\r\n[INFO] ready\n[1, 2]\n[]\n\"text\"\n" +
	`{"level":"info","msg":"ready"}` + "\n{broken\n" + `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}}` + "\n"

// newServer returns a server with the tools of the tests, two on each page of its list.
func newServer() *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "test"}, &mcp.ServerOptions{PageSize: 2, Logger: slog.New(slog.DiscardHandler)})
	add := func(name, schema string, run func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error)) {
		s.AddTool(&mcp.Tool{Name: name, Description: "does " + name, InputSchema: rawJSON(schema)}, run)
	}
	text := func(text string) *mcp.CallToolResult {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}
	}
	const object = `{"type":"object"}`
	add("echo", `{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}`, func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(string(r.Params.Arguments)), nil
	})
	add("parts", object, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{
			&mcp.TextContent{Text: "one"}, &mcp.ImageContent{MIMEType: "image/png", Data: []byte("xyz")},
			&mcp.AudioContent{MIMEType: "audio/wav", Data: []byte("xy")}, &mcp.ResourceLink{Name: "page", URI: "https://a.example/"},
			&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "file:///t", Text: "within"}},
			&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "file:///b", MIMEType: "a/b", Blob: []byte("1234")}},
		}}, nil
	})
	add("structured", object, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{StructuredContent: map[string]any{"degrees": 7}, Content: []mcp.Content{}}, nil
	})
	add("fails", object, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		r := text("no such city")
		r.IsError = true
		return r, nil
	})
	add("errs", object, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return nil, errors.New("internal trouble")
	})
	add("progress", object, func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for ctx.Err() == nil { // until it was seen: a result may overtake it
			_ = r.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: r.Params.GetProgressToken(), Progress: 1, Total: 3, Message: "step"})
			time.Sleep(5 * time.Millisecond)
		}
		return text("done"), nil
	})
	add("hangs", object, func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-ctx.Done()
		return text("late"), nil
	})
	add("large", object, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(strings.Repeat("x", 1<<20)), nil
	})
	add("huge", object, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(strings.Repeat("x", maxMessage)), nil
	})
	add("dies", object, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		os.Exit(3)
		return nil, nil
	})
	add("floods", object, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		line := strings.Repeat("e", 1023) + "\n"
		for range 10 << 10 {
			fmt.Fprint(os.Stderr, line)
		}
		return text("flooded"), nil
	})
	add("chatters", object, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if len(os.Args) > 1 && os.Args[1] == "helper-server" { // and not by HTTP, within the tests
			fmt.Print(noise)
		}
		return text("chattered"), nil
	})
	add("grows", object, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		add("grown", object, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return text("grown"), nil })
		return text("it has one more"), nil
	})
	add("environment", object, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(strings.Join(os.Environ(), "\n")), nil
	})
	add("odd_schema", `{"type":"object","properties":{"n":{"type":"number","exclusiveMinimum":true}}}`, func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(string(r.Params.Arguments)), nil
	})
	return s
}

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// mcp adds a server; lines are those of its table.
func (c *configuration) mcp(name, lines string) *configuration {
	fmt.Fprintf(&c.text, "[mcp.%s]\n%s\n", name, lines)
	return c
}

// stdioServer returns the set of a server that is started, and the file that gets a line at each of its starts.
func stdioServer(t *testing.T, more string, names ...string) (s *Set, startsFile string) {
	t.Helper()
	startsFile = filepath.Join(t.TempDir(), "starts")
	c := newConfiguration(t).mcp("docs", "command = "+tomlList(helper(t, "helper-server", startsFile))+"\n"+more)
	return c.open(t, names...), startsFile
}

// serveHTTP serves the test server on the loopback address and returns the handler's URL.
func serveHTTP(t *testing.T, before func(http.ResponseWriter, *http.Request) bool) string {
	t.Helper()
	url, _ := serveHTTPCounted(t, before)
	return url
}

// serveHTTPCounted is serveHTTP that also counts the connections that are open.
func serveHTTPCounted(t *testing.T, before func(http.ResponseWriter, *http.Request) bool) (url string, open *atomic.Int32) {
	t.Helper()
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return newServer() }, &mcp.StreamableHTTPOptions{Logger: slog.New(slog.DiscardHandler)})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before == nil || before(w, r) {
			handler.ServeHTTP(w, r)
		}
	}))
	open = new(atomic.Int32)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, open
}

func call(t *testing.T, s *Set, name, arguments string) Output {
	t.Helper()
	return s.Run(t.Context(), find(t, s, name), chat.ToolCall{ID: "c", Arguments: arguments}, nil)
}

func find(t *testing.T, s *Set, name string) *Tool {
	t.Helper()
	all, err := s.Tools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(t *Tool) bool { return t.Name == name })
	if i < 0 {
		t.Fatal("no tool", name)
	}
	return all[i]
}

// TestServers: what servers answer is the same however they are reached.
func TestServers(t *testing.T) {
	t.Parallel()
	overHTTP := newConfiguration(t).mcp("docs", `url = "`+serveHTTP(t, nil)+`"`).open(t, "docs")
	overStdio, _ := stdioServer(t, "", "docs")
	for how, s := range map[string]*Set{"stdio": overStdio, "HTTP": overHTTP} {
		t.Run(how, func(t *testing.T) {
			all, err := s.Tools(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(all) != 15 {
				t.Errorf("%d tools", len(all))
			}
			echo := find(t, s, "docs.echo")
			if echo.Wire != "docs_echo" || echo.Server != "docs" || echo.Description != "does echo" || !strings.Contains(string(echo.Parameters), `"required":["text"]`) || s.Lookup("docs_echo") != echo {
				t.Errorf("%+v", echo)
			}
			for _, tt := range []struct {
				name, arguments, want string
				failed                bool
			}{
				{"echo", `{"text":"a\u001b[2J\"日本"}`, `{"text":"a\u001b[2J\"日本"}`, false},
				{"echo", `{"text":1}`, `the arguments do not fit the parameters of docs.echo: /properties/text: type: 1 has type "integer", want "string"`, true},
				{"echo", `{"text":`, "the arguments do not fit the parameters of docs.echo: not JSON: line 1, column 9", true},
				{"odd_schema", `{"n":1}`, `{"n":1}`, false},
				{"odd_schema", `[]`, "the arguments do not fit the parameters of docs.odd_schema: it is not an object", true},
				{"parts", `{}`, "one\n[an image, image/png, of 3 bytes, which cannot be shown here]\n[a sound, audio/wav, of 2 bytes, which cannot be played here]\n" +
					"[a link to page: https://a.example/]\nwithin\n[the resource file:///b, a/b, of 4 bytes, which cannot be shown here]", false},
				{"structured", ``, `{"degrees":7}`, false},
				{"fails", `{}`, "no such city", true},
				{"chatters", `{}`, "chattered", false},
			} {
				if out := call(t, s, "docs."+tt.name, tt.arguments); out.Text != tt.want || out.Failed != tt.failed {
					t.Errorf("%s %s: %+v", tt.name, tt.arguments, out)
				}
			}
			if out := call(t, s, "docs.errs", `{}`); !out.Failed || !strings.HasPrefix(out.Text, "the server docs failed: ") || !strings.HasSuffix(out.Text, "internal trouble") {
				t.Errorf("%+v", out)
			}
			if out := call(t, s, "docs.large", `{}`); out.Failed || !out.Truncated || out.Bytes != 1<<20 || len(out.Text) > maxText || fileSize(out.File) != 1<<20 {
				t.Errorf("%d bytes, truncated %v, %s", out.Bytes, out.Truncated, out.File)
			}
			tooLarge := map[string]string{"stdio": "the server docs ended during the call (it sent a line of over 16 MiB)"}[how]
			if out := call(t, s, "docs.huge", `{}`); !out.Failed || len(out.Text) > 1000 || tooLarge != "" && out.Text != tooLarge {
				t.Errorf("%+.500v", out)
			}
			if out := call(t, s, "docs.echo", `{"text":"again"}`); out.Failed {
				t.Errorf("after a result that was too large: %+v", out)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var said string // no more comes once Run has returned
			s.Run(ctx, find(t, s, "docs.progress"), chat.ToolCall{}, func(text string) {
				said = text
				cancel()
			})
			if said != "step, 1 of 3" {
				t.Errorf("said %q", said)
			}
		})
	}
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}

// TestCallIsCancelled: a call ends with its context or its time limit, and the server is
// still there.
func TestCallIsCancelled(t *testing.T) {
	s, _ := stdioServer(t, `timeout = "5s"`, "docs")
	hangs := find(t, s, "docs.hangs")
	ctx, cancel := context.WithCancel(t.Context())
	before := s.servers["docs"].link
	time.AfterFunc(50*time.Millisecond, cancel)
	if out := s.Run(ctx, hangs, chat.ToolCall{}, nil); !out.Failed || out.Text != "the tool was stopped by the user" {
		t.Errorf("%+v", out)
	}
	hangs.limit = 50 * time.Millisecond
	if out := s.Run(t.Context(), hangs, chat.ToolCall{}, nil); !out.Failed || out.Text != "the tool was stopped because it took longer than 50ms" {
		t.Errorf("%+v", out)
	}
	if out := call(t, s, "docs.echo", `{"text":"x"}`); out.Failed || s.servers["docs"].link != before {
		t.Errorf("%+v, or the server was started again", out)
	}
}

// TestServerDies: the call says so, and the next one starts the server again.
func TestServerDies(t *testing.T) {
	s, _ := stdioServer(t, "", "docs")
	if out := call(t, s, "docs.dies", `{}`); !out.Failed || out.Text != "the server docs ended during the call (exit status 3)" {
		t.Errorf("%+v", out)
	}
	if out := call(t, s, "docs.echo", `{"text":"x"}`); out.Failed {
		t.Errorf("%+v", out)
	}
}

// TestListChanges: a server that says that its tools have changed is asked for them again.
func TestListChanges(t *testing.T) {
	t.Parallel()
	s, _ := stdioServer(t, "", "docs")
	if out := call(t, s, "docs.grows", `{}`); out.Failed {
		t.Fatalf("%+v", out)
	}
	waitFor(t, "the new tool is offered", func() bool {
		all, err := s.Tools(t.Context())
		return err == nil && slices.ContainsFunc(all, func(t *Tool) bool { return t.Name == "docs.grown" })
	})
	if out := call(t, s, "docs.grown", `{}`); out.Text != "grown" {
		t.Errorf("%+v", out)
	}
}

// TestServerThatRuns: nobody waits for the end of a server that took too long or answered
// with an error. The time is that of the bubble.
func TestServerThatRuns(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for want, tt := range map[string]struct {
		limited context.Context
		err     error
	}{
		"the server docs did not answer in 1m0s":                         {over, io.EOF},
		`the server docs does not answer: calling "x": it is overloaded`: {t.Context(), fmt.Errorf(`calling "x": %w`, &jsonrpc.Error{Message: "it is overloaded"})},
	} {
		t.Run(want, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{config: config.Server{Name: "docs"}}
				l := &link{process: &process{ended: make(chan struct{}), stderr: &serverLog{}}}
				begun := time.Now()
				if err := s.failed(t.Context(), tt.limited, l, "does not answer", tt.err); err.Error() != want {
					t.Error(err)
				}
				if waited := time.Since(begun); waited != 0 {
					t.Errorf("%v passed", waited)
				}
			})
		})
	}
}

// TestServerFloods: standard error does not hold the server up, even if the log stands still.
func TestServerFloods(t *testing.T) {
	startsFile := filepath.Join(t.TempDir(), "starts")
	file := newConfiguration(t).mcp("docs", "command = "+tomlList(helper(t, "helper-server", startsFile))).load(t)
	stuck := make(blockingWriter)
	s, err := Open(Options{Config: file, Environ: os.Environ(), Log: stuck}, []string{"docs"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	defer close(stuck)
	if out := call(t, s, "docs.floods", `{}`); out.Text != "flooded" || out.Failed {
		t.Errorf("%+v", out)
	}
}

// blockingWriter is a log that takes nothing until it is closed.
type blockingWriter chan struct{}

func (w blockingWriter) Write(b []byte) (int, error) { <-w; return len(b), nil }

func TestServerGetsNoKeys(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "CANARY")
	t.Setenv("PLAIN", "yes")
	s, _ := stdioServer(t, "", "docs")
	if out := call(t, s, "docs.environment", `{}`); strings.Contains(out.Text, "CANARY") || !strings.Contains(out.Text, "PLAIN=yes") {
		t.Errorf("%+v", out)
	}
}

func TestServersThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	command := func(name string, args ...string) string { return "command = " + tomlList(helper(t, name, args...)) }
	missing := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) bool { http.NotFound(w, r); return false })
	moved := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "http://localhost:1/", http.StatusTemporaryRedirect)
		return false
	})
	locked := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusUnauthorized)
		return false
	})
	for lines, want := range map[string]string{
		`url = "` + locked + `"`:                               "the server docs refuses the request: 401 Unauthorized",
		command("helper-broken-server"):                        "the server docs ended as it started: exit status 7: first line; no database",
		command("helper-silent-server") + "\ntimeout = \"1s\"": "the server docs did not answer in 1s",
		`command = ["no-such-program"]`:                        "the server docs cannot be started: no-such-program: executable file not found in $PATH",
		`url = "http://127.0.0.1:1/mcp"`:                       "the server docs cannot be reached: dial tcp 127.0.0.1:1: ",
		`url = "` + missing + `"`:                              "the server docs does not answer as an MCP server: ",
		`url = "` + moved + `"`:                                "the server docs cannot be reached: it redirects to another address",
		"url = \"http://127.0.0.1:1/mcp\"\ntoken_command = \"echo oh no >&2; exit 3\"": "the server docs cannot be started: token_command exited 3: oh no",
	} {
		s := newConfiguration(t).mcp("docs", lines).open(t, "docs")
		_, err := s.Tools(t.Context())
		if e, ok := errors.AsType[*ServerError](err); !ok || e.Server != "docs" || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", lines, err)
		}
	}
	s := newConfiguration(t).mcp("docs", command("helper-silent-server")).open(t, "docs")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Tools(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// TestBearerToken: requests carry the token that token_command prints, and a new one when
// the server does not take the old one any more.
func TestBearerToken(t *testing.T) {
	var wanted atomic.Value
	wanted.Store("Bearer token-1")
	url := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") != wanted.Load() {
			w.WriteHeader(http.StatusUnauthorized)
			return false
		}
		return true
	})
	count := filepath.Join(t.TempDir(), "count")
	s := newConfiguration(t).mcp("docs", `url = "`+url+`"`+"\ntoken_command = '''printf x >> "+count+`; echo token-$(wc -c < `+count+`) | tr -d " "'''`).open(t, "docs")
	if out := call(t, s, "docs.echo", `{"text":"x"}`); out.Failed {
		t.Errorf("%+v", out)
	}
	wanted.Store("Bearer token-2")
	if out := call(t, s, "docs.echo", `{"text":"x"}`); out.Failed {
		t.Errorf("%+v", out)
	}
	wanted.Store("another")
	if out := call(t, s, "docs.echo", `{"text":"x"}`); !out.Failed || strings.Contains(out.Text, "token-") {
		t.Errorf("%+v", out)
	}
}

// TestConnectionsEnd: none stays open to a server that is left.
func TestConnectionsEnd(t *testing.T) {
	url, open := serveHTTPCounted(t, nil)
	s := newConfiguration(t).mcp("docs", `url = "`+url+`"`).open(t, "docs")
	find(t, s, "docs.echo")
	if open.Load() == 0 {
		t.Error("no connection was counted")
	}
	s.Close()
	waitFor(t, "the end of the connections", func() bool { return open.Load() == 0 })
}

// TestBoundedBody: a body may have as many bytes as the limit, and no more.
func TestBoundedBody(t *testing.T) {
	for text, want := range map[string]string{"": "", "1234": "", "12345": "", "123456": "the reply is larger than 16 MiB"} {
		got, err := io.ReadAll(&boundedBody{io.NopCloser(iotest.OneByteReader(strings.NewReader(text))), 5})
		if string(got) != text[:min(len(text), 5)] || err == nil != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
}

// TestPatterns: the configuration and the names say which tools of a server are offered.
func TestPatterns(t *testing.T) {
	s, _ := stdioServer(t, `tools = ["e*", "large"]`, "docs.large", "docs.echo", "docs.large")
	names := func(s *Set) (names []string) {
		all, err := s.Tools(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, tool := range all {
			names = append(names, tool.Name)
		}
		return names
	}
	if got := names(s); !slices.Equal(got, []string{"docs.large", "docs.echo"}) {
		t.Error(got)
	}
	s, _ = stdioServer(t, `tools = ["e*", "large"]`, "docs.large", "clock", "docs")
	if got := names(s); !slices.Equal(got, []string{"docs.large", "clock", "docs.echo", "docs.environment", "docs.errs"}) {
		t.Error(got)
	}
	s, _ = stdioServer(t, `tools = ["e*"]`, "docs.large")
	if _, err := s.Tools(t.Context()); err == nil || err.Error() != "the server docs has no tool large" {
		t.Error(err)
	}
}

// TestMatches: a name that has a / is no path.
func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"docs.*", "docs.search", true}, {"docs.*", "docs.issues/list", true}, {"docs.issues/*", "docs.issues/list", true},
		{"docs.issue?/list", "docs.issues/list", true}, {"*", "a/b", true}, {"docs", "docs.search", false},
		{"docs.[a-c]*", "docs.b/x", true}, {"docs.[a-c]*", "docs.x", false}, {"[", "[", false}, {"", "", true}, {"docs.\\*", "docs.*", true},
	} {
		if got := Matches(tt.pattern, tt.name); got != tt.want {
			t.Errorf("%q %q: %v", tt.pattern, tt.name, got)
		}
	}
}

// TestServersStartWhenNeeded: nothing starts before the tools are asked for, and nothing is
// left at the end.
func TestServersStartWhenNeeded(t *testing.T) {
	s, startsFile := stdioServer(t, "", "docs")
	if _, err := os.Stat(startsFile); err == nil {
		t.Error("it has been started")
	}
	find(t, s, "docs.echo")
	if _, err := os.Stat(startsFile); err != nil {
		t.Error(err)
	}
	p := s.servers["docs"].link.process
	s.Close()
	select {
	case <-p.ended:
	default:
		t.Error("it is still there")
	}
}
