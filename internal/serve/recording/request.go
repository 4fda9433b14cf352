package recording

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"oax/internal/chat"
	"oax/internal/openai"
	"oax/internal/openai/completions"
	"oax/internal/openai/responses"
)

// What a request says, as far as it is recorded.

const (
	maxDecoded = 64 << 20 // of a compressed body
	maxWindow  = 8 << 20  // what zstd may look back: RFC 9659 for Content-Encoding
	helperMax  = 100      // tokens, of an answer that is no part of a chat
)

// Request is what is recorded of a request.
type Request struct {
	API      openai.API // whose form the request and its answer have
	Model    string
	Messages []chat.Message
	Client   string // the program that sent it

	previous string // the ID of the response that comes before the messages, or empty
	name     string // what its headers call the session, or empty
	helper   bool   // it makes a title or the like
}

// Read returns what is recorded of a request whose body, as the endpoint gets it, is JSON. ok is
// false if nothing is: it goes to another path than the APIs have, comes from oax, which records
// itself, or cannot be decoded.
func Read(r *http.Request, body []byte) (q Request, ok bool) {
	api := apiOf(r.URL.Path)
	if api == nil || strings.HasPrefix(r.UserAgent(), "oax/") {
		return q, false
	}
	decoded, ok := decodeBody(r, body)
	if !ok {
		return q, false
	}
	f, messages, ok := readRequest(api, decoded)
	if !ok {
		return q, false
	}
	q = Request{API: api, Model: f.Model, Messages: messages, Client: clientName(r.UserAgent()),
		previous: f.Previous, name: sessionName(r.Header), helper: isHelper(f, messages)}
	if q.helper && q.name != r.Header.Get("X-Oax-Session") {
		q.name = "" // programs send the name of the chat that they make a title for
	}
	return q, true
}

// fields are what the JSON of a request says beside the messages of the Responses API.
type fields struct {
	Model     string            `json:"model"`
	Messages  []json.RawMessage `json:"messages"`
	Stream    bool              `json:"stream"`
	MaxTokens *int              `json:"max_tokens"`
	MaxOutput *int              `json:"max_completion_tokens"`
	MaxOfAll  *int              `json:"max_output_tokens"`
	Previous  string            `json:"previous_response_id"`
	Tools     []json.RawMessage `json:"tools"`
}

// apiOf returns the API whose requests go to a path, or nil if they are not recorded.
func apiOf(path string) openai.API {
	for _, api := range []openai.API{completions.API{}, responses.API{}} {
		if strings.HasSuffix(path, api.Path()) {
			return api
		}
	}
	return nil
}

// readRequest reads the JSON of a request; ok is whether it can be recorded.
func readRequest(api openai.API, body []byte) (f fields, messages []chat.Message, ok bool) {
	if json.Unmarshal(body, &f) != nil {
		return f, nil, false
	}
	if _, is := api.(responses.API); is {
		messages, ok = responses.Messages(body)
		return f, messages, ok
	}
	messages, ok = completions.Messages(f.Messages)
	return f, messages, ok
}

// decodeBody returns the JSON of a body, which may be compressed with gzip or zstd. A body
// that comes to more than 64 MiB is not decoded, and takes no memory: bytes are counted first.
func decodeBody(r *http.Request, body []byte) ([]byte, bool) {
	var z interface {
		io.Reader
		Reset(io.Reader) error
	}
	switch r.Header.Get("Content-Encoding") {
	case "", "identity":
		return body, true
	case "gzip":
		z = new(gzip.Reader)
	case "zstd":
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, false
		}
		defer d.Close()
		z = d
	default:
		return nil, false
	}
	if z.Reset(bytes.NewReader(body)) != nil {
		return nil, false
	}
	n, err := io.Copy(io.Discard, io.LimitReader(z, maxDecoded+1))
	if err != nil || n > maxDecoded || z.Reset(bytes.NewReader(body)) != nil {
		return nil, false
	}
	data := make([]byte, n)
	_, err = io.ReadFull(z, data)
	return data, err == nil
}

// sessionName returns what a client calls the session of a request, or nothing.
func sessionName(h http.Header) string {
	for _, header := range []string{"X-Oax-Session", "X-Conversation-Id", "X-Session-Id"} {
		name := h.Get(header)
		if name != "" && len(name) <= 128 && !strings.ContainsFunc(name, func(c rune) bool { return c < ' ' || c > '~' }) {
			return name
		}
	}
	return ""
}

// clientName returns the product that a User-Agent begins with, as OpenAI/JS 7.55: its first
// word, and the second one if that is the version.
func clientName(agent string) string {
	words := append(strings.Fields(agent), "", "")
	name := words[0]
	if second := words[1]; second != "" && second[0] >= '0' && second[0] <= '9' {
		name += " " + second
	}
	return strings.ToValidUTF8(name[:min(len(name), 60)], "")
}

// isHelper reports whether a request makes a title, a summary, a completion or a commit
// message beside the chats of its program, or is of a subagent. Of one that is streamed that is
// less sure: people who chat ask for such things too.
func isHelper(f fields, messages []chat.Message) bool {
	for _, limit := range []*int{f.MaxTokens, f.MaxOutput, f.MaxOfAll} {
		if limit != nil && *limit <= helperMax {
			return true
		}
	}
	return slices.ContainsFunc(messages, func(m chat.Message) bool {
		if !isSystem(m.Role) {
			return false
		}
		first, _, _ := strings.Cut(strings.TrimSpace(m.Text), "\n")
		first = strings.ToLower(first)
		switch {
		case strings.Contains(first, "subagent"):
			return true
		case f.Stream:
			return len(f.Tools) == 0 && strings.Contains(first, "generat") && strings.Contains(first, "title")
		}
		text := strings.ToLower(m.Text)
		return slices.ContainsFunc([]string{"title", "summary", "summarize", "completion", "commit message"}, func(word string) bool {
			return strings.Contains(text, word)
		})
	})
}
