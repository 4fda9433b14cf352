package completions

import (
	"encoding/json"
	"testing"

	"oax/internal/chat"
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
