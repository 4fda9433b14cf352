package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/term"
)

// catCommand prints sessions.
type catCommand struct {
	which

	Last bool `name:"last-answer" help:"Only the last answer, its bytes and nothing added."`
}

// Run prints each session, its messages under their roles.
func (c *catCommand) Run(ctx context.Context, env *Env) error {
	store, err := env.openStore()
	if err != nil {
		return err
	}
	sessions, err := env.chosen(ctx, store, c.which)
	if err != nil {
		return err
	}
	for _, entry := range sessions {
		chosen, err := env.view(store, entry)
		if err != nil {
			return err
		}
		if err := env.print(c.text(env, chosen.Session)); err != nil {
			return err
		}
	}
	return nil
}

func (c *catCommand) text(env *Env, s *session.Session) string {
	switch {
	case env.flags.JSON:
		return jsonLines(s)
	case c.Last:
		return lastAnswer(s)
	}
	text := conversation(s, env.byline)
	if term.IsTerminal(env.Stdout) {
		text = term.Visible(text)
	}
	return text
}

// conversation is a session as a person reads it: every message under a line that
// byline makes of it.
func conversation(s *session.Session, byline func(session.Message) string) string {
	var b strings.Builder
	for i, m := range s.Messages {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "--- %s\n", byline(m))
		b.WriteString(m.Shown())
		if text := m.Shown(); text != "" && !strings.HasSuffix(text, "\n") {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// byline says whose a message is, of when, and what it lacks.
func (env *Env) byline(m session.Message) string {
	parts := []string{string(m.Role), env.clock(m.Time)}
	if m.Role == chat.Assistant && m.Model != "" {
		parts = append(parts, term.Line(m.Model))
	}
	if m.State == chat.Incomplete {
		parts = append(parts, fmt.Sprintf("incomplete (%s)", m.Why))
	}
	return strings.Join(parts, ", ")
}

func lastAnswer(s *session.Session) string {
	for i := len(s.Messages) - 1; i >= 0; i-- {
		if s.Messages[i].Role == chat.Assistant {
			return s.Messages[i].Shown()
		}
	}
	return ""
}

func jsonLines(s *session.Session) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for _, m := range s.Messages {
		encoder.Encode(struct {
			Session string    `json:"session"`
			Time    time.Time `json:"time"`
			chat.Message
		}{s.ID, m.Time, m.Message})
	}
	return b.String()
}
