package openai

import (
	"strings"
	"testing"
	"unicode/utf8"

	"oax/internal/chat"
)

// TestBound: an answer ends, behind a whole character, where its line in a session would
// become too long.
func TestBound(t *testing.T) {
	for _, piece := range []string{"x", "日", `\"`, `\n`, `\u0001`} {
		body := `data: {"choices":[{"delta":{"content":"` + strings.Repeat(piece, (7<<20)/len(piece)) + `"}}]}` + "\n\n"
		m, err := read(&pieces{rest: []string{strings.Repeat(body, 20)}}, DefaultLimits())
		size := 0
		for i := range len(m.Text) {
			size += int(sizeInJSON[m.Text[i]])
		}
		if kindOf(err) != AnswerLimit || m.Why != chat.Limit || size <= MaxAnswer-6 || size > MaxAnswer+maxOver || !utf8.ValidString(m.Text) {
			t.Errorf("%s: %v, %s, %d bytes in %d", piece, err, m.Why, len(m.Text), size)
		}
	}
}

// TestClip: what is cut off of an error's text leaves a string.
func TestClip(t *testing.T) {
	for _, piece := range []string{"x", `\\`, `\"`, `\ud83d\ude00`, "日"} {
		for lead := range 14 {
			raw := `"` + strings.Repeat("x", lead) + strings.Repeat(piece, maxMessage) + `"`
			if got := text(clip([]byte(raw))); len(got) < maxMessage/4 {
				t.Errorf("%s: %d bytes", piece, len(got))
			}
		}
	}
}
