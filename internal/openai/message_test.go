package openai

import (
	"cmp"
	"testing"
)

// refusalsSeen are bodies of refusals as services send them, with the field that each
// does not take and the one it wants instead.
func refusalsSeen() []struct{ body, field, instead string } {
	return []struct{ body, field, instead string }{
		{`{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}`, "max_tokens", "max_completion_tokens"},
		{`{"error":{"message":"Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.","param":"temperature","code":"unsupported_value"}}`, "temperature", ""},
		{`{"error":{"message":"Unsupported value: 'messages[0].role' does not support 'system' with this model.","param":"messages[0].role"}}`, "messages[0].role", ""},
		{`{"error":{"message":"Unrecognized request argument supplied: top_k","type":"invalid_request_error","param":null}}`, "top_k", ""},
		{`{"error":{"message":"Unknown parameter: 'top_k'."}}`, "top_k", ""},
		{`[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"top_k\": Cannot find field.","status":"INVALID_ARGUMENT"}}]`, "top_k", ""},
		{`{"error":{"message":"property 'top_k' is unsupported, did you mean 'top_p'?","type":"invalid_request_error"}}`, "top_k", ""},
		{`{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],"msg":"Extra inputs are not permitted","input":32000}]},"type":"invalid_request_error"}`, "max_completion_tokens", ""},
		{`{"object":"error","message":"{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"seed\"],\"msg\":\"Extra inputs are not permitted\"}]}"}`, "seed", ""},
		{`{"object":"Error","detail":[{"loc":["body","tools"],"msg":"Extra inputs are not permitted"}],"message":[{"loc":["body","tools"],"msg":"Extra inputs are not permitted"}]}`, "tools", ""},
		{`{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), 'msg': 'Extra inputs are not permitted', 'input': 8192}]","code":400}`, "max_completion_tokens", ""},
		{`{"error":"Argument not supported on this model: presencePenalty"}`, "presence_penalty", ""},
		{`{"error":{"message":"Extra inputs are not permitted, field: 'top_x', value: 1"}}`, "top_x", ""},
		{`{"error":{"message":"json: unknown field \"stream_options\""}}`, "stream_options", ""},
		{"{\"error\":{\"message\":\"Failed to deserialize: unknown field `foo`, expected one of\"}}", "foo", ""},
		{"{\"error\":{\"message\":\"`temperature` is deprecated for this model\"}}", "temperature", ""},
		{`{"error":{"message":"The parameter top_k is not supported"}}`, "top_k", ""},
		{`{"error":{"message":"registry.ollama.ai/library/gemma:2b does not support tools","type":"api_error"}}`, "tools", ""},
		{"{\"error\":{\"message\":\"`tool calling` is not supported with this model\"}}", "tool", ""},
		{`{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"}`, "tool", ""},
		{`{"error":{"message":"Invalid value for the model"}}`, "", ""},
		{`no JSON`, "", ""},
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range refusalsSeen() {
		said := cmp.Or(ParseError([]byte(tt.body)), &Reported{Message: tt.body})
		e := &Error{Kind: BadStatus, Status: 400, Message: said.Message, Param: said.Param}
		field, instead := e.Refused()
		if field != tt.field || instead != tt.instead {
			t.Errorf("%s: %q, %q", tt.body, field, instead)
		}
		if e.Message == "" {
			t.Errorf("%s: nothing to say", tt.body)
		}
		e.Status = 500
		if field, _ := e.Refused(); field != "" {
			t.Errorf("a broken server refuses %s", field)
		}
	}
}

// FuzzRefused holds that no body of an error makes it panic.
func FuzzRefused(f *testing.F) {
	for _, tt := range refusalsSeen() {
		f.Add([]byte(tt.body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		said := cmp.Or(ParseError(body), new(Reported))
		(&Error{Kind: BadStatus, Status: 400, Message: said.Message, Param: said.Param, Detail: said.Detail}).Refused()
	})
}

func TestTokens(t *testing.T) {
	for _, test := range []struct{ message, limit, size string }{
		{"This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens. Please reduce the length of the messages.", "8192", "9001"},
		{"Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300011 tokens.", "272000", "300011"},
		{"This model's maximum context length is 16384 tokens. However, you requested 122946 tokens (112946 in the messages, 10000 in the completion).", "16384", "122946"},
		{"This model's maximum context length is 4096 tokens. However, your request has 5008 input tokens. Please reduce the length of the input messages.", "4096", "5008"},
		{"You passed 5001 input tokens and requested 100 output tokens. However, the model's context length is only 4096 tokens.", "4096", "5001"},
		{"This endpoint's maximum context length is 200000 tokens. However, you requested about 2500021 tokens (2500021 of text input).", "200000", "2500021"},
		{"request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it", "4096", "4390"},
		{"Requested tokens (2285) exceed context window of 2048", "2048", "2285"},
		{"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length", "32768", "40000"},
		{"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", "1048576", "1200000"},
		{"prompt is too long: 210000 tokens > 200000 maximum", "200000", "210000"},
		{"the request exceeds the available context size. try increasing the context size or enable context shift", "", ""},
		{"Please reduce the length of the messages or completion. The context window is exceeded.", "", ""},
	} {
		e := &Error{Status: 400, Message: test.message}
		e.classify()
		if limit, size := e.Tokens(); e.Kind != TooLong || limit != test.limit || size != test.size {
			t.Errorf("%s: %s, limit %s, size %s", test.message, e.Kind, limit, size)
		}
	}
	if limit, _ := (&Error{Kind: BadStatus, Message: "the limit of 5 tokens"}).Tokens(); limit != "" {
		t.Error("another error has a limit of", limit)
	}
}
