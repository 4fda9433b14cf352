package openai_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"oax/internal/chat"

	. "oax/internal/openai"
	"oax/internal/openai/completions"
)

func TestHTTPRequest(t *testing.T) {
	request := Request{Model: "m", Messages: []chat.Message{{Role: chat.System, Text: "s"}, {Role: chat.User, Text: "u"}}}
	for _, tt := range []struct {
		config  Config
		url     string
		headers map[string]string
		body    string
	}{
		{Config{BaseURL: "https://a.example/v1", Key: "k"}, "https://a.example/v1/chat/completions", map[string]string{"Authorization": "Bearer k"}, `"role":"system"`},
		{Config{BaseURL: "https://a.example", Query: "v=1&w=2", Key: "k", KeyHeader: "api-key"}, "https://a.example/chat/completions?v=1&w=2",
			map[string]string{"Api-Key": "k", "Authorization": ""}, `"stream":true`},
		{Config{BaseURL: "https://a.example", Key: "k", Header: http.Header{"Authorization": {"Basic x"}, "X-Team": {"blue"}, "Accept": {"a"}}}, "https://a.example/chat/completions",
			map[string]string{"Authorization": "Basic x", "X-Team": "blue", "Accept": "a"}, `"model":"m"`},
		{Config{BaseURL: "https://a.example", API: completions.API{SystemRole: "developer"}}, "https://a.example/chat/completions", map[string]string{"Authorization": ""}, `[{"role":"developer","content":"s"},{"role":"user","content":"u"}]`},
	} {
		hr, err := newClient(tt.config).HTTPRequest(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if hr.URL.String() != tt.url {
			t.Errorf("%s, want %s", hr.URL, tt.url)
		}
		for name, want := range tt.headers {
			if got := hr.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		body := new(strings.Builder)
		hr.Write(body)
		if !strings.Contains(body.String(), tt.body) {
			t.Errorf("%s is not in %s", tt.body, body)
		}
	}
}

func TestHostHeader(t *testing.T) {
	c := newClient(Config{BaseURL: "https://a.example", Header: http.Header{"Host": {"b.example"}}})
	hr, err := c.HTTPRequest(t.Context(), Request{})
	if err != nil || hr.Host != "b.example" {
		t.Errorf("%q, %v", hr.Host, err)
	}
}

func TestProxies(t *testing.T) {
	both := Proxies{HTTP: "http://plain:1", HTTPS: "socks5://safe:2", Except: "far.example,.inside.example"}
	for address, want := range map[string]string{
		"http://a.example":         "http://plain:1",
		"https://a.example":        "socks5://safe:2",
		"https://far.example":      "",
		"https://x.far.example":    "",
		"https://b.inside.example": "",
		"https://localhost:8080":   "",
		"http://127.0.0.1":         "",
	} {
		u, _ := url.Parse(address)
		got, err := both.For(&http.Request{URL: u})
		if err != nil || got == nil && want != "" || got != nil && got.String() != want {
			t.Errorf("%s: %v, %v, want %q", address, got, err, want)
		}
	}
}
