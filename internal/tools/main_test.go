package tools

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"oax/internal/chat"
	"oax/internal/config"
)

// TestMain is also the programs that the tests run: the test binary, with the name of one
// as its first argument.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && helpers[os.Args[1]] != nil {
		os.Exit(helpers[os.Args[1]](os.Args[2:]))
	}
	flag.Set("test.parallel", "8") // those that wait take no processor
	// The SDK's server, which is part of the tests, keeps the sessions of clients that went away.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/modelcontextprotocol/go-sdk/mcp.(*streamableServerConn).Read"))
}

// helpers are the programs of the tests; each returns its exit status.
var helpers = map[string]func(args []string) int{
	"helper-echo": func([]string) int { // its arguments, back
		_, _ = io.Copy(os.Stdout, os.Stdin)
		return 0
	},
	"helper-env": func([]string) int {
		fmt.Println(strings.Join(os.Environ(), "\n"))
		dir, _ := os.Getwd()
		fmt.Println("cwd=" + dir)
		return 0
	},
	"helper-write": func(args []string) int { // a file
		return status(os.WriteFile(args[0], []byte("x"), 0o666))
	},
	"helper-fail": func(args []string) int {
		fmt.Println("some output")
		fmt.Fprintln(os.Stderr, "it went wrong")
		code, _ := strconv.Atoi(args[0])
		return code
	},
	"helper-print": func(args []string) int { // so many bytes: a, then 0 to 9 again and again, then z
		n, _ := strconv.ParseInt(args[0], 10, 64)
		w := bufio.NewWriterSize(os.Stdout, 1<<20)
		_ = w.WriteByte('a')
		for i := range n - 2 {
			_ = w.WriteByte('0' + byte(i%10))
		}
		_ = w.WriteByte('z')
		return status(w.Flush())
	},
	"helper-say": func(args []string) int { // the bytes of a Go string
		text, _ := strconv.Unquote(args[0])
		fmt.Print(text)
		return 0
	},
	"helper-leave": func(args []string) int { // a child that holds the output open
		child := exec.Command(os.Args[0], "helper-wait", args[0])
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		fmt.Println("parent is done")
		return status(child.Start())
	},
	"helper-family": func(args []string) int { // a parent and a child, both of which do not end when asked
		child := exec.Command(os.Args[0], "helper-deaf", args[0]+".child")
		child.Stdout = os.Stdout
		_ = child.Start()
		return deaf(args)
	},
	"helper-deaf": deaf,
	"helper-wait": wait,
}

func status(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// wait says in a file which process it is, and waits.
func wait(args []string) int {
	_ = os.WriteFile(args[0]+".new", []byte(strconv.Itoa(os.Getpid())), 0o600)
	_ = os.Rename(args[0]+".new", args[0])
	time.Sleep(time.Hour)
	return 0
}

// helper returns the command line of a helper.
func helper(t *testing.T, name string, args ...string) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{self, name}, args...)
}

// anySchema is a schema file that takes every object.
const anySchema = `{"description":"d","parameters":{"type":"object"}}`

// configuration is a configuration file while it is written. Its directory has any.json.
type configuration struct {
	dir  string
	text strings.Builder
}

func newConfiguration(t *testing.T) *configuration {
	t.Helper()
	c := &configuration{dir: t.TempDir()}
	c.file(t, "any.json", anySchema)
	return c
}

func (c *configuration) file(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tool adds a program; more is further lines of its table.
func (c *configuration) tool(name string, argv []string, more string) *configuration {
	fmt.Fprintf(&c.text, "[tools.%s]\ncommand = %s\nschema = \"any.json\"\n%s\n", name, tomlList(argv), more)
	return c
}

func tomlList(argv []string) string {
	var quoted []string
	for _, a := range argv {
		quoted = append(quoted, "'''"+a+"'''")
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func (c *configuration) load(t *testing.T) *config.File {
	t.Helper()
	c.file(t, "config.toml", c.text.String())
	file, _, err := config.Load(filepath.Join(c.dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// open opens tools and closes them at the end of the test.
func (c *configuration) open(t *testing.T, names ...string) *Set {
	t.Helper()
	s, err := Open(Options{Config: c.load(t), Environ: os.Environ(), Dir: filepath.Join(c.dir, "out"), Now: time.Now}, names)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// first returns the first tool of a set.
func first(t *testing.T, s *Set) *Tool {
	t.Helper()
	all, err := s.Tools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// runHelper runs a helper as a tool.
func runHelper(t *testing.T, arguments, name string, args ...string) Output {
	t.Helper()
	s := newConfiguration(t).tool("x", helper(t, name, args...), "").open(t, "x")
	return s.Run(t.Context(), first(t, s), chat.ToolCall{ID: "call_7", Arguments: arguments}, nil)
}

// waitFor waits until a condition holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !holds() {
		if ctx.Err() != nil {
			t.Fatal("never: " + what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
