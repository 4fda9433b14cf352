package openai

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
)

// Model is one the endpoint offers.
type Model struct {
	ID      string `json:"id"`
	OwnedBy string `json:"owned_by,omitempty"`
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
