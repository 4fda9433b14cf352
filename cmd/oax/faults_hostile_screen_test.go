package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oax/internal/demo"
)

// onScreen is hostile text and what a real terminal does with it (G). Each is also
// printed as it is, with --raw, to see that the terminal would obey.
var onScreen = []fault{
	{row: "G1", what: "the clipboard", test: func(t *testing.T) {
		notObeyed(t, "\x1b]52;c;ZXZpbA==\a", func(w *window) bool { return strings.Contains(w.tmux("list-buffers"), "evil") })
	}},
	{row: "G2", what: "the title", test: func(t *testing.T) {
		notObeyed(t, "\x1b]2;evil\a", func(w *window) bool {
			return strings.Contains(w.tmux("display-message", "-p", "#{pane_title}"), "evil")
		})
	}},
	{row: "G4", what: "what was there before is erased", test: func(t *testing.T) {
		notObeyed(t, "\x1b[2J\x1b[1;1H", func(w *window) bool { return !strings.Contains(w.screen(), "before") })
	}},
	{row: "G4", what: "the alternate screen", test: func(t *testing.T) {
		notObeyed(t, "\x1b[?1049h", func(w *window) bool {
			return strings.Contains(w.tmux("display-message", "-p", "#{alternate_on}"), "1")
		})
	}},
	{row: "G4", what: "the terminal types an answer", test: func(t *testing.T) {
		notObeyed(t, "\x1b[6n\x1b[c", func(w *window) bool {
			typed, err := os.ReadFile(filepath.Join(w.home, "typed"))
			return err == nil && len(typed) > 0
		})
	}},
}

// notObeyed prints an answer on a terminal twice: the second time it must obey.
func notObeyed(t *testing.T, answer string, obeyed func(*window) bool) {
	h, _ := scripted(t, demo.Stream(demo.Answer("a"+answer+"z")...))
	for _, raw := range []string{"", "--raw"} {
		w := h.window(80, 24, `tmux set -s set-clipboard on
			echo before; stty -icanon min 0 time 2; "$OAX" `+raw+` hi; code=$?; dd bs=100 count=1 >typed 2>/dev/null; echo code $code`)
		w.shows("code 0")
		if obeyed(w) != (raw != "") {
			t.Errorf("with %q flags:\n%s", raw, w.screen())
		}
		if raw == "" && !strings.Contains(w.screen(), "^[") {
			t.Errorf("nothing made visible:\n%s", w.screen())
		}
	}
}
