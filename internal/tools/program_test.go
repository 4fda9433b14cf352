package tools

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"oax/internal/chat"
)

func TestProgramGetsArguments(t *testing.T) {
	for _, arguments := range []string{`{"city":"Oslo"}`, `{"a":"\u001b[2J$(touch x);'\"` + "`" + `"}`, `{"long":"` + strings.Repeat("x", 1<<20) + `"}`} {
		out := runHelper(t, arguments, "helper-echo")
		if want := arguments[:min(len(arguments), maxText/3)]; out.Failed || !strings.HasPrefix(out.Text, want) || out.Bytes != int64(len(arguments)) {
			t.Errorf("%.60s: %.200s", arguments, out.Text)
		}
	}
	if out := runHelper(t, "", "helper-echo"); out.Text != "{}" {
		t.Errorf("no arguments: %+v", out)
	}
	if out := runHelper(t, `{"long":"`+strings.Repeat("x", 1<<20)+`"}`, "helper-say", `"unread"`); out.Failed || out.Text != "unread" {
		t.Errorf("a program that does not read its arguments: %+v", out)
	}
}

// TestProgramEnvironment: a program has the environment and the directory of oax, but no
// key, and knows the call.
func TestProgramEnvironment(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "CANARY1")
	t.Setenv("WORK_SECRET", "CANARY2")
	t.Setenv("PLAIN", "yes")
	c := newConfiguration(t)
	c.text.WriteString("[profiles.work]\nbase_url = \"https://a.example/v1\"\nkey_env = \"WORK_SECRET\"\n")
	s := c.tool("x", helper(t, "helper-env"), "").open(t, "x")
	out := s.Run(t.Context(), first(t, s), chat.ToolCall{ID: "call_\x007"}, nil)
	dir, _ := os.Getwd()
	lines := strings.Split(out.Text, "\n")
	for _, want := range []string{"PLAIN=yes", "OAX_CALL_ID=call_7", "cwd=" + dir} {
		if !slices.Contains(lines, want) {
			t.Errorf("without %s: %+v", want, out)
		}
	}
	if strings.Contains(out.Text, "CANARY") {
		t.Error("it has a key:", out.Text)
	}
}

func TestProgramFails(t *testing.T) {
	out := runHelper(t, "{}", "helper-fail", "3")
	want := "some output\n\nstandard error:\nit went wrong\n\nexit status 3"
	if out.Text != want || out.Exit != 3 || !out.Failed || out.Truncated || out.File != "" {
		t.Errorf("%+v", out)
	}
	if out := runHelper(t, "{}", "helper-fail", "0"); out.Text != "some output\n" || out.Failed || out.Exit != 0 {
		t.Errorf("standard error of one that does not fail: %+v", out)
	}
	s := newConfiguration(t).tool("x", []string{"there-is-no-such-program"}, "").open(t, "x")
	out = s.Run(t.Context(), first(t, s), chat.ToolCall{}, nil)
	if !out.Failed || out.Exit != -1 || out.Text != "the tool could not be run: there-is-no-such-program: executable file not found in $PATH" {
		t.Errorf("%+v", out)
	}
}

func TestProgramTakesTooLong(t *testing.T) {
	s := newConfiguration(t).tool("x", helper(t, "helper-wait", t.TempDir()+"/pid"), `timeout = "50ms"`).open(t, "x")
	out := s.Run(t.Context(), first(t, s), chat.ToolCall{}, nil)
	if !out.Failed || out.Text != "the tool was stopped because it took longer than 50ms" {
		t.Errorf("%+v", out)
	}
}

// TestLongOutput: the model gets the head and the tail, the file has all of it.
func TestLongOutput(t *testing.T) {
	const size = 3 << 20
	out := runHelper(t, "{}", "helper-print", "3145728")
	if !out.Truncated || out.Failed || out.Bytes != size || len(out.Text) > maxText || len(out.Text) < maxText-200 ||
		!strings.HasPrefix(out.Text, "a0123") || !strings.HasSuffix(out.Text, "z") ||
		!strings.Contains(out.Text, "\n[... 3145728 bytes in all: the middle is left out ...]\n") {
		t.Errorf("%+.300v, text of %d bytes", out, len(out.Text))
	}
	whole, err := os.ReadFile(out.File)
	if err != nil || len(whole) != size || whole[0] != 'a' || whole[size-1] != 'z' {
		t.Errorf("file of %d bytes, %v", len(whole), err)
	}
	if info, err := os.Stat(out.File); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Error(info, err)
	}
}

func TestOutputIsUTF8(t *testing.T) {
	for text, want := range map[string]string{`"a\xffb"`: "a\ufffdb", `"\x1b[2J\u202e"`: "\x1b[2J\u202e", `"日本"`: "日本"} {
		if out := runHelper(t, "{}", "helper-say", text); out.Text != want {
			t.Errorf("%s: %q", text, out.Text)
		}
	}
	for _, unit := range []string{"日", "\xff", "a\xff"} {
		for n := range 5 {
			c := &collected{limit: 64}
			for _, b := range []byte(strings.Repeat("x", n) + strings.Repeat(unit, 300)) {
				_, _ = c.Write([]byte{b})
			}
			if text, all := c.text(200); !utf8.ValidString(text) || len(text) > 200 || all {
				t.Errorf("%q, %d: %q", unit, n, text)
			}
		}
	}
}
