package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"net/http"
	"slices"

	"oax/internal/chat"
)

// HTTPRequest returns the request that Stream sends, key and all.
func (c *Client) HTTPRequest(ctx context.Context, req Request) (*http.Request, error) {
	req.OmitExtra = req.OmitExtra || c.config.OmitExtra
	return c.httpRequest(ctx, c.api(), req)
}

func (c *Client) httpRequest(ctx context.Context, api API, req Request) (*http.Request, error) {
	body, err := api.Body(req)
	if err != nil {
		return nil, err
	}
	address := c.config.BaseURL + api.Path()
	if c.config.Query != "" {
		address += "?" + c.config.Query
	}
	hr, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	hr.Header.Set("Content-Type", "application/json")
	hr.Header.Set("Accept", "text/event-stream")
	c.addUserAgent(hr)
	c.addHeaders(hr)
	return hr, nil
}

func (c *Client) addUserAgent(hr *http.Request) {
	if c.config.UserAgent != "" {
		hr.Header.Set("User-Agent", c.config.UserAgent)
	}
}

// addHeaders adds the key and the configured headers.
func (c *Client) addHeaders(hr *http.Request) {
	switch {
	case c.config.Key != "" && c.config.KeyHeader != "":
		hr.Header.Set(c.config.KeyHeader, c.config.Key)
	case c.config.Key != "":
		hr.Header.Set("Authorization", "Bearer "+c.config.Key)
	}
	maps.Copy(hr.Header, c.config.Header)
	if host := c.config.Header.Get("Host"); host != "" { // net/http does not take it from the headers
		hr.Host = host
	}
}

// What the bodies of the APIs have in common.

// Exchanges yields each message with the results of its calls. Calls go to a service with
// all of their results or not at all (see chat.Message.ResultsIn), so a message whose calls
// have none is to be sent without them; results without a call are left out.
func Exchanges(messages []chat.Message) iter.Seq2[chat.Message, []chat.Message] {
	return func(yield func(chat.Message, []chat.Message) bool) {
		for len(messages) > 0 {
			m, rest := messages[0], messages[1:]
			results := m.ResultsIn(rest)
			if m.Role != chat.Tool && !yield(m, results) {
				return
			}
			messages = rest[len(results):]
		}
	}
}

// Content returns the content of a message: what it shows as a text, which every endpoint
// takes, or with parts beside it an array of text, which is that text as a part, and the
// parts. part makes one of a file or of what is JSON already. Files whose bytes are not
// there are left out.
func Content(m chat.Message, text any, part func(chat.Part) any) any {
	var parts []any
	for _, p := range m.Parts {
		if len(p.JSON)+len(p.Data) > 0 {
			parts = append(parts, part(p))
		}
	}
	switch {
	case len(parts) == 0:
		return m.Shown()
	case m.ShownLen() > 0:
		parts = slices.Insert(parts, 0, text)
	}
	return parts
}

// Encode returns the fields of a request as JSON, with markup as it is.
func Encode(fields map[string]any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(fields)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// Fields returns the fields of a JSON object as they are, in a map of its own; null has none. ok
// is false for any other value.
func Fields(object []byte) (fields map[string]any, ok bool) {
	var raw map[string]json.RawMessage
	ok = json.Unmarshal(object, &raw) == nil
	fields = map[string]any{}
	for name, value := range raw {
		fields[name] = value
	}
	return fields, ok
}
