package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// searched returns a home with sessions in which light is spoken of in several
// scripts, and of things a terminal must not obey.
func searched(t *testing.T) *home {
	t.Helper()
	h := newHome(t)
	for i, c := range []struct{ prompt, answer string }{
		{"Why is the sky blue?", "Because air scatters blue light\nmore than red light, four times over: short waves of LIGHT are scattered, long ones of light hardly are."},
		{"空はなぜ青いの", "とても長い日本語の行で、途中に光（light）という言葉があり、その後もまだまだ続いていく文章です。"},
		{"👩‍👩‍👧 and light 🇯🇵", "שלום light עולם"},
		{"hostile \x1b]0;light\x07 title", "\x1b[31mred light\u009b\x07\tTab\u202e"},
	} {
		id := strings.Repeat(fmt.Sprint("a", i), 4)
		h.rememberAs(id, time.Date(2026, 11, 21, 23, i, 0, 0, time.UTC), c.prompt, c.answer)
	}
	return h
}

// rememberAs keeps a chat under an ID that is the same each time.
func (h *home) rememberAs(id string, at time.Time, prompt, answer string) {
	h.t.Helper()
	var lines []string
	for _, line := range []map[string]any{
		{"kind": "session", "version": 1, "id": id, "time": at},
		{"kind": "message", "time": at, "role": "user", "text": prompt},
		{"kind": "message", "time": at, "role": "assistant", "text": answer, "state": "complete"},
	} {
		b, err := json.Marshal(line)
		must(h.t, err)
		lines = append(lines, string(b)+"\n")
	}
	path := filepath.Join(h.store(), at.Format("2006-01"), at.Format("2006-01-02_15-04-05_")+id+".jsonl")
	must(h.t, os.MkdirAll(filepath.Dir(path), 0o700))
	write(h.t, path, strings.Join(lines, ""))
}

func TestGrepOnScreen(t *testing.T) {
	t.Parallel()
	eachScreen(t, func(t *testing.T, columns, rows int) {
		h := searched(t)
		w := h.window(columns, rows+6, `"$OAX" grep --no-pager light; echo "code $?"`)
		w.shows("code 0")
		w.looksLike(fmt.Sprintf("grep-%dx%d.txt", columns, rows))
	})
}

func TestGrepColours(t *testing.T) {
	t.Parallel()
	h := searched(t)
	r := h.atTerminal("grep", "four times")
	holdsAll(t, r.stdout, "\x1b[1;31mfour times\x1b[0m over")
	h.env["NO_COLOR"] = "1"
	c := h.at(h.command("grep", "--no-pager", "light"))
	c.end()
	if got := c.shown(); !strings.Contains(got, "scatters blue light\n") || strings.ContainsAny(got, "\x1b\x07\u009b") {
		t.Errorf("%q", got)
	}
	holdsAll(t, h.run("grep", "red light").stdout, "\tassistant\t\x1b[31mred light")
}

func TestGrepIntoHead(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.remember("many lines", strings.Repeat("a line of light\n", 100_000))
	r, seen := intoHead(h, h.command("grep", "--no-pager", "light"))
	diedOf(t, r, syscall.SIGPIPE)
	if !strings.HasSuffix(seen, "\t1\tassistant\ta line of light\n") || r.stderr != "" {
		t.Errorf("%q, %q", seen, r.stderr)
	}
}

func TestGrepInterrupted(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.remember("many lines", strings.Repeat("a line of light\n", 100_000))
	for _, keys := range portion(t, []string{"\x13" + ctrlC, ctrlC}, 1) { // held with Ctrl-S, and running
		t.Run(fmt.Sprintf("%q", keys), func(t *testing.T) {
			c := h.at(h.command("grep", "--no-pager", "light"))
			c.shows("a line of")
			pressed := time.Now()
			c.press(keys)
			diedOf(t, c.end(), syscall.SIGINT)
			if took := time.Since(pressed); took > time.Minute { // printing it all at such a terminal takes longer
				t.Errorf("it went on for %v", took)
			}
		})
	}
}
