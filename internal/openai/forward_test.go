package openai_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	. "oax/internal/openai"
)

// TestForward: what another program asks goes on with the key and the configured headers,
// and a request without a body stays one.
func TestForward(t *testing.T) {
	var got *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r }))
	defer server.Close()
	for _, configured := range []string{"", "Gateway/1"} {
		header := http.Header{}
		want := "Editor/2"
		if configured != "" {
			header.Set("User-Agent", configured)
			want = configured
		}
		c := newClient(Config{BaseURL: server.URL, Key: "0123456789", UserAgent: "oax/1", Header: header, Limits: DefaultLimits()})
		hr, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/batches/1/cancel", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		hr.Header.Set("User-Agent", "Editor/2")
		resp, err := c.Forward(hr)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		c.Close()
		if agent := got.Header.Get("User-Agent"); agent != want || got.Header.Get("Authorization") != "Bearer 0123456789" {
			t.Errorf("sent %v, want the User-Agent %s", got.Header, want)
		}
		if got.ContentLength != 0 || len(got.TransferEncoding) > 0 {
			t.Errorf("a body of %d bytes, %v", got.ContentLength, got.TransferEncoding)
		}
	}
}
