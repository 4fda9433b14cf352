package openai

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"path/filepath"
	"strings"

	"oax/internal/chat"
)

// Request is what is asked in one turn.
type Request struct {
	Model    string // empty: the endpoint decides
	Messages []chat.Message
	Params   map[string]any // further fields of the body; they win over all others
}

// wireMessage is a message as the API takes it.
type wireMessage struct {
	Role    chat.Role `json:"role"`
	Content any       `json:"content"` // a text, or parts
}

// body returns the JSON to post.
func (c *Client) body(req Request) ([]byte, error) {
	messages := make([]wireMessage, len(req.Messages))
	for i, m := range req.Messages {
		messages[i] = wireMessage{c.role(m.Role), content(m)}
	}
	fields := map[string]any{"messages": messages, "stream": true}
	if req.Model != "" {
		fields["model"] = req.Model
	}
	if !c.OmitUsage {
		fields["stream_options"] = map[string]any{"include_usage": true}
	}
	maps.Copy(fields, req.Params)

	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(fields); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

// role returns the role under which the endpoint wants a message.
func (c *Client) role(role chat.Role) chat.Role {
	if role == chat.System && c.SystemRole != "" {
		return c.SystemRole
	}
	return role
}

// address returns the URL that a turn is posted to.
func (c *Client) address() string {
	address := c.BaseURL + "/chat/completions"
	if c.Query != "" {
		address += "?" + c.Query
	}
	return address
}

// HTTPRequest returns the request that Stream sends, key and all.
func (c *Client) HTTPRequest(ctx context.Context, req Request) (*http.Request, error) {
	body, err := c.body(req)
	if err != nil {
		return nil, err
	}
	hr, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	hr.Header.Set("Content-Type", "application/json")
	hr.Header.Set("Accept", "text/event-stream")
	c.addHeaders(hr)
	return hr, nil
}

// addHeaders adds the key, the user agent and the configured headers.
func (c *Client) addHeaders(hr *http.Request) {
	if c.UserAgent != "" {
		hr.Header.Set("User-Agent", c.UserAgent)
	}
	switch {
	case c.Key != "" && c.KeyHeader != "":
		hr.Header.Set(c.KeyHeader, c.Key)
	case c.Key != "":
		hr.Header.Set("Authorization", "Bearer "+c.Key)
	}
	maps.Copy(hr.Header, c.Header)
	if host := c.Header.Get("Host"); host != "" { // net/http does not take it from the headers
		hr.Host = host
	}
}

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
	for _, a := range m.Parts {
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
func dataURL(a chat.Part) string {
	return "data:" + a.Type + ";base64," + base64.StdEncoding.EncodeToString(a.Data)
}
