package openai_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	. "oax/internal/openai"
)

// TestSecretsDoNotComeBack: a service that repeats the request's secrets, wherever it can,
// gets them neither into an error nor into an answer's names.
func TestSecretsDoNotComeBack(t *testing.T) {
	const key, token, password = "sk-0123456789/+x", "the-other-secret", "pass/w0rd-of-proxy"
	everything := func(hr *http.Request) string {
		all := hr.Header.Get("Authorization") + " " + hr.Header.Get("X-Token") + " " + url.QueryEscape(key) + " " + url.PathEscape(key)
		if auth := hr.Header.Get("Proxy-Authorization"); auth != "" {
			all += " " + auth + " " + password
		}
		return all
	}
	line := func(format string) func(string) string {
		return func(all string) string {
			return fmt.Sprintf(strings.ReplaceAll(format, "\n", "\r\n"), all)
		}
	}
	event := func(data string) func(string) string {
		return func(all string) string {
			body := strings.ReplaceAll("data: "+data, "ALL", all) + "\n\n" + doneEvent
			return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		}
	}
	for name, reply := range map[string]func(all string) string{
		"message":           line("HTTP/1.1 400 no\n\n{\"error\":{\"message\":\"%[1]s\",\"code\":\"%[1]s\",\"param\":\"%[1]s\",\"metadata\":{\"raw\":\"%[1]s\"}}}"),
		"text":              line("HTTP/1.1 400 no\n\n%s"),
		"status of CONNECT": line("HTTP/1.1 407 %s\n\n"),
		"no HTTP":           line("%s\n\n"),
		"header":            line("HTTP/1.1 200 OK\n%s\n\n"),
		"encoding":          line("HTTP/1.1 200 OK\nContent-Encoding: %s\n\n"),
		"rate limit":        line("HTTP/1.1 429 no\nRetry-After: 9999\nX-Ratelimit-Reset: %s\n\n"),
		"redirect":          line("HTTP/1.1 302 no\nLocation: http://b.example/%s\n\n"),
		"error in an event": event(`{"error":{"message":"ALL"}}`),
		"model":             event(`{"model":"ALL","choices":[{"delta":{"content":"a"}}]}`),
		"finish reason":     event(`{"choices":[{"delta":{"content":"a"},"finish_reason":"ALL"}]}`),
		"tool":              event(`{"choices":[{"delta":{"tool_calls":[{"id":"ALL","function":{"name":"ALL"},"extra":"ALL"}]}}]}`),
		"usage":             event(`{"usage":{"ALL":"ALL"},"choices":[{"delta":{"content":"a","images":["ALL"],"extra_content":"ALL"}}]}`),
	} {
		for _, proxied := range []bool{false, true} {
			address, asked := raw(t, func(hr *http.Request) string { return reply(everything(hr)) })
			config := Config{BaseURL: "http://" + address, Key: key, Secrets: []string{token}, Limits: DefaultLimits(),
				Header: http.Header{"X-Token": {token}}}
			if proxied {
				proxy := &url.URL{Scheme: "http", Host: address, User: url.UserPassword("user", password)}
				config.BaseURL, config.Proxy = "http://a.example", http.ProxyURL(proxy)
			}
			if name == "status of CONNECT" {
				if !proxied {
					continue
				}
				config.BaseURL = "https://a.example"
			}
			c := newClient(config)
			m, err := askFor(t.Context(), c, "q")
			c.Close()
			if *asked == 0 {
				t.Fatalf("%s: nothing was asked: %v", name, err)
			}
			said := fmt.Sprintf("%+v %s %s", m, m.Usage, m.Opaque)
			for _, p := range m.Parts {
				said += string(p.JSON)
			}
			for _, c := range m.ToolCalls {
				said += string(c.Opaque)
			}
			if failure, ok := err.(*Error); ok {
				said += fmt.Sprintf("%+v %v %v", *failure, failure, failure.Err)
			} else if err != nil {
				t.Error(err)
			}
			if !strings.Contains(said, "[key]") {
				t.Errorf("%s: nothing came back: %s", name, said)
			}
			for _, secret := range []string{key, token, password, url.QueryEscape(key), url.PathEscape(password), "0123456789", "dXNlcjpwYXNz"} {
				if strings.Contains(said, secret) {
					t.Errorf("%s, proxied %v: %s is in\n%s", name, proxied, secret, said)
				}
			}
		}
	}
}

// raw starts a server that writes any bytes in reply to a request. It counts requests.
func raw(t *testing.T, reply func(*http.Request) string) (address string, asked *int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked = new(int)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			answerOne(conn, reply, asked)
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	return listener.Addr().String(), asked
}
