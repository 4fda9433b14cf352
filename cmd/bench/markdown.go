//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// markdown measures what it costs to lay out an answer on a terminal, beside the same
// answer with --markdown=off there.
func (b *bench) markdown() {
	for _, text := range texts() {
		for _, tokens := range []int{100_000, 1_000_000} {
			url, stop := endpoint(tokens, text.text)
			home := b.home(fmt.Sprint("markdown", tokens), 0, 0, 0)
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
			stop()
			check(os.RemoveAll(home))
		}
	}
}

type namedText struct{ name, text string }

// texts are what models write.
func texts() []namedText {
	answer := must(os.ReadFile(filepath.Join("testdata", "screens", "answer.md")))
	return []namedText{
		{"prose", strings.Repeat("The quick brown fox jumps over the lazy dog. ", 20) + "\n\n"},
		{"an answer", string(answer) + "\n\n"},
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
