package report

import "oax/internal/term"

// Hidden returns what to tell of the characters that a person has not seen of a text, or
// has not seen as they were meant.
func Hidden(h term.Hidden) []string {
	var notes []string
	if h.Turning > 0 {
		notes = append(notes, Count(h.Turning, "hidden control")+" shown")
	}
	if h.Removed > 0 {
		notes = append(notes, Count(h.Removed, "hidden character")+" removed; --raw shows them")
	}
	return notes
}
