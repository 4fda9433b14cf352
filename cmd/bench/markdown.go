//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// markdown measures what it costs to lay out answers on a terminal, beside the same
// answers with --markdown=off there.
func (b *bench) markdown() {
	for _, text := range texts() {
		b.layout(text, 100_000)
	}
	b.layout(texts()[0], 1_000_000)
}

func (b *bench) layout(text namedText, tokens int) {
	url, stop := endpoint(tokens, text.text)
	defer stop()
	home := b.home("markdown", 0, 0, 0)
	defer func() { check(os.RemoveAll(home)) }()
	programs := b.oax(home, url, "-q", "hi")
	if !b.against {
		off := b.oax(home, url, "-q", "--markdown=off", "hi")[0]
		off.name = "off"
		programs = append(programs, off)
	}
	for i := range programs {
		programs[i].terminal = true
	}
	compare(fmt.Sprintf("%s, %d tokens", text.name, tokens), b.runs, []figure{wall, cpu, memory}, programs...)
}

type namedText struct{ name, text string }

// texts are what models write.
func texts() []namedText {
	answer := must(os.ReadFile(filepath.Join("testdata", "screens", "answer.md")))
	return []namedText{
		{"an answer", string(answer) + "\n\n"},
		{"prose", strings.Repeat("The quick brown fox jumps over the lazy dog. ", 20) + "\n\n"},
		{"code", "```go\n" + strings.Repeat("// Sum adds.\nfunc Sum(list []int) (total int) {\n\tfor _, n := range list {\n\t\ttotal += n\n\t}\n\treturn total\n}\n\n", 10) + "```\n\n"},
		{"Japanese", strings.Repeat("吾輩は猫である。**名前**はまだ無い。どこで生れたかとんと見当がつかぬ。", 10) + "\n\n"},
	}
}

// tokensOf cuts a text into pieces as long as tokens usually are: four letters, or two of
// Japanese.
func tokensOf(text string) []string {
	var tokens []string
	from := 0
	for at := range text {
		if at-from >= 4 {
			tokens = append(tokens, text[from:at])
			from = at
		}
	}
	return append(tokens, text[from:])
}
