package openai_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
	. "oax/internal/openai"
	"oax/internal/openai/completions"
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

// TestListener: an answer that is read beside its way to another program says what it says
// as a Stream, wherever it is cut.
func TestListener(t *testing.T) {
	const whole = `{"choices":[{"message":{"content":"<think>b</think>a"},"finish_reason":"stop"}]}`
	stream := strings.Repeat(fmt.Sprintf(chunkEvent, "<think>b</think>a"), 3) + finishEvent
	for name, body := range map[string]string{
		"stream": stream + doneEvent, "no [DONE]": stream, "no blank line": strings.TrimSpace(stream), "cut": stream[:len(stream)/2],
		"a mark first": "\xef\xbb\xbf" + stream, "spaces first": "\r\n " + stream, "nothing": "", "spaces": " \n",
		"whole": whole, "whole, a mark first": "\xef\xbb\xbf" + whole, "whole, spaces first": " \n" + whole, "half": whole[:20],
		"a web page": "<html>", "an error": `{"error":{"message":"no"}}`, "an error event": `data: {"error":{"message":"no"}}` + "\n\n", "no JSON": "data: x\n\n",
	} {
		c := newClient(Config{Limits: DefaultLimits(), ReasoningTags: true})
		want, wantErr := readWith(c, &pieces{rest: pieceOf(body)})
		for _, size := range []int{1, 7, len(body) + 1} {
			var turn chat.Turn
			l := c.Listen(completions.API{})
			var err error
			for piece := range slices.Chunk([]byte(body), size) {
				if err = l.Write(piece, turn.Add); err != nil {
					break
				}
			}
			if err == nil {
				err = l.End(io.EOF, turn.Add)
			}
			m := turn.End("")
			if err == io.EOF {
				err = nil
			}
			if m.Text != want.Text || m.Reasoning != want.Reasoning || m.FinishReason != want.FinishReason || kindOf(err) != kindOf(wantErr) {
				t.Errorf("%s in pieces of %d: %q %q, %v; want %q %q, %v", name, size, m.Reasoning, m.Text, err, want.Reasoning, want.Text, wantErr)
			}
		}
	}
}
