package openai

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"oax/internal/chat"
)

func TestHTTPRequest(t *testing.T) {
	request := Request{Model: "m", Messages: []chat.Message{{Role: chat.System, Text: "s"}, {Role: chat.User, Text: "u"}}}
	for _, tt := range []struct {
		client  Client
		url     string
		headers map[string]string
		body    string
	}{
		{Client{BaseURL: "https://a.example/v1", Key: "k"}, "https://a.example/v1/chat/completions", map[string]string{"Authorization": "Bearer k"}, `"role":"system"`},
		{Client{BaseURL: "https://a.example", Query: "v=1&w=2", Key: "k", KeyHeader: "api-key"}, "https://a.example/chat/completions?v=1&w=2",
			map[string]string{"Api-Key": "k", "Authorization": ""}, `"stream":true`},
		{Client{BaseURL: "https://a.example", Key: "k", Header: http.Header{"Authorization": {"Basic x"}, "X-Team": {"blue"}, "Accept": {"a"}}}, "https://a.example/chat/completions",
			map[string]string{"Authorization": "Basic x", "X-Team": "blue", "Accept": "a"}, `"model":"m"`},
		{Client{BaseURL: "https://a.example", SystemRole: "developer"}, "https://a.example/chat/completions", map[string]string{"Authorization": ""}, `[{"role":"developer","content":"s"},{"role":"user","content":"u"}]`},
	} {
		hr, err := tt.client.HTTPRequest(t.Context(), request)
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
	c := Client{BaseURL: "https://a.example", Header: http.Header{"Host": {"b.example"}}}
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

// Only what has bytes is a part; without any the content is a string.
func TestContent(t *testing.T) {
	image := chat.Part{Name: "a.png", Type: "image/png", Data: []byte{0x89, 'P'}}
	pdf := chat.Part{Name: "b.pdf", Type: "application/pdf", Data: []byte("%PDF")}
	for _, tt := range []struct {
		text  string
		files []chat.Part
		want  string
	}{
		{"hi", nil, `"hi"`},
		{"", nil, `""`},
		{"hi", []chat.Part{{Name: "a.png", Type: "image/png", Gone: true}}, `"hi"`},
		{"hi", []chat.Part{image}, `[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVA="}}]`},
		{"", []chat.Part{image}, `[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVA="}}]`},
		{"hi", []chat.Part{pdf, {}, image}, `[{"type":"text","text":"hi"},` +
			`{"type":"file","file":{"filename":"b.pdf","file_data":"data:application/pdf;base64,JVBERg=="}},` +
			`{"type":"image_url","image_url":{"url":"data:image/png;base64,iVA="}}]`},
	} {
		got, err := json.Marshal(content(chat.Message{Text: tt.text, Parts: tt.files}))
		if err != nil || string(got) != tt.want {
			t.Errorf("%q: %s, want %s", tt.text, got, tt.want)
		}
	}
}
