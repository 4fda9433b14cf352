//go:build linux

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// writer makes up text that has the statistics of the real kind: few words that are
// everywhere and many that are rare, lists, code, some of other scripts.
type writer struct {
	*rand.Rand
	words
}

// words are what text is made of.
type words struct{ common, syllables, kanji []string }

func allWords() words {
	return words{strings.Fields(commonWords), strings.Fields(syllables), strings.Fields(japanese)}
}

const (
	// commonWords are the most frequent ones, in order.
	commonWords = `the of and to a in is you that it for on with as are this be or by from an can will not if at your use which when
	value function error time file one all has code but more no new they any then same each other returns example first line data
	so what does into string list only out type test server command set before because session where how number way run need make
	read key write after without message most called default between case than very user every might should check two like name
	path object answer question start large end memory small result possible process change request response client header string
	goroutine channel buffer context interface struct method package import module compile search pattern match index cache`
	rareWord   = "zugzwang"
	rareEvery  = 10_000 // questions
	vocabulary = 30_000
	syllables  = `ka to mi ren sal ver dun pel con pro lam tes bri fen gol har den wel nor sta ule ing ers ation`
	japanese   = `設定 手順 関数 値 確認 方法 空 青い 例 実行 する です ます は を に が の 、 。`
	snippet    = "```go\nfor i, v := range %s {\n\tif v != \"%s\" {\n\t\tfmt.Printf(\"%%d: %%s\\n\", i, v)\n\t}\n}\n```\n"
)

// word draws one, the k-th most frequent about 1/k as often as the first.
func (w writer) word() string {
	k := int(math.Exp(w.Float64()*math.Log(vocabulary))) - 1
	if k < len(w.common) {
		return w.common[k]
	}
	var b strings.Builder
	for n := k; n > 0; n /= len(w.syllables) {
		b.WriteString(w.syllables[n%len(w.syllables)])
	}
	return b.String()
}

// sentence has 4 to 24 words and its end.
func (w writer) sentence() string {
	var b strings.Builder
	for i := range 4 + w.IntN(21) {
		next := w.word()
		if i == 0 {
			next = strings.ToUpper(next[:1]) + next[1:]
		} else if b.WriteByte(' '); w.IntN(12) == 0 {
			next = "`" + next + "`"
		}
		b.WriteString(next)
		if i > 2 && w.IntN(15) == 0 {
			b.WriteString(",")
		}
	}
	b.WriteString(". ")
	return b.String()
}

func (w writer) question() string {
	if w.IntN(rareEvery) == 0 {
		return "What is " + rareWord + "?"
	}
	return strings.TrimSpace(w.sentence())
}

// answer is Markdown of about so many bytes.
func (w writer) answer(length int) string {
	var b strings.Builder
	for b.Len() < length {
		w.paragraph(&b)
	}
	return strings.TrimSpace(b.String())
}

func (w writer) paragraph(b *strings.Builder) {
	switch w.IntN(20) {
	case 0:
		fmt.Fprintf(b, "## %s and %s\n\n", w.word(), w.word())
	case 1, 2, 3:
		for i := range 2 + w.IntN(4) {
			fmt.Fprintf(b, "%d. **%s**: %s\n", i+1, w.word(), w.sentence())
		}
	case 4, 5:
		fmt.Fprintf(b, snippet, w.word(), w.word())
	case 6:
		for range 10 + w.IntN(30) {
			b.WriteString(w.kanji[w.IntN(len(w.kanji))])
		}
	case 7:
		fmt.Fprintf(b, "goroutine %d [running]: it said \"%s\" – see https://example.org/%s\n", w.IntN(100), w.word(), w.word())
	default:
		for range 1 + w.IntN(4) {
			b.WriteString(w.sentence())
		}
	}
	b.WriteString("\n\n")
}
