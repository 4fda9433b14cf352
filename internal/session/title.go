package session

import (
	"strings"
	"unicode"

	"oax/internal/chat"
)

const titleLen = 60 // characters

// titleOf returns the last title that was given, else one made of the first prompt.
func titleOf(records []record) string {
	title, prompt := "", ""
	for _, r := range records {
		switch {
		case r.Kind == kindTitle:
			title = r.Text
		case r.Kind == kindMessage && r.Role == chat.User && prompt == "":
			prompt = madeTitle(r.Text)
		}
	}
	if title != "" {
		return title
	}
	return prompt
}

// madeTitle returns the first line of text that is not blank, its spaces folded,
// cut after a word where that wastes no more than half of it.
func madeTitle(text string) string {
	title := make([]rune, 0, titleLen+1)
	gap := false
	for _, r := range strings.TrimSpace(text) {
		if r == '\n' || r == '\r' || len(title) > titleLen {
			break
		}
		if unicode.IsSpace(r) {
			gap = true
			continue
		}
		if gap {
			title = append(title, ' ')
			gap = false
		}
		title = append(title, r)
	}
	if len(title) <= titleLen {
		return string(title)
	}
	end := titleLen - 1
	for i := end; i > titleLen/2; i-- {
		if title[i] == ' ' {
			end = i
			break
		}
	}
	return string(title[:end]) + "…"
}
