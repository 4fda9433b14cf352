package session

import "oax/internal/chat"

// How a session goes on: with which endpoint, and from which of its messages.

// Entry returns the session's name and file.
func (s *Session) Entry() Entry { return Entry{ID: s.ID, Path: s.Path} }

// LastAsked returns the profile and the model that the session goes on with: those of its
// last prompt that the endpoint did not refuse. So a model that does not exist, or a
// profile without a key, is not used again only because it was tried. A prompt that was
// refused and then answered by another model goes on with that model. If every prompt was
// refused, it is the profile of the last one, without its model. A nil Session has
// neither.
func (s *Session) LastAsked() (profile, model string) {
	if s == nil {
		return "", ""
	}
	var last Message  // the last prompt
	var kept *Message // the last prompt before it that was not refused
	refused, answered := true, false
	for _, m := range s.Messages {
		switch {
		case m.Role == chat.User:
			if previous := last; !refused {
				kept = &previous
			}
			last, refused, answered = m, false, false
		case m.Role == chat.Assistant:
			if refused {
				last.Model = m.Model
			}
			refused, answered = false, true
		case m.Role == Error && isRefusal(m.Why) && !answered:
			refused = true
		}
	}
	switch {
	case !refused:
		return last.Profile, last.Model
	case kept != nil:
		return kept.Profile, kept.Model
	}
	return last.Profile, ""
}

// isRefusal reports whether the error record of a prompt says that the same request would
// fail again: for want of a key or of credit, or by a status that does not pass by itself.
func isRefusal(why chat.Why) bool {
	switch why {
	case "no-key", "quota":
		return true
	case "408", "409", "429":
		return false
	}
	return len(why) == 3 && why[0] == '4'
}

// LastAnswer returns the last answer. ok is false if there is none.
func (s *Session) LastAnswer() (answer Message, ok bool) {
	for i := len(s.Messages) - 1; i >= 0; i-- {
		if m := s.Messages[i]; m.Role == chat.Assistant {
			return m, true
		}
	}
	return Message{}, false
}

// Until returns the session as it was after so many turns.
func (s *Session) Until(turns int) *Session {
	until, n := *s, 0
	for i, m := range until.Messages {
		if m.Role == chat.User {
			n++
		}
		if n > turns {
			until.Messages = until.Messages[:i:i]
			break
		}
	}
	return &until
}

// LastTurns keeps the system messages at the beginning of a history and its last turns,
// each a prompt and its answer. 0 keeps all.
func LastTurns(history []chat.Message, turns int) []chat.Message {
	system := 0
	for system < len(history) && history[system].Role == chat.System {
		system++
	}
	from := len(history) - 2*turns
	if turns <= 0 || from <= system {
		return history
	}
	return append(history[:system:system], history[from:]...)
}
