package openai

import (
	"encoding/base64"
	"path/filepath"
	"strings"

	"oax/internal/chat"
)

// contentPart is an element of a message's content where that is more than text, as
// OpenAI's API reference has it ("Create chat completion", user message, array of
// content parts).
type contentPart struct {
	Type     string    `json:"type"`
	Text     string    `json:"text,omitempty"`
	ImageURL *imageURL `json:"image_url,omitempty"`
	File     *fileData `json:"file,omitempty"`
}

type imageURL struct {
	URL string `json:"url"`
}

type fileData struct {
	Filename string `json:"filename"`
	FileData string `json:"file_data"`
}

// content returns the content of a message: its text, with parts for the attachments
// whose bytes are there behind it. Without any it is a string, which every endpoint takes.
func content(m chat.Message) any {
	var parts []contentPart
	for _, a := range m.Attachments {
		switch {
		case len(a.Data) == 0:
		case strings.HasPrefix(a.Type, "image/"):
			parts = append(parts, contentPart{Type: "image_url", ImageURL: &imageURL{dataURL(a)}})
		default:
			parts = append(parts, contentPart{Type: "file", File: &fileData{filepath.Base(a.Name), dataURL(a)}})
		}
	}
	if len(parts) == 0 {
		return m.Shown()
	}
	if text := m.Shown(); text != "" {
		parts = append([]contentPart{{Type: "text", Text: text}}, parts...)
	}
	return parts
}

// dataURL holds the bytes themselves (RFC 2397).
func dataURL(a chat.Attachment) string {
	return "data:" + a.Type + ";base64," + base64.StdEncoding.EncodeToString(a.Data)
}
