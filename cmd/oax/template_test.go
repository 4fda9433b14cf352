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
`

// A template without a prompt begins a conversation, of which it is part once.
func TestTemplateConverses(t *testing.T) {
	t.Parallel()
	h, script := scripted(t, demo.Stream(demo.Answer("arr")...))
	h.config(someTemplates)
	for i, args := range [][]string{{"-t", "pirate"}, {"-c", "-t", "pirate"}} {
		c := h.at(h.command(args...))
		c.prompts()
		c.press("sail\r")
		eventually(t, "it is answered", func() bool {
			return len(script.Requests()) == i+1 && len(h.sessions()) == 1 && len(h.only()) == 3+2*i
		})
		c.prompts()
		c.press("/quit\r")
		c.end()
	}
	var said []string
	for _, m := range sent(t, script, 1) {
		said = append(said, m.Role+" "+m.Content.text)
	}
	equal(t, "the messages", strings.Join(said, "|"), "system You are a pirate.|user sail|assistant arr|user sail")
	holdsAll(t, h.run("ls").stdout, "\tsail\n")
}
