package tools

import (
	"context"
	"errors"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/config"
	"oax/internal/schema"
)

func TestOpenRefuses(t *testing.T) {
	c := newConfiguration(t).tool("weather", []string{"x"}, "").tool("other", []string{"x"}, "").mcp("docs", `url = "http://127.0.0.1:1"`)
	_, err := Open(Options{Config: c.load(t)}, []string{"weather", "wether"})
	if e, ok := errors.AsType[*UnknownError](err); !ok || e.Nearest != "weather" || strings.Join(e.Known, " ") != "clock docs other weather" {
		t.Errorf("%+v", err)
	}
	if _, err := Open(Options{}, []string{"clock.x"}); err == nil || err.Error() != `no tool "clock.x"` {
		t.Error(err)
	}
	for text, want := range map[string]string{
		"{\n\"name\": x}":                        "any.json:2:9: not JSON",
		`[]`:                                     "any.json: it must be an object with name, description and parameters",
		`{"name":7}`:                             "any.json: it must be an object with name, description and parameters",
		`{"parameters":{"type":"string"}}`:       `any.json: parameters: the type must be "object"`,
		`{"parameters":{"$ref":"#"}}`:            "any.json: parameters: not a JSON Schema: its references lead back to themselves, or to too many schemas",
		`{"parameters":[]}`:                      "any.json: parameters: not a JSON Schema: it must be an object",
		strings.Repeat(" ", maxSchemaFile) + "1": "any.json: it is larger than 1 MiB",
	} {
		c.file(t, "any.json", text)
		_, err := Open(Options{Config: c.load(t)}, []string{"weather"})
		if e, ok := errors.AsType[*SchemaFileError](err); !ok || e.Tool != "weather" || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%.50s: %v, want %s", text, err, want)
		}
	}
	if err := os.Remove(filepath.Join(c.dir, "any.json")); err != nil {
		t.Fatal(err)
	}
	_, err = Open(Options{Config: c.load(t)}, []string{"weather"})
	if err == nil || !strings.HasPrefix(err.Error(), "the schema of the tool weather cannot be read: ") {
		t.Error(err)
	}
	if _, err := Open(Options{Config: c.load(t)}, []string{"clock", "docs"}); err != nil {
		t.Error("what was not named was read:", err)
	}
}

// TestSchemaFile: name, description and parameters, or these as the API has them.
func TestSchemaFile(t *testing.T) {
	for text, want := range map[string]Tool{
		anySchema: {Description: "d", Parameters: []byte(`{"type":"object"}`)},
		"\ufeff" + `{"type":"function","function":{"name":"get_weather","parameters":{"properties":{}}}}`: {Wire: "get_weather", Parameters: []byte(`{"properties":{}}`)},
		`{"name":"f"}`:                     {Wire: "f", Parameters: []byte(`{"type":"object","properties":{}}`)},
		`{"parameters":null,"other":true}`: {Parameters: []byte(`{"type":"object","properties":{}}`)},
	} {
		got, err := describe([]byte(text))
		if err != nil || got.Wire != want.Wire || got.Description != want.Description || string(got.Parameters) != string(want.Parameters) {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
}

var wireName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func TestNamesForAPIs(t *testing.T) {
	long := strings.Repeat("n", 70)
	var all []*Tool
	for _, name := range []string{"a.b", "a_b", "a_b_2", long + "1", long + "2", "天気", "x\x1b[2J", "a.b"} {
		all = append(all, &Tool{Name: name})
	}
	all = append(all, all[0]) // once more the same
	named := nameForWire(all)
	want := []string{"a_b", "a_b_2", "a_b_2_2", long[:64], long[:62] + "_2", "__", "x__2J", "a_b_3"}
	if len(named) != len(want) {
		t.Fatal(len(named))
	}
	for i, tool := range named {
		if tool.Wire != want[i] || !wireName.MatchString(tool.Wire) {
			t.Errorf("%q is %q, want %q", tool.Name, tool.Wire, want[i])
		}
	}
}

func TestClock(t *testing.T) {
	s, err := Open(Options{Now: func() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }}, []string{"clock"})
	if err != nil {
		t.Fatal(err)
	}
	tool := first(t, s)
	for arguments, want := range map[string]string{
		`{"zone":"Asia/Tokyo"}`:        "Saturday, 2026-11-28T21:00:00+09:00",
		`{"zone":"../../etc/passwd"}`:  "there is no time zone ../../etc/passwd",
		`{"zone":"Nowhere/\u001b[2J"}`: "there is no time zone Nowhere/\x1b[2J",
		`{"zone":7}`:                   `the arguments do not fit the parameters of clock: /properties/zone: type: 7 has type "integer", want "string"`,
		`{"command":"rm -rf /"}`:       `the arguments do not fit the parameters of clock: unexpected additional properties ["command"]`,
		`[]`:                           `the arguments do not fit the parameters of clock: type: [] has type "array", want "object"`,
	} {
		if out := s.Run(t.Context(), tool, chat.ToolCall{Arguments: arguments}, nil); out.Text != want || out.Failed == strings.HasPrefix(want, "Saturday") {
			t.Errorf("%s: %+v", arguments, out)
		}
	}
	if out := s.Run(t.Context(), tool, chat.ToolCall{}, nil); out.Failed || !strings.HasPrefix(out.Text, "S") {
		t.Errorf("%+v", out)
	}
}

// TestArguments: what is cut, broken or too large is refused before anything is asked.
func TestArguments(t *testing.T) {
	s := newConfiguration(t).tool("x", []string{"there-is-no-such-program"}, "").open(t, "x")
	tool := first(t, s)
	for arguments, fits := range map[string]bool{
		``: true, ` `: true, `{}`: true, " {\n} ": true, `{"a":"` + strings.Repeat("x", 1<<20) + `"}`: true,
		`{`: false, `{"a":"b`: false, `{}{}`: false, `null`: true, `[]`: false, `"x"`: false, "{\"a\":\"\x1b\"}": false,
		`{"a":[` + strings.Repeat("1,", schema.MaxValues) + `1]}`:           false,
		strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000): false,
	} {
		err := tool.Check(arguments)
		if e, ok := errors.AsType[*ArgumentsError](err); (err == nil) != fits || !fits && (!ok || e.Tool != "x" || len(err.Error()) > 200) {
			t.Errorf("%.40q: %v", arguments, err)
		}
		if out := s.Run(t.Context(), tool, chat.ToolCall{Arguments: arguments}, nil); strings.Contains(out.Text, "no-such-program") != fits {
			t.Errorf("%.40q: %+v", arguments, out)
		}
	}
}

