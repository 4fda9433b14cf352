package openai

import (
	"regexp"
	"strings"
)

// speaksOfContext reports whether a message, in small letters, says that the chat does
// not fit the model's context.
func speaksOfContext(text string) bool {
	for _, words := range []string{
		"context length", "context size", "context window", "context limit", "length of all messages is too long",
		"prompt is too long",                   // Anthropic's
		"exceeds the maximum number of tokens", // Gemini's
		"tokens exceed the configured limit",   // OpenAI's newer one
	} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
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
// error gives them that SaysTooLong, or empty strings. The words are those of OpenAI and most others,
// vLLM (passed, has), llama.cpp (request), llama-cpp-python (Requested tokens), Mistral
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

// firstMatch returns what the first of some patterns with a match has in its group.
func firstMatch(text string, patterns ...string) string {
	for _, pattern := range patterns {
		if found := regexp.MustCompile(pattern).FindStringSubmatch(text); found != nil {
			return found[1]
		}
	}
	return ""
}
