package main

import (
	"strings"
	"testing"

	"oax/internal/demo"
)

const someTemplates = `
[templates.review]
system = "You review {{lang}} code."
prompt = "Review this:\n{{input}}"
[templates.pirate]
system = "You are a pirate."
messages = [{role = "user", content = "hi"}, {role = "assistant", content = "ahoy"}]
`

// What a template lacks is asked for at the terminal, also if standard input is none.
func TestTemplateAsks(t *testing.T) {
	for _, piped := range []bool{false, true} {
		h, script := asks(t, demo.Stream(demo.Answer("yes")...))
		h.config(someTemplates)
		cmd := h.command("-t", "review")
		if piped {
			cmd.Stdin = strings.NewReader("x := 1\n")
		}
		c := h.at(cmd)
		c.shows("lang: ")
		c.press("日本語\r")
		if !piped {
			c.shows("input: ")
			c.press("x := 1\r")
		}
		if r := c.end(); r.code != 0 || !strings.HasSuffix(c.shown(), "yes\n") {
			t.Errorf("exit %d: %q", r.code, c.shown())
		}
		got := sent(t, script, 0)
		if len(got) != 2 || got[0].Content.text != "You review 日本語 code." || got[1].Content.text != "Review this:\nx := 1" {
			t.Errorf("%+v", got)
		}
	}
}

// Ctrl-D at the question is no answer: what is missing is told. Ctrl-C ends it.
func TestTemplateAsksInVain(t *testing.T) {
	for key, want := range map[string]string{
		"\x04": "oax: template review wants lang, input\nhint: ... | oax -t review -v lang=...\n",
		ctrlC:  "oax: stopped\n",
	} {
		h, script := asks(t)
		h.config(someTemplates)
		c := h.at(h.command("-t", "review"))
		c.shows("lang: ")
		c.press(key)
		if r := c.end(); r.code == 0 || !strings.HasSuffix(c.shown(), want) {
			t.Errorf("exit %d: %q", r.code, c.shown())
		}
		unasked(t, script)
		if n := len(h.sessions()); n != 0 {
			t.Errorf("%d sessions", n)
		}
	}
}

// A template without a prompt begins a conversation, of which it is part once.
func TestTemplateConverses(t *testing.T) {
	h, script := asks(t, demo.Stream(demo.Answer("arr")...))
	h.config(someTemplates)
	for i, args := range [][]string{{"-t", "pirate"}, {"-c", "-t", "pirate"}} {
		c := h.at(h.command(args...))
		c.shows("> ")
		c.press("sail\r")
		eventually(t, "it is answered", func() bool {
			return len(script.Requests()) == i+1 && len(h.sessions()) == 1 && len(h.only()) == 6+2*i // with the title
		})
		c.press("/quit\r")
		c.end()
	}
	var said []string
	for _, m := range sent(t, script, 1) {
		said = append(said, m.Role+" "+m.Content.text)
	}
	if got := strings.Join(said, "|"); got != "system You are a pirate.|user hi|assistant ahoy|user sail|assistant arr|user sail" {
		t.Errorf("%s", got)
	}
	if title := h.run("ls").stdout; !strings.Contains(title, "\tsail\n") {
		t.Errorf("%q", title)
	}
}
