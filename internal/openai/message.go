package openai

import (
	"net/http"
	"regexp"
	"strings"
	"unicode"
)

// Refused returns the field of the request that the service does not accept, or not with
// that value, and the field that it wants instead. Both are empty if the error names
// none. OpenAI and Azure name it in a code and a parameter, others only in the message.
func (e *Error) Refused() (field, instead string) {
	if e.Kind != BadStatus || e.Status != http.StatusBadRequest && e.Status != http.StatusUnprocessableEntity {
		return "", ""
	}
	instead = firstMatch(e.Message, `[Uu]se '(\w+)' instead`)
	if e.Param != "" {
		return snake(e.Param), instead
	}
	field = firstMatch(e.Message+"\n"+e.Detail, refusals()...)
	if field == "" {
		return "", ""
	}
	return snake(field), instead
}

// refusals match the messages about a field that is not accepted; the first group is the
// field.
func refusals() []string {
	return []string{
		`(?i)unsupported (?:parameter|value): '([\w.\[\]]+)'`,             // OpenAI, Azure
		`(?i)unrecognized request arguments? supplied: ([\w.]+)`,          // OpenAI, Azure, older
		`(?i)unknown (?:parameter|field|argument):? ["'` + "`" + `](\w+)`, // OpenAI; servers in Go and Rust
		`(?i)unknown name \\?"(\w+)\\?"`,                                  // Google
		`(?i)property '([\w.]+)' is unsupported`,                          // Groq, Cerebras
		`(?i)'loc': [(\[]'body', '(\w+)'`,                                 // vLLM, which prints Python
		`(?i)not permitted, field: '(\w+)'`,                               // Fireworks
		`(?i)argument not supported on this model: (\w+)`,                 // xAI
		`does not support (tools)\b`,                                      // ollama
		"`(tool) calling` is not supported",                               // Groq
		`"auto" (tool) choice requires`,                                   // vLLM
		`(?i)["'` + "`" + `](\w+)["'` + "`" + `](?: parameter| field)? is (?:not supported|unsupported|not allowed|deprecated)`,
		`(?i)(?:parameter|field|argument) (\w+) is (?:not supported|unsupported|not allowed)`,
	}
}

// onlyIn returns the path of the API in which the service says it has a model, or how it
// offers what was asked for, or "". OpenAI: "This model is only supported in v1/responses and
// not in v1/chat/completions", and "Function tools with reasoning_effort are not supported
// for ... in /v1/chat/completions. Please use /v1/responses instead".
func onlyIn(message string) string {
	return firstMatch(message, `only supported in /?v1(/responses|/chat/completions)`, `(?i)use /?v1(/responses|/chat/completions)`)
}

// snake writes a name in snake case, as fields are sent: some services write it in camel
// case, as in their own code.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) {
			if i > 0 {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// speaksOfContext reports whether a message, in small letters, says that the chat does
// not fit the model's context.
func speaksOfContext(text string) bool {
	return containsAny(text,
		"context length", "context size", "context window", "context limit", "length of all messages is too long",
		"prompt is too long",                   // Anthropic's
		"exceeds the maximum number of tokens", // Gemini's
		"tokens exceed the configured limit",   // OpenAI's newer one
	)
}

// LacksPermission reports whether the service accepts the key, but not for this request.
func (e *Error) LacksPermission() bool {
	return containsAny(strings.ToLower(e.Message), "missing scope", "permission")
}

// SaysTooLong reports whether an error says that the chat does not fit the model's context.
// Gateways say so with other statuses than 400, too, or inside a stream.
func (e *Error) SaysTooLong() bool {
	switch {
	case e.Kind == TooLong:
		return true
	case e.Kind == ServiceError, e.Kind == BadStatus && (e.Status == 413 || e.Status == 422 || e.Status == 500):
		return e.Code == "context_length_exceeded" || speaksOfContext(strings.ToLower(e.Message))
	}
	return false
}

// Tokens returns the model's limit and the request's size, in tokens, as the message of an
// error that SaysTooLong gives them, or empty strings. The patterns match OpenAI and
// services that copy its message, vLLM (passed, has), llama.cpp (request), llama-cpp-python (Requested tokens), Mistral
// (contains), Gemini (count) and Anthropic (too long).
func (e *Error) Tokens() (limit, size string) {
	if !e.SaysTooLong() {
		return "", ""
	}
	const number = `\(?([0-9][0-9,]*)`
	limit = firstMatch(e.Message,
		`(?i)context length (?:is|of)(?: only)? `+number, `(?i)limit of `+number, `(?i)context size `+number,
		`(?i)context window of `+number, `(?i)tokens allowed `+number, number+`\)? maximum`)
	size = firstMatch(e.Message,
		`(?i)(?:resulted in|requested|requested about|you passed|request has|prompt contains|too long:|request|requested tokens|token count) `+number)
	if limit == "" || size == "" {
		return "", ""
	}
	return limit, size
}

// firstMatch returns the group of the first of some patterns that matches.
func firstMatch(text string, patterns ...string) string {
	for _, pattern := range patterns {
		if found := regexp.MustCompile(pattern).FindStringSubmatch(text); found != nil {
			return found[1]
		}
	}
	return ""
}

func containsAny(text string, words ...string) bool {
	for _, word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
