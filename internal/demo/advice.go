package demo

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// System is what the demo's advice must fit: what a person types to set a variable, and
// where the configuration is.
type System struct {
	OS         string // as runtime.GOOS has it; empty: a Unix
	ConfigFile string // empty: ~/.config/oax/config.toml
}

const adviceAfter = `

This is the **demo** inside oax: no network was used, and no model has read your words. Ask it for a *table*, a *list*, some *code*, *Japanese* or *reasoning* to see what an answer looks like. To reach a real model:

1. OpenAI: run %s and ask again without ` + "`-p demo`" + `.
2. Any other service, or a server on this machine: describe it in ` + "`%s`" + `, then use ` + "`oax -p local`" + `.

` + "```toml" + `
[profiles.local]
base_url = "http://localhost:11434/v1"   # a local server needs no key
model = "llama3.2"
# key_env = "SERVICE_KEY"                # the variable that holds the key of a hosted one
` + "```" + `

Every chat is kept. Continue this one with ` + "`oax -c`" + `, find any other with ` + "`oax -r`" + `, list them with ` + "`oax ls`" + `.
`

// samples show how answers look. A sample is sent if the question holds one of its words.
var samples = []struct {
	words []string
	text  string
}{
	{[]string{"table", "表"}, `| planet | day, hours | moons |
|:-------|-----------:|------:|
| Earth  |         24 |     1 |
| Mars   |       24.6 |     2 |
| Saturn |       10.7 |   274 |
`},
	{[]string{"list", "箇条書き"}, `Three ways to ask:

1. Type the words: ` + "`oax why is the sky blue`" + `
2. Pipe a text in:
   - a change: ` + "`git diff | oax review this`" + `
   - a log: ` + "`tail app.log | oax what went wrong`" + `
3. Stay: ` + "`oax`" + ` alone is a conversation.
`},
	{[]string{"code", "コード"}, "```go\n" + `// Sum adds numbers as they arrive.
func Sum(numbers <-chan int) int {
	sum := 0
	for n := range numbers {
		sum += n
	}
	return sum
}
` + "```\n"},
	{[]string{"japanese", "日本"}, `こんにちは。これは oax に**組み込まれたデモ**です。ネットワークは使わず、回答は届いたそばから表示されます。

- 会話はすべて保存されます。
- ` + "`oax -r`" + ` で、いつでも探し出せます。
`},
}

// advice returns the demo's answer in Markdown: the samples that the question asks for,
// or else its first line and what the person needs to set up a real endpoint.
func advice(question string, on System) string {
	first, _, _ := strings.Cut(strings.TrimSpace(question), "\n")
	var shown []string
	for _, s := range samples {
		if asksFor(question, s.words...) {
			shown = append(shown, s.text)
		}
	}
	if len(shown) > 0 {
		return strings.Join(shown, "\n")
	}
	set := "`export OPENAI_API_KEY=...`"
	if on.OS == "windows" {
		set = "`$env:OPENAI_API_KEY = \"...\"` (in cmd: `set OPENAI_API_KEY=...`)"
	}
	return "You asked:\n\n> " + strings.TrimSpace(cmp.Or(first, "(nothing)")) +
		fmt.Sprintf(adviceAfter, set, cmp.Or(on.ConfigFile, "~/.config/oax/config.toml"))
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
