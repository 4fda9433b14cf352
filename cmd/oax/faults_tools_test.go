package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// runningTools are the faults of tools that a person runs by hand.
var runningTools = []fault{
	{row: "H1", what: "no such tool", test: func(t *testing.T) {
		h := withTools(t, "")
		h.check(h.run("tools", "run", "clok"), want{code: 2})
		h.check(h.run("tools", "test", "x"), want{code: 2})
		h.check(h.run("tools", "for", "woodworking"), want{code: 2})
	}},
	{row: "H2", what: "a schema that is none", test: func(t *testing.T) {
		for _, schema := range []string{`{"name":`, `[]`, `{"parameters":{"type":"array"}}`, `{"parameters":{"$ref":"#"}}`, ""} {
			h := withTools(t, "[tools.x]\ncommand = [\"touch\", \"ran\"]\nschema = \"x.json\"\n")
			if schema != "" { // or there is no file
				h.schema("x.json", schema)
			}
			h.check(h.runBuilt("tools", "run", "x"), want{code: 2})
			h.notRun(t)
		}
	}},
	{row: "H3", what: "arguments that do not fit", test: func(t *testing.T) {
		h := withTools(t, "[tools.x]\ncommand = [\"touch\", \"ran\"]\nschema = \"any.json\"\n")
		for _, arguments := range []string{`{"n":`, `{"n":"\u001b[2J"}`, `[]`, `{"n":1} x`} {
			h.check(h.runBuilt("tools", "run", "x", arguments), want{code: 2})
		}
		h.notRun(t)
	}},
	{row: "H4", what: "a program that is not there", test: func(t *testing.T) {
		h := withTools(t, program("nosuchprogram-oax"))
		h.check(h.run("tools", "run", "x"), want{code: 1, stdout: "the tool could not be run: nosuchprogram-oax: executable file not found in $PATH\n"})
	}},
	{row: "H5", what: "a program that fails", test: func(t *testing.T) {
		h := withTools(t, program("sh", "-c", "echo half; echo boo >&2; exit 9"))
		h.check(h.run("tools", "run", "x"), want{code: 1, stdout: "half\n\nstandard error:\nboo\n\nexit status 9\n"})
	}},
	{row: "H6", what: "a program that never ends", waits: true, test: func(t *testing.T) {
		h := withTools(t, program("sh", "-c", "echo begun; sleep 1000")+"timeout = \"5s\"\n")
		h.check(h.run("tools", "run", "x"), want{code: 1, stdout: "begun\n\nthe tool was stopped because it took longer than 5s\n"})
	}},
	{row: "H7", what: "a server that does not start", test: func(t *testing.T) {
		for _, script := range []string{`printf 'first\nno database \033]0;x\007\n' >&2; exit 7`, "exit 0"} {
			h := withTools(t, server(script))
			h.check(h.run("tools", "test", "docs"), want{code: 1})
		}
		h := withTools(t, "[mcp.docs]\ncommand = [\"nosuchprogram-oax\"]\n")
		h.check(h.run("tools", "test", "docs"), want{code: 1})
		h = withTools(t, "[mcp.docs]\nurl = \"http://127.0.0.1:1/mcp\"\n")
		h.check(h.run("tools", "run", "docs.search"), want{code: 1})
	}},
	{row: "H8", what: "a server that never answers", test: func(t *testing.T) {
		h := withTools(t, server("cat > /dev/null")+"timeout = \"500ms\"\n")
		h.check(h.run("tools", "test", "docs"), want{code: 1})
	}},
	{row: "H9", what: "a server that dies in a call", test: func(t *testing.T) {
		h := withTools(t, server(searching("", `kill -9 $$`)))
		h.check(h.run("tools", "run", "docs.search"), want{code: 1, stdout: "the server docs ended during the call (signal: killed)\n"})
		h.check(h.run("tools", "run", "docs.serch"), want{code: 2})
		h.check(h.run("tools", "run", "docs"), want{code: 2})
	}},
	{row: "H10", what: "escapes in what a tool prints", test: func(t *testing.T) {
		h := withTools(t, program("printf", `a\033]52;c;ZXZpbA==\007b\033[2Jc\n`))
		h.check(h.run("tools", "run", "x"), want{stdout: "a\x1b]52;c;ZXZpbA==\ab\x1b[2Jc\n"})
		c := h.at(h.command("tools", "run", "x"))
		if r := c.end(); r.code != 0 || c.sent() != "a^[]52;c;ZXZpbA==^Gb^[[2Jc\n" {
			t.Errorf("exit %d, %q", r.code, c.sent())
		}
	}},
	{row: "H11", what: "Ctrl-C while a tool runs", test: func(t *testing.T) {
		h := withTools(t, program("sh", "-c", "echo $$ > pid; trap '' INT; sleep 1000"))
		run := h.start(h.command("tools", "run", "x"), "")
		pid := 0
		eventually(t, "the tool runs", func() bool {
			text, _ := os.ReadFile(filepath.Join(h.dir, "pid"))
			pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
			return pid > 0
		})
		r := run.ends(os.Interrupt)
		h.check(r, want{code: 130})
		diedOf(t, r, syscall.SIGINT)
		eventually(t, "the tool is gone", func() bool { return signalTo(pid, 0) == syscall.ESRCH })
	}},
	{row: "H21", what: "what is no message on a server's standard output", test: func(t *testing.T) {
		const noise = `printf 'Welcome\n[INFO] ready\n{"level":"info"}\n[1]\n{"jsonrpc":"2.0"\n\n'`
		h := withTools(t, server(searching(noise, noise+`; answer found`)))
		h.check(h.run("tools", "run", "docs.search"), want{stdout: "found\n"})
	}},
	{row: "H22", what: "a line of a server that is too large", test: func(t *testing.T) {
		h := withTools(t, server(searching("", `head -c 17000000 /dev/zero | tr '\0' x; echo; answer found`)))
		h.check(h.run("tools", "run", "docs.search"), want{code: 1, stdout: "the server docs ended during the call (it sent a line of over 16 MiB)\n"})
	}},
	{row: "H23", what: "a server that asks the person and the model", test: func(t *testing.T) {
		h := withTools(t, server(searching("", `all=
for method in elicitation/create sampling/createMessage no/such; do
  printf '{"jsonrpc":"2.0","id":"q","method":"%s","params":{"message":"your key?","requestedSchema":{"type":"object","properties":{}},"messages":[],"maxTokens":9}}\n' "$method"
  read -r reply
  case $reply in *'"error"'*) all="$all $method refused" ;; *) all="$all $method answered" ;; esac
done
answer "$all"`)))
		h.check(h.run("tools", "run", "docs.search"), want{stdout: " elicitation/create refused sampling/createMessage refused no/such refused\n"})
	}},
}

