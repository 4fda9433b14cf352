package cli

import (
	"strings"

	"oax/internal/chat"
	"oax/internal/picker"
	"oax/internal/session"
)

// preview is a session as cat prints it, with less said of each message, and of a
// very long one only what is around the sought words.
func (env *Env) preview(store *session.Store, item, sought string) []picker.Passage {
	messages, err := store.Excerpt(entryOf(item), strings.Fields(sought)...)
	if err != nil {
		return []picker.Passage{{Heading: plainError(err)}}
	}
	var passages []picker.Passage
	for _, m := range messages {
		passages = append(passages, picker.Passage{Heading: "--- " + env.speaker(m), Text: m.Shown(), Own: m.Role == chat.User})
	}
	return passages
}

// speaker is the line above a message where there is little room: what matters least
// comes last.
func (env *Env) speaker(m session.Message) string {
	parts := []string{string(m.Role)}
	switch {
	case m.State == chat.Incomplete:
		parts = append(parts, "incomplete")
	case m.Role == chat.User && !m.Time.IsZero():
		parts = append(parts, env.clock(m.Time))
	}
	if m.Role == chat.Assistant && m.Model != "" {
		parts = append(parts, m.Model)
	}
	return strings.Join(parts, ", ")
}
