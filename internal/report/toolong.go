package report

// What to do about a chat that is too long for the model. Nothing is left out unasked.

import (
	"fmt"
	"strconv"
	"strings"

	"oax/internal/chat"
	"oax/internal/openai"
)

func tooLong(e *openai.Error) *Error {
	what := "the chat is too long for " + e.Model
	if limit, size := e.Tokens(); limit != "" {
		what += fmt.Sprintf(" (%s tokens; limit %s)", size, limit)
	}
	kind := fmt.Sprint(e.Status)
	if e.Kind == openai.ServiceError {
		kind = string(e.Why())
	}
	return &Error{What: withWords(what, serviceWords(e)), Hint: fitHint(nil, e), Kind: kind, Code: ExitRefused}
}

// fitHint returns how to send less of the messages that were too long, or what helps in
// general if they are not known.
func fitHint(messages []chat.Message, failure *openai.Error) string {
	history := withoutSystem(messages)
	turns := (len(history) - 1) / 2 // before the prompt
	switch {
	case messages == nil:
		turns = 20
	case turns < 1:
		return "shorten the prompt, or ask a model that takes more: -m NAME"
	}
	limit, size := failure.Tokens()
	switch n := fittingTurns(messages, tokenCount(limit), tokenCount(size)); {
	case n > 0:
		return fmt.Sprintf("--last %d sends only as much as is likely to fit; or start a new chat", n)
	case n == 0:
		return "start a new chat: not even the last turn would fit with the prompt"
	case turns == 1:
		return "start a new chat, or shorten the prompt"
	}
	return fmt.Sprintf("start a new chat, or send only the last turns with --last %d", min(turns/2, 10))
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

// fittingTurns returns how many turns before the prompt are likely to fit, -1 if that is
// not known. It takes tokens to be equally long everywhere in the chat, and leaves a tenth
// of the limit for where they are not and for the answer.
func fittingTurns(messages []chat.Message, limit, size int) int {
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
