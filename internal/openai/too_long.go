package openai

import (
	"regexp"
	"strings"
)

// speaksOfContext reports whether a message, in small letters, says that the chat does
// not fit the model's context.
func speaksOfContext(text string) bool {
	for _, words := range []string{
		"context length", "context size", "context window", "length of all messages is too long",
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

// Tokens returns the model's limit and the request's size as a TooLong error's message
// gives them, in tokens, or empty strings. The words are those of OpenAI and most others,
// vLLM (passed, has), llama.cpp (request), llama-cpp-python (Requested tokens), Mistral
// (contains), Gemini (count) and Anthropic (too long).
func (e *Error) Tokens() (limit, size string) {
	if e.Kind != TooLong {
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
