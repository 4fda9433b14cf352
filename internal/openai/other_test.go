package openai_test

import (
	"encoding/json"
	"testing"

	"oax/internal/chat"
	"oax/internal/demo"

	. "oax/internal/openai"
	"oax/internal/openai/responses"
)

const onlyResponses = `{"error":{"message":"This model is only supported in v1/responses and not in v1/chat/completions.","type":"invalid_request_error","param":"model","code":null}}`

// completedEvent ends an answer of the Responses API that says a.
const completedEvent = `data: {"type":"response.completed","response":{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}]}}` + "\n\n"

// TestOtherAPI: a model that the endpoint has only in another API is asked there, if that is
// allowed, in the same turn and in all that follow.
func TestOtherAPI(t *testing.T) {
	refusal := demo.Reply(404, "application/json", onlyResponses)
	script := demo.Script(refusal, demo.Stream(demo.Send([]byte(completedEvent))))
	server, err := demo.Start(script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	var told []string
	c := newClient(Config{BaseURL: server.URL(), Limits: DefaultLimits(), Other: responses.API{}, OnOther: func(model string) { told = append(told, model) }})
	for range 2 {
		if m, err := ask(t, c); err != nil || m.Text != "a" {
			t.Fatal(m, err)
		}
	}
	var paths []string
	for _, r := range script.Requests() {
		paths = append(paths, r.Path)
	}
	if len(paths) != 3 || paths[0] != "/v1/chat/completions" || paths[1] != "/v1/responses" || paths[2] != paths[1] || len(told) != 1 || told[0] != "m" {
		t.Errorf("asked at %q, told of %q", paths, told)
	}
}

// TestOnlyIn: where nothing else may be asked the error says in which API the model is.
func TestOnlyIn(t *testing.T) {
	for message, want := range map[string]string{
		"This model is only supported in v1/responses and not in v1/chat/completions.":                                                  "/responses",
		"This model is only supported in v1/chat/completions and not in v1/responses.":                                                  "/chat/completions",
		"Function tools with reasoning_effort are not supported for gpt-5.6 in /v1/chat/completions. Please use /v1/responses instead.": "/responses",
		"This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?":      "",
	} {
		body, _ := json.Marshal(map[string]any{"error": map[string]string{"message": message}})
		script := demo.Script(demo.Reply(400, "application/json", string(body)))
		_, err := ask(t, serve(t, script))
		failure, ok := err.(*Error)
		if !ok || failure.OnlyIn != want || (failure.Kind == OtherAPI) != (want != "") || len(script.Requests()) != 1 {
			t.Errorf("%s: %#v", message, err)
		}
	}
}

// TestRefusedExtra: a request is sent once more without what asks for encrypted reasoning, if
// the service refuses that.
func TestRefusedExtra(t *testing.T) {
	for _, body := range []string{
		`{"error":{"message":"Encrypted content is not supported with this model.","type":"invalid_request_error","param":"include","code":null}}`,
		`{"error":{"message":"The encrypted content gAAA could not be verified.","param":null,"code":"invalid_encrypted_content"}}`,
	} {
		script := demo.Script(demo.Reply(400, "application/json", body), demo.Stream(demo.Send([]byte(completedEvent))))
		server, err := demo.Start(script)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		m, err := ask(t, New(Config{API: responses.API{}, BaseURL: server.URL(), Limits: DefaultLimits()}))
		var include []bool
		for _, r := range script.Requests() {
			var sent map[string]any
			_ = json.Unmarshal(r.Body, &sent)
			include = append(include, sent["include"] != nil)
		}
		if err != nil || m.Text != "a" || len(include) != 2 || !include[0] || include[1] {
			t.Errorf("%q %v, include sent: %v", m.Text, err, include)
		}
	}
}

// TestHiddenCut: an answer as long as the request allows is cut, whatever the service calls it.
func TestHiddenCut(t *testing.T) {
	chunk := func(finish, usage string) string {
		return `data: {"choices":[{"delta":{"content":"a"},"finish_reason":` + finish + `}],"usage":` + usage + "}\n\n"
	}
	for _, tt := range []struct {
		name, body string
		params     map[string]any
		why        chat.Why
	}{
		{"cut", chunk(`"stop"`, `{"completion_tokens":5}`), map[string]any{"max_tokens": 5}, chat.Length},
		{"the usage later", chunk(`"tool_calls"`, `null`) + chunk("null", `{"completion_tokens":5}`), map[string]any{"max_completion_tokens": json.RawMessage("5")}, chat.Length},
		{"the usage before", chunk("null", `{"completion_tokens":5}`) + chunk(`"stop"`, `null`), map[string]any{"max_tokens": 5}, chat.Length},
		{"shorter", chunk("null", `{"completion_tokens":5}`) + chunk(`"stop"`, `{"completion_tokens":6}`), map[string]any{"max_tokens": 7}, ""},
		{"no limit", chunk(`"stop"`, `{"completion_tokens":5}`), nil, ""},
		{"no usage", chunk(`"stop"`, `null`), map[string]any{"max_tokens": 5}, ""},
		{"filtered", chunk(`"content_filter"`, `{"completion_tokens":5}`), map[string]any{"max_tokens": 5}, chat.Filter},
		{"broken off", chunk("null", `{"completion_tokens":5}`), map[string]any{"max_tokens": 5}, chat.Cut},
	} {
		c := serve(t, demo.Script(demo.Stream(demo.Send([]byte(tt.body)))))
		stream, err := c.Stream(t.Context(), Request{Params: tt.params})
		if err != nil {
			t.Fatal(err)
		}
		if m, err := gather(t.Context(), stream); err != nil || m.Why != tt.why {
			t.Errorf("%s: %q %v", tt.name, m.Why, err)
		}
	}
}
