package cli

import (
	"oax/internal/chat"
	"oax/internal/picker"
	"oax/internal/session"
)

// preview is a session as cat prints it, with less said of each message.
func preview(store *session.Store, item string) []picker.Passage {
	s, err := store.Load(entryOf(item))
	if err != nil {
		return []picker.Passage{{Heading: plainError(err)}}
	}
	var passages []picker.Passage
	for _, m := range s.Messages {
		passages = append(passages, picker.Passage{Heading: "--- " + speaker(m), Text: m.Shown(), Own: m.Role == chat.User})
	}
	return passages
}

// speaker is the line above a message where there is little room.
func speaker(m session.Message) string {
	if m.State == chat.Incomplete {
		return string(m.Role) + ", incomplete"
	}
	return string(m.Role)
}
