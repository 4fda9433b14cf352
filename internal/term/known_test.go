package term

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMovesCursor: a terminal whose description is not installed here is still one.
func TestMovesCursor(t *testing.T) {
	home := t.TempDir()
	described := filepath.Join(home, ".terminfo", "x")
	if err := os.MkdirAll(described, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(described, "x-odd"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	getenv := func(name string) string { return map[string]string{"HOME": home}[name] }
	for name, want := range map[string]bool{
		"xterm-ghostty": true, "xterm-kitty": true, "alacritty-direct": true, "tmux-256color": true,
		"screen.xterm-new": true, "foot": true, "st-256color": true, "vt220": true, "iTerm2.app": true,
		"rxvt-unicode-256color": true, "x-odd": true, "linux-16color": true,
		"": false, "dumb": false, "dumb-emacs-ansi": false, "unknown": false, "network": false, "stream": false, "vt": false,
	} {
		if got := MovesCursor(name, getenv); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

func TestHyperlinks(t *testing.T) {
	for env, want := range map[string]bool{
		"": false, "TERM=xterm-256color": false, "TERM=xterm-kitty": true, "TERM=alacritty-direct": true, "TERM=foot": true, "TERM=dumb": false,
		"TERM=xterm-256color VTE_VERSION=7600": true, "VTE_VERSION=4000": false, "WT_SESSION=x": true,
		"TERM_PROGRAM=iTerm.app": true, "TERM_PROGRAM=Apple_Terminal": false, "TERM=tmux-256color VTE_VERSION=7600": false, "TMUX=x TERM=xterm-kitty": false,
	} {
		got := Hyperlinks(func(name string) string {
			for pair := range strings.FieldsSeq(env) {
				if value, ok := strings.CutPrefix(pair, name+"="); ok {
					return value
				}
			}
			return ""
		})
		if got != want {
			t.Errorf("%q: %v, want %v", env, got, want)
		}
	}
}

func TestColour(t *testing.T) {
	for _, c := range []struct {
		mode string
		tty  bool
		env  string
		want bool
	}{
		{"auto", true, "TERM=xterm", true},
		{"auto", false, "TERM=xterm", false},
		{"auto", true, "", false},
		{"auto", true, "TERM=dumb", false},
		{"auto", true, "TERM=unheard-of TERMINFO=testdata/terminfo", false},
		{"auto", true, "TERM=my-own TERMINFO=testdata/terminfo", true},
		{"auto", true, "TERM=xterm-unheard-of TERMINFO=testdata/terminfo", true},
		{"auto", true, "TERM=xterm NO_COLOR=1", false},
		{"auto", true, "TERM=xterm NO_COLOR=", true},
		{"auto", true, "TERM=xterm NO_COLOR=0", false},
		{"always", true, "TERM=xterm NO_COLOR=1", true},
		{"always", false, "TERM=dumb", true},
		{"never", true, "TERM=xterm FORCE_COLOR=1", false},
		{"auto", false, "CLICOLOR_FORCE=1", true},
		{"auto", false, "CLICOLOR_FORCE=0", false},
		{"auto", false, "FORCE_COLOR=1", true},
		{"auto", false, "FORCE_COLOR=3", true},
		{"auto", false, "FORCE_COLOR=true", true},
		{"auto", false, "FORCE_COLOR=", false},
		{"auto", true, "TERM=xterm FORCE_COLOR=0", true},
		{"auto", false, "FORCE_COLOR=false", false},
		{"auto", true, "TERM=dumb FORCE_COLOR=1", true},
		{"auto", true, "TERM=xterm NO_COLOR=1 FORCE_COLOR=1", false},
		{"auto", true, "TERM=xterm CLICOLOR=0", false},
		{"auto", true, "TERM=xterm CLICOLOR=1", true},
		{"auto", true, "TERM=xterm CLICOLOR=0 CLICOLOR_FORCE=1", true},
	} {
		t.Run(fmt.Sprintf("%s tty=%v %s", c.mode, c.tty, c.env), func(t *testing.T) {
			getenv := func(name string) string {
				for _, set := range strings.Fields(c.env) {
					if key, value, _ := strings.Cut(set, "="); key == name {
						return value
					}
				}
				return ""
			}
			if got := Colour(c.mode, c.tty, getenv); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestReportsFocus(t *testing.T) {
	for _, c := range []struct {
		want bool
		env  map[string]string
	}{
		{false, nil},
		{false, map[string]string{"TERM": "xterm-256color"}}, // many terminals call themselves so
		{true, map[string]string{"TERM": "xterm-256color", "XTERM_VERSION": "XTerm(390)"}},
		{true, map[string]string{"TERM": "xterm-kitty"}},
		{true, map[string]string{"TERM": "foot"}},
		{true, map[string]string{"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}},
		{false, map[string]string{"TERM": "tmux-256color", "TERM_PROGRAM": "WezTerm"}},
		{false, map[string]string{"TERM": "xterm-kitty", "TMUX": "/tmp/x"}},
		{false, map[string]string{"TERM": "linux"}},
	} {
		if got := ReportsFocus(func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%v: %v", c.env, got)
		}
	}
}

func TestNotification(t *testing.T) {
	for name, want := range map[string]string{
		"xterm":        "\a\x1b]9;oax: done^[[2J^G\x1b\\",
		"foot":         "\a\x1b]777;notify;oax;done^[[2J^G\x1b\\",
		"rxvt-unicode": "\a\x1b]777;notify;oax;done^[[2J^G\x1b\\",
	} {
		got := Notification("done\x1b[2J\a", func(variable string) string { return map[string]string{"TERM": name}[variable] })
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
