package openai

import (
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
	trace := &phases{}
	hr, err := http.NewRequestWithContext(trace.watch(ctx), http.MethodGet, c.BaseURL+"/models", nil)
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
	var list struct{ Data []Model }
	if err := json.NewDecoder(io.LimitReader(resp.Body, MaxAnswer)).Decode(&list); err != nil {
		about.Kind, about.Err = BrokenEvent, err
		return nil, &about
	}
	return list.Data, nil
}
