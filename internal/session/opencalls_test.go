package session

import (
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session/record"
)

// TestOpenCalls: which calls wait for a result, and what goes before it.
func TestOpenCalls(t *testing.T) {
	message := func(role chat.Role, text string) record.Message {
		return record.Message{Message: chat.Message{Role: role, Text: text}}
	}
	asks := func(why chat.Why, ids ...string) record.Message {
		m := message(chat.Assistant, "")
		m.Why = why
		for _, id := range ids {
			m.ToolCalls = append(m.ToolCalls, chat.ToolCall{ID: id, Name: "f"})
		}
		return m
	}
	result := func(id string) record.Message {
		m := message(chat.Tool, "r")
		m.ToolCallID = id
		return m
	}
	failed := message(record.Error, "")
	user, said := message(chat.User, "q"), message(chat.Assistant, "a")
	user.Model, said.Profile = "m", "p"
	for _, tt := range []struct {
		name     string
		messages []record.Message
		open     string // IDs, or "no" if nothing goes on
		before   string // roles
	}{
		{"nothing", nil, "no", ""},
		{"no calls", []record.Message{user, said}, "no", ""},
		{"calls", []record.Message{user, said, user, asks("", "a", "b")}, "a b", "user assistant user assistant"},
		{"calls that nobody ran", []record.Message{user, asks(chat.NoTool, "a")}, "a", "user assistant"},
		{"calls of a cut answer", []record.Message{user, asks(chat.Length, "a")}, "no", ""},
		{"some results", []record.Message{user, asks("", "a", "b"), result("a")}, "b", "user assistant tool"},
		{"all results", []record.Message{user, asks("", "a"), result("a"), failed}, "", "user assistant tool"},
		{"two rounds", []record.Message{user, asks("", "a"), result("a"), asks("", "a")}, "a", "user assistant tool assistant"},
		{"answered", []record.Message{user, asks("", "a"), result("a"), said}, "no", ""},
		{"another prompt", []record.Message{user, asks("", "a"), user, failed}, "no", ""},
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
