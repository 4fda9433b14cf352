package session

import (
	"strings"
	"testing"

	"oax/internal/chat"
)

// TestOpenCalls: which calls wait for a result, and what goes before it.
func TestOpenCalls(t *testing.T) {
	message := func(role chat.Role, text string) Message {
		return Message{Message: chat.Message{Role: role, Text: text}}
	}
	asks := func(why chat.Why, ids ...string) Message {
		m := message(chat.Assistant, "")
		m.Why = why
		for _, id := range ids {
			m.ToolCalls = append(m.ToolCalls, chat.ToolCall{ID: id, Name: "f"})
		}
		return m
	}
	result := func(id string) Message {
		m := message(chat.Tool, "r")
		m.ToolCallID = id
		return m
	}
	failed := message(Error, "")
	user, said := message(chat.User, "q"), message(chat.Assistant, "a")
	user.Model, said.Profile = "m", "p"
	for _, tt := range []struct {
		name     string
		messages []Message
		open     string // IDs, or "no" if nothing goes on
		before   string // roles
	}{
		{"nothing", nil, "no", ""},
		{"no calls", []Message{user, said}, "no", ""},
		{"calls", []Message{user, said, user, asks("", "a", "b")}, "a b", "user assistant user assistant"},
		{"calls that nobody ran", []Message{user, asks(chat.NoTool, "a")}, "a", "user assistant"},
		{"calls of a cut answer", []Message{user, asks(chat.Length, "a")}, "no", ""},
		{"some results", []Message{user, asks("", "a", "b"), result("a")}, "b", "user assistant tool"},
		{"all results", []Message{user, asks("", "a"), result("a"), failed}, "", "user assistant tool"},
		{"two rounds", []Message{user, asks("", "a"), result("a"), asks("", "a")}, "a", "user assistant tool assistant"},
		{"answered", []Message{user, asks("", "a"), result("a"), said}, "no", ""},
		{"another prompt", []Message{user, asks("", "a"), user, failed}, "no", ""},
	} {
		before, open, ok := (&Session{Messages: tt.messages}).OpenCalls()
		var ids, roles []string
		for _, c := range open {
			ids = append(ids, c.ID)
		}
		for _, m := range before {
			roles = append(roles, string(m.Role))
			if len(m.ToolCalls) > 0 && m.Asked.Model != "m" {
				t.Errorf("%s: asked of %+v", tt.name, m.Asked)
			}
		}
		if ok != (tt.open != "no") || ok && (strings.Join(ids, " ") != tt.open || strings.Join(roles, " ") != tt.before) {
			t.Errorf("%s: open %q after %q, %v", tt.name, ids, roles, ok)
		}
	}
}
