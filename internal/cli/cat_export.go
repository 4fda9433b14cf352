package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/term"
)

// jsonLines is an object a message, each on a line.
func jsonLines(s *session.Session) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for _, m := range s.Messages {
		_ = encoder.Encode(struct {
			Session string    `json:"session"`
			Time    time.Time `json:"time"`
			chat.Message
		}{s.ID, m.Time, m.Message})
	}
	return b.String()
}

// exported is a session as one JSON object: the messages as in the body of a request
// of chat completions, each with what oax knows of it besides.
type exported struct {
	ID       string            `json:"id"`
	Title    string            `json:"title"`
	Time     time.Time         `json:"time"`
	ForkOf   *session.Fork     `json:"fork_of,omitempty"`
	Messages []exportedMessage `json:"messages"`
}

type exportedMessage struct {
	Role         chat.Role       `json:"role"`
	Content      string          `json:"content"`
	Reasoning    string          `json:"reasoning,omitempty"`
	Refusal      string          `json:"refusal,omitempty"`
	ToolCalls    []exportedCall  `json:"tool_calls,omitempty"`
	Time         time.Time       `json:"time"`
	Model        string          `json:"model,omitempty"`
	Profile      string          `json:"profile,omitempty"`
	FinishReason string          `json:"finish_reason,omitempty"`
	Usage        json.RawMessage `json:"usage,omitempty"`
	State        chat.State      `json:"state,omitempty"`
	Why          chat.Why        `json:"why,omitempty"`
}

// exportedCall is a tool call as the API has it.
type exportedCall struct {
	ID       string           `json:"id"`
	Type     string           `json:"type"`
	Function exportedFunction `json:"function"`
}

type exportedFunction struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// document is a session as one JSON object.
func document(s *session.Session) string {
	e := exported{ID: s.ID, Title: s.Title, Time: s.Time, ForkOf: s.ForkOf, Messages: []exportedMessage{}}
	for _, m := range s.Messages {
		out := exportedMessage{
			Role: m.Role, Content: m.Text, Reasoning: m.Reasoning, Refusal: m.Refusal,
			Time: m.Time, Model: m.Model, Profile: m.Profile,
			FinishReason: m.FinishReason, Usage: m.Usage, State: m.State, Why: m.Why,
		}
		for _, call := range m.ToolCalls {
			out.ToolCalls = append(out.ToolCalls, exportedCall{call.ID, "function", exportedFunction{call.Name, call.Arguments}})
		}
		e.Messages = append(e.Messages, out)
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(e)
	return strings.TrimSuffix(b.String(), "\n")
}

// markdown is a session as a Markdown document: a heading a message, the texts as they
// are. A code block that an answer leaves open is closed, or it would swallow the rest.
func (env *Env) markdown(s *session.Session) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", term.Line(s.Title))
	for _, m := range s.Messages {
		text := whole(m.Shown())
		fmt.Fprintf(&b, "\n## %s\n\n%s", env.byline(m), text)
		blocks := codeBlocks(text)
		if n := len(blocks); n > 0 && blocks[n-1].open && blocks[n-1].to == len(text) && blocks[n-1].inside == 0 {
			b.WriteString(strings.Repeat(string(blocks[n-1].marker), blocks[n-1].length) + "\n")
		}
	}
	return b.String()
}
