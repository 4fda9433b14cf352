package openai

import (
	"strings"
	"testing"

	"oax/internal/jsontext"
)

// TestClip: what is cut off of an error's text leaves a string.
func TestClip(t *testing.T) {
	for _, piece := range []string{"x", `\\`, `\"`, `\ud83d\ude00`, "日"} {
		for lead := range 14 {
			raw := `"` + strings.Repeat("x", lead) + strings.Repeat(piece, maxMessage) + `"`
			if got := jsontext.Text(clip([]byte(raw))); len(got) < maxMessage/4 {
				t.Errorf("%s: %d bytes", piece, len(got))
			}
		}
	}
}
