package openai

import (
	"net/url"
	"testing"
)

func TestAddressOf(t *testing.T) {
	for base, want := range map[string]string{
		"https://api.example.com/v1": "api.example.com:443", "http://localhost/v1": "localhost:80",
		"http://127.0.0.1:11434/v1": "127.0.0.1:11434", "https://[::1]/v1": "[::1]:443",
	} {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		if got := addressOf(u); got != want {
			t.Errorf("%s: %q, want %q", base, got, want)
		}
	}
}
