package cli

import (
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/openai"
)

func TestFitting(t *testing.T) {
	said := func(role chat.Role, size int) chat.Message {
		return chat.Message{Role: role, Text: strings.Repeat("x", size)}
	}
	var talk []chat.Message // 10 turns of 1,000 bytes
	for range 10 {
		talk = append(talk, said(chat.User, 300), said(chat.Assistant, 700))
	}
	ask := func(system, prompt int) []chat.Message {
		all := append([]chat.Message{said(chat.System, system)}, talk...)
		return append(all, said(chat.User, prompt))
	}
	const numbers = "maximum context length is 1000 tokens. However, your messages resulted in 2,000 tokens."
	for _, test := range []struct {
		name     string
		messages []chat.Message
		said     string
		want     string
	}{
		{"half of it fits", ask(0, 0), numbers, "--last 4 sends only"}, // 10,000 bytes are 2,000 tokens: 4,500 fit
		{"a long system message", ask(3000, 1000), numbers, "--last 2 sends only"},
		{"a long prompt", ask(0, 10000), numbers, "start a new chat: not even the last turn"},
		{"no numbers", ask(0, 0), "too long", "start a new chat, or send only the last turns with --last 10"},
		{"numbers that cannot be", ask(0, 0), "maximum context length is 3000 tokens. However, your messages resulted in 2000 tokens.", "start a new chat, or send"},
		{"a prompt alone", []chat.Message{said(chat.System, 5), said(chat.User, 9)}, numbers, "shorten the prompt"},
	} {
		got := fitting(test.messages, &openai.Error{Kind: openai.TooLong, Message: test.said})
		if !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
