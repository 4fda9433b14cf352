package openai

import "net/http"

// Observe puts wrap around what sends the requests from now on, for one who looks on
// and changes nothing. The limits, the proxy and the authorities must be set by then.
func (c *Client) Observe(wrap func(http.RoundTripper) http.RoundTripper) {
	client := c.client()
	client.Transport = wrap(client.Transport)
}