// TestManyAtOnce: calls run at the same time, also the first ones of a server.
func TestManyAtOnce(t *testing.T) {
	startsFile := filepath.Join(t.TempDir(), "starts")
	s := newConfiguration(t).tool("echo", helper(t, "helper-echo"), "").mcp("docs", "command = "+tomlList(helper(t, "helper-server", startsFile))).open(t, "echo", "docs", "clock")
	done := make(chan Output)
	const n = 12
	for i := range n {
		go func() {
			name := []string{"echo", "docs.echo", "clock"}[i%3]
			all, err := s.Tools(t.Context())
			if err != nil {
				done <- failure(err.Error())
				return
			}
			arguments := map[string]string{"clock": "{}"}[name]
			if arguments == "" {
				arguments = `{"text":"x"}`
			}
			for _, tool := range all {
				if tool.Name == name {
					done <- s.Run(t.Context(), s.Lookup(tool.Wire), chat.ToolCall{Arguments: arguments}, nil)
					return
				}
			}
			done <- failure("no " + name)
		}()
	}
	for range n {
		if out := <-done; out.Failed {
			t.Errorf("%+v", out)
		}
	}
	if starts, err := os.ReadFile(startsFile); err != nil || strings.Count(string(starts), "\n") != 1 {
		t.Errorf("not one server was started: %q %v", starts, err)
	}
}

