package main

import (
	"regexp"
	"strings"
	"testing"

	"oax/internal/demo"
)

// looks are what a terminal shows of an answer beside its words: styles (E), and
// notes of what a person cannot see (G).
var looks = []fault{
	{row: "E24", what: "who decides about colour", test: func(t *testing.T) {
		const plain, styled, rendered = "a **b**", "a \x1b[2m**\x1b[0;1mb\x1b[0;2m**\x1b[m", "a \x1b[1mb\x1b[m"
		for _, c := range []struct {
			tty  bool
			env  string
			args string
			want string
		}{
			{tty: true, want: rendered},
			{tty: true, args: "--markdown=source", want: styled},
			{tty: true, env: "NO_COLOR=1", want: plain},
			{tty: true, env: "NO_COLOR=", want: rendered},
			{tty: true, env: "NO_COLOR=1", args: "--color=always", want: rendered},
			{tty: true, env: "NO_COLOR=1", args: "--markdown", want: rendered},
			{tty: true, args: "--color=never", want: plain},
			{tty: true, args: "--color never --markdown", want: "a b"},
			{tty: true, args: "--color never --markdown=source", want: plain},
			{tty: true, args: "--no-markdown", want: plain},
			{tty: true, args: "--markdown=off", want: plain},
			{tty: true, args: "--raw", want: plain},
			{tty: true, env: "TERM=dumb", want: plain},
			{tty: true, env: "TERM=", want: plain},
			{want: plain},
			{env: "CLICOLOR_FORCE=1", want: styled},
			{env: "FORCE_COLOR=1", want: styled},
			{env: "FORCE_COLOR=1 NO_COLOR=1", want: plain},
			{env: "FORCE_COLOR=1", args: "--raw", want: plain},
			{args: "--color=always", want: styled},
			{args: "--markdown", want: rendered},
			{args: "--markdown=source", want: styled},
		} {
			h, _ := scripted(t, demo.Stream(demo.Answer("a *", "*b**")...))
			for _, set := range strings.Fields(c.env) {
				name, value, _ := strings.Cut(set, "=")
				h.env[name] = value
			}
			args := append(strings.Fields(c.args), "hi")
			var r result
			if c.tty {
				r = h.atTerminal(args...)
			} else {
				r = h.run(args...)
			}
			if got := strings.TrimSuffix(r.stdout, "\n"); got != c.want || r.code != 0 {
				t.Errorf("%+v: exit %d, %q", c, r.code, got)
			}
		}
	}},
	noted("G9", "one bidi override", "a\u202eb", "a‹U+202E›b"),
	noted("G9", "bidi overrides and isolates", "a\u202eb\u2066c\u200fd", "a‹U+202E›b‹U+2066›c‹U+200F›d"),
	noted("G10", "tags, no width, invisible operators, fillers", "a"+strings.Repeat("\U000e0041", 50)+"\u200b\u2061\u2062\u2063\u2064\u3164\u2060b",
		"ab"),
	noted("G10", "one of them", "a\ufeffb", "ab"),
	shown("G10", "flags of regions, ZWJ and ZWNJ stay", england+"👩\u200d👧 نمی\u200cدانم", england+"👩\u200d👧 نمی\u200cدانم"),
	{row: "G10", what: "exact in a pipe, with --raw and on disk", test: func(t *testing.T) {
		const answer = "a\u202e\u200b\U000e0041b"
		h, _ := scripted(t, demo.Stream(demo.Answer(answer)...))
		h.check(h.run("hi"), want{stdout: answer + "\n", prompt: "hi", answer: answer})
		h.checkRun(h.atTerminal("--raw", "hi"), want{stdout: answer + "\n"})
	}},
}

// unstyled is what the terminal was sent without the styles that are ours. Every
// other sequence stays.
func unstyled(shown string) string {
	return regexp.MustCompile("\x1b\\[(0;)?([12349];)*([12349]|3[1-6])?m").ReplaceAllString(shown, "")
}

const england = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"

// noted is a row whose answer a terminal shows in another form, with a note.
func noted(row, what, answer, on string) fault {
	return fault{row: row, what: what, test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(demo.Answer(strings.Split(answer, "")...)...))
		cmd := h.command("hi")
		cmd.Stderr = new(capture)
		h.check(h.at(cmd).end(), want{stdout: on + "\n", prompt: "hi", answer: answer, notes: true})
		h.checkRun(h.atTerminal("-q", "hi"), want{stdout: on + "\n"})
	}}
}
