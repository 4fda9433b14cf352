package openai

import (
	"bytes"
	"context"
	"maps"
	"net/http"
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
