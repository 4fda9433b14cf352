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

// UnmarshalJSON reads a model as services describe one. Only the ID must have the right
// type.
func (m *Model) UnmarshalJSON(data []byte) error {
	var named struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(data, &named); err != nil {
		return err
	}
	m.ID = named.ID
	m.OwnedBy = text(field(data, "owned_by"))
	// OpenRouter, Groq, vLLM, and Mistral and LM Studio have names of their own for it.
	for _, name := range []string{"context_length", "context_window", "max_model_len", "max_context_length"} {
		if json.Unmarshal(field(data, name), &m.Context) == nil && m.Context > 0 {
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
	reported, _ := parseError(body)
	isObject := bytes.HasPrefix(body, []byte("{"))
	switch {
	case bytes.HasPrefix(body, []byte("<")):
		about.Kind = WebPage
	case isObject && reported.message != "":
		about.Kind = ServiceError
		c.quote(&about, reported)
	case isObject && json.Unmarshal(field(body, "data"), &models) == nil,
		bytes.HasPrefix(body, []byte("[")) && json.Unmarshal(body, &models) == nil:
		return models, nil
	default:
		about.Kind = NoList
	}
	return nil, &about
}
