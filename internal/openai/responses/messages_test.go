package responses

import (
	"encoding/json"
	"testing"

	"oax/internal/chat"
	"oax/internal/openai"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestMessages: a request of another program is read as the messages that it holds.
func TestMessages(t *testing.T) {
	user := chat.Message{Role: chat.User, Text: "q"}
	for body, want := range map[string][]chat.Message{
		`{"input":"q"}`:                    {user},
		`{"instructions":"s","input":"q"}`: {{Role: chat.System, Text: "s"}, user},
		`{"input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"x"},{"type":"input_text","text":"b"}]}]}`: {
			{Role: chat.User, Text: "a\n\nb", Parts: []chat.Part{{Type: "input_image", JSON: json.RawMessage(`{"type":"input_image","image_url":"x"}`)}}},
		},
		`{"input":[{"type":"message","role":"user","content":"q"},{"type":"reasoning","encrypted_content":"e"},` +
			`{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"r"},` +
			`{"type":"web_search_call","arguments":{}},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"},{"type":"refusal","refusal":"b"}]}]}`: {
			user, {Role: chat.Assistant, ToolCalls: []chat.ToolCall{{ID: "c", Name: "f", Arguments: "{}"}}},
			{Role: chat.Tool, ToolCallID: "c", Text: "r"}, {Role: chat.Assistant, Text: "a", Refusal: "b"},
		},
		`{"input":"q","previous_response_id":"r"}`: {user},
		`{"input":"q","conversation":"c"}`:         nil, `{"input":[]}`: nil, `{"input":1}`: nil,
		`{"input":[{"type":"item_reference","id":"x"}]}`: nil, `{"input":[1]}`: nil, `{"messages":[]}`: nil, `[`: nil,
	} {
		got, ok := Messages([]byte(body))
		if diff := gocmp.Diff(want, got); diff != "" || ok != (want != nil) {
			t.Errorf("%s: %v %s", body, ok, diff)
		}
	}
}

// FuzzMessages: whatever can be read as messages can be sent again, and is then the same.
func FuzzMessages(f *testing.F) {
	f.Add([]byte(`{"instructions":"s","input":[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"user","content":[{"type":"input_file"}]}]}`))
	f.Add([]byte(`{"input":[{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"r"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		messages, ok := Messages(body)
		if !ok {
			return
		}
		sent, err := API{}.Body(openai.Request{Messages: messages})
		if err != nil {
			t.Fatal(err)
		}
		again, _ := Messages(sent)
		resent, err := API{}.Body(openai.Request{Messages: again})
		if diff := gocmp.Diff(string(sent), string(resent), cmpopts.EquateEmpty()); (len(again) > 0 && diff != "") || err != nil {
			t.Errorf("%v %s", err, diff)
		}
	})
}
