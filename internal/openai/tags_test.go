package openai

import (
	"strings"
	"testing"
)

// splitAll runs pieces through and joins what comes out.
func splitAll(pieces ...string) (thought, answer string) {
	var t tags
	for i, piece := range pieces {
		a, b := t.split([]byte(piece), i == len(pieces)-1)
		thought, answer = thought+string(a), answer+string(b)
	}
	return thought, answer
}

// TestTags: the tags are found wherever the text is cut.
func TestTags(t *testing.T) {
	for _, tt := range []struct{ text, thought, answer string }{
		{"", "", ""},
		{" \n", "", " \n"},
		{"b", "", "b"},
		{"<think>a</think>b", "a", "b"},
		{"<thought>a</thought>b", "a", "b"},
		{"\n <think>\n\na 日本\n\n</think>\n\n b\n", "a 日本", "b\n"},
		{"<think></think>b", "", "b"},
		{"<think>\n\n</think>\n\nb", "", "b"},
		{"<think>a</thought>b</think>c", "a</thought>b", "c"},
		{"<think>a < b </ think></think>c", "a < b </ think>", "c"},
		{"<think>a<think>b</think>c</think>d", "a<think>b", "c</think>d"},
		{"<think>a</think>b<think>c</think>", "a", "b<think>c</think>"},
		{"<think>a</think>", "a", ""},
		{"<think>a", "a", ""},
		{"<think>a\n</thi", "a\n</thi", ""},
		{"<think>", "", ""},
		{"<thin", "", "<thin"},
		{" <t", "", " <t"},
		{"<thinking>a</thinking>", "", "<thinking>a</thinking>"},
		{"<Think>a</Think>", "", "<Think>a</Think>"},
		{"b <think>a</think>", "", "b <think>a</think>"},
		{"<<think>a</think>", "", "<<think>a</think>"},
	} {
		for i := range len(tt.text) + 1 {
			for j := i; j <= len(tt.text); j++ {
				thought, answer := splitAll(tt.text[:i], tt.text[i:j], tt.text[j:])
				if thought != tt.thought || answer != tt.answer {
					t.Fatalf("%q cut at %d and %d: %q, %q", tt.text, i, j, thought, answer)
				}
			}
		}
		if thought, answer := splitAll(append(strings.Split(tt.text, ""), "")...); thought != tt.thought || answer != tt.answer {
			t.Errorf("%q byte for byte: %q, %q", tt.text, thought, answer)
		}
	}
}

// FuzzTags: what comes out does not depend on the cuts, and all that is no white space
// and no tag comes out.
func FuzzTags(f *testing.F) {
	f.Add("<think>a</think>b", 3, 9)
	f.Add("\n<thought>\na </thou", 1, 12)
	f.Fuzz(func(t *testing.T, text string, i, j int) {
		i = min(max(i, 0), len(text))
		j = min(max(j, i), len(text))
		thought, answer := splitAll(text)
		if a, b := splitAll(text[:i], text[i:j], text[j:]); a != thought || b != answer {
			t.Errorf("%q cut at %d and %d: %q, %q, whole %q, %q", text, i, j, a, b, thought, answer)
		}
		if lost := len(text) - len(thought) - len(answer); lost > 0 && !strings.HasPrefix(strings.TrimLeft(text, blank), "<th") {
			t.Errorf("%q: %q, %q", text, thought, answer)
		}
		if !strings.Contains(text, thought) || !strings.HasSuffix(text, answer) {
			t.Errorf("%q: %q, %q", text, thought, answer)
		}
	})
}
