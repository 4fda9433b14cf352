package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"

	"oax/internal/chat"
)

// Request is what one turn asks.
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

// addHeaders says who asks.
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
	if host := c.Header.Get("Host"); host != "" { // net/http takes it from nowhere else
		hr.Host = host
	}
}
