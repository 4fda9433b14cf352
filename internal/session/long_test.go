package session

import (
	"encoding/json"
	"strings"
	"testing"

	"oax/internal/chat"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestLongText: a long text is written by another way, which must not show.
func TestLongText(t *testing.T) {
	for name, piece := range map[string]string{
		"plain": "x", "escapes": "\"\\\n\t\x00\x1b\r</p>&\u2028é😀", "invalid": "\xff",
	} {
		m := Message{Message: chat.Message{
			Role: `"text":"`, Text: strings.Repeat(piece, longText+1), Reasoning: "hm", Refusal: `"text":""`, State: chat.Complete,
		}}
		long, err := encode(lineOf(m), lineOf(m))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(long), "\n")
		if len(lines) != 3 || lines[0] != lines[1] {
			t.Fatalf("%s: %d lines", name, len(lines)-1)
		}
		var got record
		if err := json.Unmarshal([]byte(lines[0]), &got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if name == "invalid" {
			m.Text = strings.Repeat("\ufffd", longText+1)
		}
		if diff := gocmp.Diff(m.Message, got.Message); diff != "" {
			t.Errorf("%s: %.300s", name, diff)
		}
	}
}
