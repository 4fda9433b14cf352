package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"oax/internal/demo"
)

// strictly returns a home and an endpoint that takes nothing but what OpenAI publishes
// ("Create chat completion", and the types of openai-python, which are generated from
// its specification): a field that is not there, or a value of another type, is a 400.
func strictly(t *testing.T, answers ...string) (*home, *demo.Scripted) {
	t.Helper()
	var exchanges []demo.Exchange
	for _, text := range answers {
		exchanges = append(exchanges, demo.Stream(demo.Answer(text)...))
	}
	h, script := newHome(t), demo.Script(exchanges...)
	url := listens(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = checkRequest(r, body)
		}
		if err != nil {
			t.Errorf("refused: %v", err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		script.ServeHTTP(w, r)
	}))
	h.env["OPENAI_BASE_URL"] = url
	return h, script
}

// publishedRequest are the fields of the body that oax has flags for, and those it adds.
type publishedRequest struct {
	Messages            []publishedMessage `json:"messages"`
	Model               string             `json:"model"`
	Stream              bool               `json:"stream"`
	StreamOptions       map[string]bool    `json:"stream_options"`
	ResponseFormat      *publishedFormat   `json:"response_format"`
	Temperature         *float64           `json:"temperature"`
	TopP                *float64           `json:"top_p"`
	MaxTokens           *int               `json:"max_tokens"`
	MaxCompletionTokens *int               `json:"max_completion_tokens"`
	Stop                []string           `json:"stop"`
	Seed                *int64             `json:"seed"`
	ReasoningEffort     string             `json:"reasoning_effort"`
}

type publishedMessage struct {
	Role    string           `json:"role"`
	Content publishedContent `json:"content"`
}

// publishedContent is a string, or parts.
type publishedContent struct {
	text  string
	parts []publishedPart
}

func (c *publishedContent) UnmarshalJSON(raw []byte) error {
	if raw[0] == '"' {
		return json.Unmarshal(raw, &c.text)
	}
	return decodeStrictly(raw, &c.parts)
}

type publishedPart struct {
	Type     string  `json:"type"`
	Text     *string `json:"text"`
	ImageURL *struct {
		URL    string `json:"url"`
		Detail string `json:"detail"`
	} `json:"image_url"`
	File *struct {
		FileID   string `json:"file_id"`
		Filename string `json:"filename"`
		FileData string `json:"file_data"`
	} `json:"file"`
}

type publishedFormat struct {
	Type       string `json:"type"`
	JSONSchema *struct {
		Name        string         `json:"name"`
		Description string         `json:"description"`
		Schema      map[string]any `json:"schema"`
		Strict      *bool          `json:"strict"`
	} `json:"json_schema"`
}

func decodeStrictly(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func checkRequest(r *http.Request, body []byte) error {
	if r.Method != http.MethodPost || r.URL.Path != "/v1/chat/completions" || r.Header.Get("Content-Type") != "application/json" {
		return fmt.Errorf("%s %s of %q", r.Method, r.URL, r.Header.Get("Content-Type"))
	}
	var req publishedRequest
	if err := decodeStrictly(body, &req); err != nil {
		return err
	}
	if len(req.Messages) == 0 || !req.Stream {
		return fmt.Errorf("no messages, or no stream")
	}
	for _, m := range req.Messages {
		if !strings.Contains(" system developer user assistant ", " "+m.Role+" ") {
			return fmt.Errorf("role %q", m.Role)
		}
		for _, part := range m.Content.parts {
			if err := part.check(m.Role); err != nil {
				return err
			}
		}
	}
	return req.ResponseFormat.check()
}

// check wants exactly the one field that belongs to the type.
func (p publishedPart) check(role string) error {
	type fields struct{ text, image, file bool }
	has := fields{p.Text != nil, p.ImageURL != nil, p.File != nil}
	want, known := map[string]fields{"text": {text: true}, "image_url": {image: true}, "file": {file: true}}[p.Type]
	switch {
	case !known || has != want:
		return fmt.Errorf("a part %q with %+v", p.Type, has)
	case p.Type != "text" && role != "user":
		return fmt.Errorf("a part %q of the %s", p.Type, role)
	case p.Type == "image_url":
		return checkDataURL(p.ImageURL.URL)
	case p.Type == "file" && (p.File.Filename == "" || strings.Contains(p.File.Filename, "/")):
		return fmt.Errorf("the file name %q", p.File.Filename)
	case p.Type == "file":
		return checkDataURL(p.File.FileData)
	}
	return nil
}

// checkDataURL wants base64 of what the URL says it is.
func checkDataURL(address string) error {
	found := regexp.MustCompile(`^data:([a-z]+/[a-z]+);base64,(.*)$`).FindStringSubmatch(address)
	if found == nil {
		return fmt.Errorf("the URL %q", address)
	}
	data, err := base64.StdEncoding.Strict().DecodeString(found[2])
	if err != nil {
		return err
	}
	if is := http.DetectContentType(data); is != found[1] {
		return fmt.Errorf("%s that is %s", found[1], is)
	}
	return nil
}

func (f *publishedFormat) check() error {
	switch {
	case f == nil:
		return nil
	case f.Type != "json_schema" || f.JSONSchema == nil || len(f.JSONSchema.Schema) == 0:
		return fmt.Errorf("the response format %+v", f)
	case !regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`).MatchString(f.JSONSchema.Name):
		return fmt.Errorf("the name %q of a schema", f.JSONSchema.Name)
	}
	return nil
}

// A schema, with every other parameter, is in the published form.
func TestSchemaStrictly(t *testing.T) {
	t.Parallel()
	h, script := strictly(t, `{"ok":true}`)
	h.write("a b.json", `{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"additionalProperties":false}`)
	h.write("a.png", aPNG)
	r := h.run("--schema", "a b.json", "-a", "a.png", "--temperature", "0.5", "--top-p", "1", "--max-tokens", "5",
		"--stop", "x", "--stop", "y", "--seed", "7", "--effort", "low", "-m", "gpt", "is this a cat?")
	h.check(r, want{stdout: "{\"ok\":true}\n", prompt: "is this a cat?\n\n[image: a.png]", answer: `{"ok":true}`})
	var body publishedRequest
	must(t, json.Unmarshal(script.Requests()[0].Body, &body))
	format := body.ResponseFormat.JSONSchema
	if format.Name != "a_b" || format.Strict == nil || !*format.Strict || format.Schema["type"] != "object" {
		t.Errorf("%+v", format)
	}
	if body.Seed == nil || *body.Seed != 7 || len(body.Stop) != 2 || *body.TopP != 1 || body.ReasoningEffort != "low" || body.Model != "gpt" {
		t.Errorf("%+v", body)
	}
}
