package completions

import (
	"encoding/json"
	"testing"

	"oax/internal/chat"
	"oax/internal/openai"
)

// Only what has bytes is a part; without any the content is a string.
func TestContent(t *testing.T) {
	image := chat.Part{Name: "a.png", Type: "image/png", Data: []byte{0x89, 'P'}}
	pdf := chat.Part{Name: "b.pdf", Type: "application/pdf", Data: []byte("%PDF")}
	for _, tt := range []struct {
		text  string
		files []chat.Part
		want  string
	}{
		{"hi", nil, `"hi"`},
		{"", nil, `""`},
		{"hi", []chat.Part{{Name: "a.png", Type: "image/png", Gone: true}}, `"hi"`},
		{"hi", []chat.Part{image}, `[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVA="}}]`},
		{"", []chat.Part{image}, `[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVA="}}]`},
		{"hi", []chat.Part{pdf, {}, image}, `[{"type":"text","text":"hi"},` +
			`{"type":"file","file":{"filename":"b.pdf","file_data":"data:application/pdf;base64,JVBERg=="}},` +
			`{"type":"image_url","image_url":{"url":"data:image/png;base64,iVA="}}]`},
	} {
		got, err := json.Marshal(content(chat.Message{Text: tt.text, Parts: tt.files}))
		if err != nil || string(got) != tt.want {
			t.Errorf("%q: %s, want %s", tt.text, got, tt.want)
		}
	}
}

// TestTools: tools go in the form of this API, and a parameter of their name wins.
func TestTools(t *testing.T) {
	req := openai.Request{Messages: []chat.Message{{Role: chat.User, Text: "q"}}, OmitExtra: true, Tools: []chat.ToolDefinition{
		{Name: "f", Description: "<d>", Parameters: json.RawMessage(`{"type":"object"}`)}, {Name: "g", Parameters: json.RawMessage(`{}`)},
	}}
	for _, tt := range []struct {
		params map[string]any
		want   string
	}{
		{nil, `[{"function":{"name":"f","description":"<d>","parameters":{"type":"object"}},"type":"function"},{"function":{"name":"g","parameters":{}},"type":"function"}]`},
		{map[string]any{"tools": []any{}}, `[]`},
	} {
		req.Params = tt.params
		body, err := API{}.Body(req)
		if want := `{"messages":[{"role":"user","content":"q"}],"stream":true,"tools":` + tt.want + `}`; err != nil || string(body) != want {
			t.Errorf("%s %v\nwant %s", body, err, want)
		}
	}
}
