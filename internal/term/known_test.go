package term

import (
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