// TestMemoryIsBounded: however much a tool prints, what is held of it is little.
func TestMemoryIsBounded(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c := &collected{limit: maxText}
	piece := []byte(strings.Repeat("0123456789abcdef", 1<<12))
	for range 1 << 12 { // 256 MiB
		if _, err := c.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 4<<20 {
		t.Errorf("%d bytes were allocated for 256 MiB", got)
	}
	if text, all := c.text(maxText); all || len(text) > maxText || c.total != 1<<28 {
		t.Error(len(text), all, c.total)
	}
}

// TestOutputWithoutRoom: an output whose file cannot be written is cut and has no file.
func TestOutputWithoutRoom(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := &collected{limit: maxText, dir: filepath.Join(blocked, "below")}
	_, _ = io.WriteString(c, strings.Repeat("x", maxText+1))
	text, all := c.text(maxText)
	if path := c.end(all); path != "" || all || len(text) > maxText {
		t.Error(path, all, len(text))
	}
}

// TestCollected: whatever is written, in whatever pieces, the text is the head and the tail
// of it and the file is all of it.
func TestCollected(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 500 {
		var whole strings.Builder
		c := &collected{limit: 2 * (1 + r.Intn(300)), dir: t.TempDir()}
		for range r.Intn(8) {
			piece := strings.Repeat([]string{"a", "日", "\xff", "é\n"}[r.Intn(4)], r.Intn(200))
			whole.WriteString(piece)
			_, _ = io.WriteString(c, piece)
		}
		limit := max(c.limit, 120)
		text, all := c.text(limit)
		valid := strings.ToValidUTF8(whole.String(), "\ufffd")
		path := c.end(all)
		switch {
		case !utf8.ValidString(text), len(text) > limit:
			t.Fatalf("%d bytes of %d: %q", len(text), limit, text)
		case all && (text != valid || path != ""):
			t.Fatalf("%q is not %q", text, valid)
		case !all:
			kept, err := os.ReadFile(path)
			if err != nil || string(kept) != whole.String() {
				t.Fatalf("the file has %d bytes of %d: %v", len(kept), whole.Len(), err)
			}
			head, tail, _ := strings.Cut(text, "\n[... ")
			_, tail, _ = strings.Cut(tail, " ...]\n")
			if !strings.HasPrefix(valid, strings.TrimRight(head, "\ufffd")) || !strings.HasSuffix(valid, strings.TrimLeft(tail, "\ufffd")) {
				t.Fatalf("%q are not the ends of %q", text, valid)
			}
		}
	}
}

// FuzzSchemaFile: a description that is taken has a name for the APIs and parameters that
// any arguments can be checked against.
func FuzzSchemaFile(f *testing.F) {
	f.Add([]byte(anySchema), "{}")
	f.Add([]byte(`{"name":"a b","parameters":{"type":"object","properties":{"x":{"$ref":"#"}},"required":["x"]}}`), `{"x":{"x":1}}`)
	f.Add([]byte(`{"function":{"name":"f","parameters":{"$defs":{"a":{"enum":[1]}},"properties":{"x":{"$ref":"#/$defs/a"}}}}}`), `{"x":2}`)
	f.Fuzz(func(t *testing.T, file []byte, arguments string) {
		tool, err := describe(file)
		if err != nil {
			return
		}
		tool.Name = "x"
		if named := nameForWire([]*Tool{tool}); !wireName.MatchString(named[0].Wire) {
			t.Errorf("%q", named[0].Wire)
		}
		_ = tool.Check(arguments)
		if example := tool.Example(); example[0] != '{' {
			t.Error(example)
		}
	})
}

// TestContextThatEnded: nothing is run for it.
func TestContextThatEnded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made")
	s := newConfiguration(t).tool("x", helper(t, "helper-write", path), "").open(t, "x")
	tool := first(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if out := s.Run(ctx, tool, chat.ToolCall{}, nil); !out.Failed || out.Text != "the tool was stopped by the user" {
		t.Errorf("%+v", out)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("it ran")
	}
}

func TestEntries(t *testing.T) {
	c := newConfiguration(t).tool("weather", []string{"weather", "--short"}, "").tool("clock", []string{"mine"}, "").
		mcp("docs", `url = "https://user:CANARY@a.example/mcp?key=CANARY"`).mcp("files", `command = ["server", "."]`)
	var got []string
	for _, e := range Entries(c.load(t)) {
		got = append(got, e.Name+": "+e.From)
	}
	if want := "clock: mine|docs: MCP server at https://a.example/mcp|files: MCP server: server .|weather: weather --short"; strings.Join(got, "|") != want {
		t.Error(got)
	}
	own := newConfiguration(t).mcp("clock", `command = ["server"]`).load(t)
	if list := Entries(own); len(list) != 1 || !list[0].Server {
		t.Errorf("%+v", list)
	}
	if list := Entries(&config.File{}); len(list) != 1 || list[0].Name != "clock" {
		t.Errorf("%+v", list)
	}
	for parameters, want := range map[string]string{
		`{"type":"object"}`: `{}`,
		`{"properties":{"s":{"type":"string"},"n":{"type":"number"},"b":{"type":"boolean"},"a":{"type":"array"},"o":{"type":"object"},"e":{"enum":["x"]},"u":{"type":["string","null"]},"free":{}},
		  "required":["s","n","b","a","o","e","u"]}`: `{"a":[],"b":true,"e":"x","n":1,"o":{},"s":"...","u":"..."}`,
		`{"properties":[]}`: `{}`,
	} {
		if got := (&Tool{Parameters: []byte(parameters)}).Example(); got != want {
			t.Errorf("%s: %s", parameters, got)
		}
	}
}
