package term

import (
	"strings"
	"testing"
)

// answers are what models write, in pieces of about a token.
var answers = map[string]string{
	"prose": strings.Repeat("The quick brown fox jumps over the lazy dog. ", 20) + "\n\n",
	"markdown": "## A heading\n\nSome **bold** words, `code_like_this`, a [link](https://example.com/a_b) and 2*3*4.\n\n" +
		"1. First, *with* emphasis\n   - nested\n2. Second\n\n| a | b |\n|---|---|\n| c | d |\n\n",
	"code": "```go\n// Sum adds.\nfunc Sum(list []int) (total int) {\n\tfor _, n := range list {\n\t\ttotal += n\n\t}\n" +
		"\tfmt.Printf(\"%d\\n\", total)\n\treturn total\n}\n```\n\n",
	"japanese": strings.Repeat("吾輩は猫である。**名前**はまだ無い。", 10) + "\n\n",
}

// BenchmarkMarkdown styles a token at a time, BenchmarkMarkdown/…/filter is the
// plain path beside it.
func BenchmarkMarkdown(b *testing.B) {
	for name, text := range answers {
		var pieces [][]byte
		for i := 0; i < len(text); i += 5 {
			pieces = append(pieces, []byte(text[i:min(i+5, len(text))]))
		}
		dst := make([]byte, 0, 256)
		run := func(name string, add func(dst, src []byte) []byte) {
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(text) / len(pieces)))
				for i := 0; b.Loop(); i++ {
					dst = add(dst[:0], pieces[i%len(pieces)])
				}
			})
		}
		run(name, new(Markdown).Append)
		run(name+"/filter", new(Filter).Append)
	}
}
