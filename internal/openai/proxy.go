package openai

import (
	"net/http"
	"net/url"

	"golang.org/x/net/http/httpproxy"
)

// Proxies are the proxies of an environment, as URLs: the one for http, the one for https,
// and the list of hosts that go past both. This machine always does.
type Proxies struct{ HTTP, HTTPS, Except string }

// For returns the proxy of a request, nil if it has none.
func (p Proxies) For(r *http.Request) (*url.URL, error) {
	config := httpproxy.Config{HTTPProxy: p.HTTP, HTTPSProxy: p.HTTPS, NoProxy: p.Except}
	return config.ProxyFunc()(r.URL)
}
