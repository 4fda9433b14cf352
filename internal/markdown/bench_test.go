package markdown

import (
	"strings"
	"testing"

	"oax/internal/term"
)

// kinds are what models write.
var kinds = map[string]string{
	"prose": strings.Repeat("The quick brown fox jumps over the lazy dog. ", 20) + "\n\n",
	"markdown": "## A heading\n\nSome **bold** words, `code_like_this`, a [link](https://example.com/a_b) and 2*3*4.\n\n" +
		"1. First, *with* emphasis\n   - nested\n2. Second\n\n| a | b |\n|---|---|\n| c | d |\n\n",
	"code": "```go\n// Sum adds.\nfunc Sum(list []int) (total int) {\n\tfor _, n := range list {\n\t\ttotal += n\n\t}\n" +
		"\tfmt.Printf(\"%d\\n\", total)\n\treturn total\n}\n```\n\n",
	"japanese": strings.Repeat("吾輩は猫である。**名前**はまだ無い。", 10) + "\n\n",
}

// BenchmarkTerminal shows a token at a time, BenchmarkTerminal/…/filter is what
// --markdown=off costs beside it.
func BenchmarkTerminal(b *testing.B) {
	for name, text := range kinds {
		var pieces [][]byte
		for i := 0; i < len(text); i += 5 {
			pieces = append(pieces, []byte(text[i:min(i+5, len(text))]))
		}
		dst := make([]byte, 0, 4096)
		run := func(name string, add func(dst, src []byte) []byte) {
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(text) / len(pieces)))
				for i := 0; b.Loop(); i++ {
					dst = add(dst[:0], pieces[i%len(pieces)])
				}
			})
		}
		run(name, NewTerminal(screen(80)).Append)
		run(name+"/filter", new(term.Filter).Append)
	}
}
