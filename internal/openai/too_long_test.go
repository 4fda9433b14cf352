package openai

import "testing"

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
