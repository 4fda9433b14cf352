//go:build unix

package cli

import (
	"io"
	"os"
	"os/signal"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// onTerminal runs a command line in this process, at a terminal of ten rows, and returns
// what that shows.
func (h *home) onTerminal(args ...string) (string, Exit) {
	h.t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		h.t.Fatal(err)
	}
	defer master.Close()
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 10, Cols: 40}); err != nil {
		h.t.Fatal(err)
	}
	shown := make(chan string)
	go func() {
		text, _ := io.ReadAll(master) // ends with EIO when the other end is closed
		shown <- string(text)
	}()
	p := h.process()
	p.Stdin, p.Stdout, p.Stderr = nil, tty, tty
	exit := Run(h.t.Context(), p, args)
	signal.Reset(os.Interrupt)
	tty.Close()
	return <-shown, exit
}

func TestCatAndGrepPageAlike(t *testing.T) {
	h := newHome(t)
	h.env["TERM"], h.env["PAGER"] = "xterm", "sed s/^/paged:/"
	h.chat(1, "a question", strings.Repeat("line\n", 20))
	for _, args := range []string{"cat", "grep line"} {
		if text, exit := h.onTerminal(strings.Fields(args)...); exit.Code != 0 || strings.Count(text, "paged:") < 20 {
			t.Errorf("oax %s: %v\n%s", args, exit, text)
		}
	}
}

// JSON on a terminal holds nothing that the terminal would obey or hide.
func TestJSONOnTerminal(t *testing.T) {
	h := newHome(t)
	h.chat(1, "a\u009b2J\u202eb", "c\u009b2J\u202ed")
	for _, args := range []string{"ls --json", "grep --json .", "rm --json --yes @"} {
		if text, exit := h.onTerminal(strings.Fields(args)...); exit.Code != 0 || strings.ContainsAny(text, "\u009b\u202e") || !strings.Contains(text, `\u009b`) {
			t.Errorf("oax %s: %v %q", args, exit, text)
		}
	}
}

// Help is wrapped at the edge of a narrow terminal, but for examples.
func TestHelpOnNarrowTerminal(t *testing.T) {
	t.Setenv("COLUMNS", "")
	text, exit := newHome(t).onTerminal("ls", "--help")
	_, flags, ok := strings.Cut(strings.ReplaceAll(text, "\r", ""), "\nFlags:\n")
	for line := range strings.Lines(flags) {
		if len(line) > 41 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
	if !ok || exit.Code != 0 {
		t.Errorf("%v\n%s", exit, text)
	}
}

// The ID of each session is there whole, so that it can be typed.
func TestCostsHaveWholeIDs(t *testing.T) {
	h := newHome(t)
	id := h.chat(1, "a question", "an answer")
	if text, exit := h.onTerminal("ls", "--cost"); exit.Code != 0 || !strings.Contains(text, id+"  ") {
		t.Errorf("%v\n%s has no %s", exit, text, id)
	}
}