// searching is the script of an MCP server with the tool search: what it does as it starts, and
// when it is called, where $id is the ID of the request and answer sends a result with a text.
func searching(begins, called string) string {
	return begins + `
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"%s"}]}}\n' "$id" "$1"; }
while read -r line; do
  id=$(printf %s "$line" | sed 's/.*"id":\([0-9]*\).*/\1/')
  case $line in
  *'"server/discover"'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"unknown"}}\n' "$id" ;;
  *'"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"x","version":"1"}}}\n' "$id" ;;
  *'"tools/list"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[{"name":"search","inputSchema":{"type":"object"}}]}}\n' "$id" ;;
  *'"tools/call"'*) ` + called + ` ;;
  esac
done`
}

// withTools returns a home with these tools and a schema any.json that has a number n.
func withTools(t *testing.T, tables string) *home {
	t.Helper()
	h, _ := scripted(t)
	h.config(tables)
	h.schema("any.json", `{"description":"d","parameters":{"type":"object","properties":{"n":{"type":"number"}}}}`)
	return h
}

// program returns the table of a tool x.
func program(argv ...string) string {
	return "[tools.x]\ncommand = ['''" + strings.Join(argv, "''', '''") + "''']\nschema = \"any.json\"\n"
}

// server returns the table of an MCP server that is a shell script.
func server(script string) string {
	return "[mcp.docs]\ncommand = ['sh', '-c', '''" + script + "''']\n"
}

// notRun fails the test if the tool ran, which makes a file.
func (h *home) notRun(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(h.dir, "ran")); err == nil {
		t.Error("the tool ran")
	}
}
