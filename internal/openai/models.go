package openai

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
)

// Model is one the endpoint offers. Context is how many tokens it takes, or 0 if the
// endpoint does not say.
type Model struct {
	ID      string `json:"id"`
	OwnedBy string `json:"owned_by,omitempty"`
	Context int    `json:"context,omitempty"`
}

// UnmarshalJSON reads a model as services describe one. Only the ID must be what it
// should be.
func (m *Model) UnmarshalJSON(data []byte) error {
	var said struct {
		ID      string          `json:"id"`
		OwnedBy json.RawMessage `json:"owned_by"`
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &said); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	m.ID = said.ID
	_ = json.Unmarshal(said.OwnedBy, &m.OwnedBy)
	// OpenRouter, Groq, vLLM, and Mistral and LM Studio have names of their own for it.
	for _, name := range []string{"context_length", "context_window", "max_model_len", "max_context_length"} {
		if json.Unmarshal(fields[name], &m.Context) == nil && m.Context > 0 {
			break
		}
	}
	return nil
}

// Models asks the endpoint what it offers. The errors are those of Stream.
func (c *Client) Models(ctx context.Context) ([]Model, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	trace := &phases{}
	address := cmp.Or(c.ModelsURL, c.BaseURL+"/models")
	hr, err := http.NewRequestWithContext(trace.watch(ctx, cancel, c.Limits), http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	c.addHeaders(hr)
	about := Error{Host: hr.URL.Host, URL: hr.URL.String(), local: c.Local, Tries: 1}
	resp, err := c.client().Do(hr)
	if err != nil {
		return nil, c.networkError(about, hr, trace, err)
	}
	defer resp.Body.Close()
	about.Status = resp.StatusCode
	if resp.StatusCode != http.StatusOK {
		return nil, c.statusError(about, resp)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswer))
	if err != nil {
		about.Kind, about.Err = ResetLate, err
		return nil, &about
	}
	return c.modelList(about, bytes.TrimSpace(body))
}

// modelList finds the models in {"data": [...]}, or in the array alone that some
// services send.
func (c *Client) modelList(about Error, body []byte) ([]Model, error) {
	var models []Model
	fields, isObject := object(body)
	said, _ := parseError(body)
	switch {
	case bytes.HasPrefix(body, []byte("<")):
		about.Kind = WebPage
	case isObject && said.message != "":
		about.Kind = ServiceError
		c.quote(&about, said)
	case isObject && json.Unmarshal(fields["data"], &models) == nil,
		bytes.HasPrefix(body, []byte("[")) && json.Unmarshal(body, &models) == nil:
		return models, nil
	default:
		about.Kind = NoList
	}
	return nil, &about
}
