package openai_test

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/jsontext"
	. "oax/internal/openai"
)

// TestBound: an answer ends, behind a whole character, where its line in a session would
// become too long.
func TestBound(t *testing.T) {
	for i, piece := range []string{"x", "日", `\"`, `\n`, `\u0001`} {
		if os.Getenv("OAX_CI") == "" && i%4 > 0 {
			continue
		}
		body := `data: {"choices":[{"delta":{"content":"` + strings.Repeat(piece, (7<<20)/len(piece)) + `"}}]}` + "\n\n"
		m, err := read(&pieces{rest: []string{strings.Repeat(body, 3)}}, DefaultLimits())
		size := 0
		for i := range len(m.Text) {
			size += jsontext.EscapedByte(m.Text[i])
		}
		if kindOf(err) != AnswerLimit || m.Why != chat.Limit || size <= MaxAnswer-6 || size > MaxAnswer+MaxOver || !utf8.ValidString(m.Text) {
			t.Errorf("%s: %v, %s, %d bytes in %d", piece, err, m.Why, len(m.Text), size)
		}
	}
}
