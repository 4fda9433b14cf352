package demo

import (
	"encoding/json"
	"strings"
)

const adviceAfter = `

This is the **demo** inside oax: no network was used, and no model has read your words. To reach a real one:

1. OpenAI: run ` + "`export OPENAI_API_KEY=...`" + ` and ask again without ` + "`-p demo`" + `.
2. Any other service, or a server on this machine: describe it in ` + "`~/.config/oax/config.toml`" + `, then use ` + "`oax -p local`" + `.

` + "```toml" + `
[profiles.local]
base_url = "http://localhost:11434/v1"   # a local server needs no key
model = "llama3.2"
# key_env = "SERVICE_KEY"                # the variable that holds the key of a hosted one
` + "```" + `

Every chat is kept. Go on with this one by ` + "`oax -c`" + `, find any other with ` + "`oax -r`" + `, list them with ` + "`oax ls`" + `.
`

// advice returns the demo's answer in Markdown: the first line of what was
// asked, then what the person needs to set up a real endpoint.
func advice(asked string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(asked), "\n")
	if first == "" {
		first = "(nothing)"
	}
	return "You asked:\n\n> " + strings.TrimSpace(first) + adviceAfter
}

// words cuts text after each space and line end, as the pieces of a stream.
func words(text string) []string {
	var list []string
	for line := range strings.SplitAfterSeq(text, "\n") {
		for word := range strings.SplitAfterSeq(line, " ") {
			if word != "" {
				list = append(list, word)
			}
		}
	}
	return list
}

// plain returns the text of a message's content, which is a string or a list of
// parts.
func plain(content json.RawMessage) string {
	var text string
	if json.Unmarshal(content, &text) == nil {
		return text
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(content, &parts) != nil {
		return ""
	}
	for _, p := range parts {
		text += p.Text
	}
	return text
}
