package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestNormalizeBaseURL(t *testing.T) {
	const scheme = "must begin with http:// or https://"
	for _, tt := range []struct{ in, out, problem, suggest string }{
		{in: "https://api.example.com/v1", out: "https://api.example.com/v1"},
		{in: " https://api.example.com/v1/\n", out: "https://api.example.com/v1"},
		{in: "https://api.example.com//", out: "https://api.example.com"},
		{in: "HTTP://127.0.0.1:80/v1", out: "http://127.0.0.1:80/v1"},
		{in: "http://[::1]:8080/v1", out: "http://[::1]:8080/v1"},
		{in: "https://a.example/x%2Fy/v1", out: "https://a.example/x%2Fy/v1"},
		{in: "localhost:11434/v1", problem: scheme, suggest: "http://localhost:11434/v1"},
		{in: "127.0.0.1:11434/v1/", problem: scheme, suggest: "http://127.0.0.1:11434/v1"},
		{in: "api.example.com/v1", problem: scheme, suggest: "https://api.example.com/v1"},
		{in: "ftp://api.example.com/v1", problem: scheme},
		{in: "/v1", problem: scheme},
		{in: "", problem: scheme},
		{in: "u:CANARY@a.example/v1", problem: scheme},
		{in: "a.example/v1?key=CANARY", problem: scheme},
		{in: "https://u:CANARY@a.example/v1", problem: "must not hold a user name or password"},
		{in: "https://u:CANARY%zz@a.example/v1", problem: "is not a URL"},
		{in: "https://a.example/v1?key=CANARY", problem: "must not hold a query (?...)"},
		{in: "https://a.example/v1?", problem: "must not hold a query (?...)"},
		{in: "https://a.example/v1#CANARY", problem: "must not hold a fragment (#...)"},
		{in: "https://a.example/v1#", problem: "must not hold a fragment (#...)"},
		{in: "https:///v1", problem: "names no host"},
		{in: "https://:443/v1", problem: "names no host"},
		{in: "https://a b/v1", problem: "is not a URL"},
		{in: "https://a.example/v1\x1b", problem: "is not a URL"},
		{in: "https://a.example/v1/chat/completions", problem: "should end before /chat/completions"},
		{in: "https://a.example/v1/chat/completions/", problem: "should end before /chat/completions"},
	} {
		got, err := NormalizeBaseURL(tt.in)
		if tt.problem == "" {
			if got != tt.out || err != nil {
				t.Errorf("%q: %q, %v", tt.in, got, err)
			}
			continue
		}
		e, ok := err.(*BaseURLError)
		if !ok || got != "" || e.Error() != "base_url "+tt.problem || e.Suggest != tt.suggest {
			t.Errorf("%q: %q, %+v", tt.in, got, err)
		}
		if strings.Contains(fmt.Sprintf("%+v", e), "CANARY") {
			t.Errorf("the error of %q has its value: %+v", tt.in, e)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost.": true, "127.0.0.1": true, "127.8.9.10": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "localhost.example": false, "127.0.0.1.example": false, "128.0.0.1": false, "192.168.1.2": false, "0.0.0.0": false, "::": false, "2130706433": false,
	} {
		if IsLoopback(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}
