package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oax/internal/demo"
)

// hostile is text that tries to be more than text, and secrets (G).
var hostile = slices.Concat(hostileAnswers, onScreen, hostileNames)

// hostileAnswers are bytes that a terminal gets.
var hostileAnswers = []fault{
	shown("G1", "OSC 52", "a\x1b]52;c;ZXZpbA==\ab", "a^[]52;c;ZXZpbA==^Gb"),
	shown("G2", "OSC 0 and 2", "\x1b]0;evil\ab\x1b]2;evil\x1b\\", "^[]0;evil^Gb^[]2;evil^[\\"),
	shown("G3", "OSC 8", "\x1b]8;;https://evil.example\x1b\\https://good.example\x1b]8;;\x1b\\",
		"^[]8;;https://evil.example^[\\https://good.example^[]8;;^[\\"),
	shown("G4", "CSI and ESC c", "\x1b[3A\x1b[2J\x1b[?1049h\x1b[6n\x1b[c\x1b[>0q\x1bcx", "^[[3A^[[2J^[[?1049h^[[6n^[[c^[[>0q^[cx"),
	shown("G5", "DCS, APC, PM, SOS", "\x1bPq1\x1b\\\x1b_a\x1b\\\x1b^b\x1b\\\x1bXc\x1b\\d", "^[Pq1^[\\^[a^[\\^[^b^[\\^[Xc^[\\d"), // _ is a mark of Markdown
	shown("G5", "a string without an end", "\x1b]0;never ended\nstill here", "^[]0;never ended\nstill here"),
	shown("G6", "C1 controls", "\u009b31m\u009d0;evil\u009c\u0085x", "‹U+009B›31m‹U+009D›0;evil‹U+009C›‹U+0085›x"),
	{row: "G6", what: "a raw 0x9b", test: func(t *testing.T) {
		raw := strings.Replace(string(demo.Chunk("a?31mb")), "?", "\x9b", 1)
		h, _ := scripted(t, demo.Stream(append([]demo.Step{demo.Send([]byte(raw))}, demo.Answer()...)...))
		h.checkShown("a\ufffd31mb", "a\ufffd31mb")
	}},
	{row: "G7", what: "split anywhere", test: splitAnywhere},
	shown("G8", "lone CR, BS, BEL, SO, SI, DEL, NUL", "a\rb\b\a\x0e\x0f\x7f\x00c\r\nd", "a^Mb^H^G^N^O^?^@c\nd"),
	{row: "G8", what: "CR and LF in two events", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("a\r", "\nb\r", "c\r")...))
		h.checkShown("a\r\nb\rc\r", "a\nb^Mc^M")
	}},
	{row: "G11", what: "a pipe and --raw get the bytes, --json escapes", test: notATerminal},
}

// evil has a sequence of each kind.
const evil = "a\x1b]52;c;ZXZpbA==\a\u009b31m\x1b[6nb\r\n\rc\x7f"

// visible is what a terminal gets of it.
const visible = "a^[]52;c;ZXZpbA==^G‹U+009B›31m^[[6nb\n^Mc^?"

// shown is a row whose answer a terminal shows in another form, while the disk has
// it as it is.
func shown(row, what, answer, on string) fault {
	return fault{row: row, what: what, test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer(answer)...))
		h.checkShown(answer, on)
	}}
}

// checkShown asks at a terminal.
func (h *home) checkShown(answer, on string) {
	h.t.Helper()
	r := h.atTerminal("hi")
	r.stdout = unstyled(r.stdout)
	h.check(r, want{stdout: on + "\n", prompt: "hi", answer: answer})
}

// splitAnywhere sends evil once for every place it can be cut in two.
func splitAnywhere(t *testing.T) {
	var pieces []string
	runes := []rune(evil)
	for i := range runes {
		pieces = append(pieces, string(runes[:i]), string(runes[i:])+"\n")
	}
	for _, r := range runes {
		pieces = append(pieces, string(r))
	}
	h, _ := scripted(t, demo.Stream(demo.Answer(pieces...)...))
	n := len(runes)
	h.checkShown(strings.Repeat(evil+"\n", n)+evil, strings.Repeat(visible+"\n", n)+visible)
}

func notATerminal(t *testing.T) {
	h, _ := scripted(t, demo.Stream(demo.Answer(evil)...))
	h.check(h.run("hi"), want{stdout: evil + "\n", prompt: "hi", answer: evil})
	h.checkRun(h.run("--raw", "hi"), want{stdout: evil})
	c := h.at(h.command("--raw", "hi"))
	c.end()
	equal(t, "--raw at a terminal", waitingLine.ReplaceAllString(c.screen.String(), ""), strings.ReplaceAll(evil, "\n", "\r\n")+"\r\n")
	r := h.run("--json", "hi")
	if strings.ContainsFunc(r.stdout, func(r rune) bool { return r < ' ' && r != '\n' }) {
		t.Errorf("--json prints controls: %q", r.stdout)
	}
	var first struct{ Type, Text string }
	if err := json.NewDecoder(strings.NewReader(r.stdout)).Decode(&first); err != nil || first.Text != evil {
		t.Errorf("--json: %v, %+v", err, first)
	}
}

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
