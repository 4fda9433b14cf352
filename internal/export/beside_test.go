package export

import (
	"encoding/json"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/record"
)

// TestBeside: what a message has beside its text is shown in every form.
func TestBeside(t *testing.T) {
	answer := record.Message{Message: chat.Message{
		Role: chat.Assistant, Text: "t", ToolCalls: []chat.ToolCall{{Name: "f\x1b", Arguments: `{"x":"<"}`}},
		Output: []json.RawMessage{
			json.RawMessage(`{"type":"image_generation_call","result":"iVBORw0KGgo=","output_format":"png"}`),
			json.RawMessage(`{"type":"message","content":[{"text":"t","annotations":[{"title":"T","url":"https://a/"}]}]}`),
		},
	}}
	s := &session.Session{Messages: []record.Message{answer, {Message: chat.Message{Role: chat.Tool, Name: "f", Text: "r"}}}}
	const image = "[the service made an image, which oax cat --last --json has]"
	text := Transcript(s, false, Style{})
	for _, want := range []string{"t\n[call of f^[: {\"x\":\"<\"}]\n" + image + "\n[1] T https://a/\n", "--- tool f, "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	if text := (Options{}).markdown(s); !strings.Contains(text, "\n    [1] T https://a/\n") {
		t.Errorf("%q", text)
	}
	if got := images(answer); got != "<p><img alt=\"\" src=\"data:image/png;base64,iVBORw0KGgo=\"></p>\n" {
		t.Error(got)
	}
}
