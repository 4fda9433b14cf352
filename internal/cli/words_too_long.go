package cli

import (
	"fmt"
	"strconv"
	"strings"

	"oax/internal/chat"
	"oax/internal/openai"
)

// fitting says how to send less of a chat that is too long. Nothing is left out unasked.
func fitting(messages []chat.Message, failure *openai.Error) string {
	history := withoutSystem(messages)
	if len(history) < 3 { // a prompt alone
		return "shorten the prompt, or ask a model that takes more: -m NAME"
	}
	limit, size := failure.Tokens()
	switch n := lastFitting(messages, tokenCount(limit), tokenCount(size)); {
	case n > 0:
		return fmt.Sprintf("--last %d sends only as much as is likely to fit; or start a new chat", n)
	case n == 0:
		return "start a new chat: not even the last turn would fit with the prompt"
	}
	return "start a new chat, or send only the last turns with --last 10"
}

func tokenCount(text string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
	if err != nil {
		return 0
	}
	return n
}

func withoutSystem(messages []chat.Message) []chat.Message {
	for len(messages) > 0 && messages[0].Role == chat.System {
		messages = messages[1:]
	}
	return messages
}

// lastFitting returns how many turns before the prompt are likely to fit, -1 if that
// cannot be told. A token is taken to be as long everywhere in the chat, and a tenth of
// the limit is left for what differs and for the answer.
func lastFitting(messages []chat.Message, limit, size int) int {
	total := textSize(messages)
	if limit <= 0 || size <= limit || total == 0 {
		return -1
	}
	history := withoutSystem(messages)
	room := total*limit/size*9/10 - textSize(messages[:len(messages)-len(history)])
	prompt := len(history) - 1
	room -= textSize(history[prompt:])
	n := 0
	for at := prompt - 2; at >= 0; at -= 2 {
		if room -= textSize(history[at : at+2]); room < 0 {
			break
		}
		n++
	}
	return n
}

func textSize(messages []chat.Message) int {
	n := 0
	for _, m := range messages {
		n += len(m.Text) + len(m.Refusal)
	}
	return n
}
