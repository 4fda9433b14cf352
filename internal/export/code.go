package export

import (
	"fmt"
	"strings"

	"oax/internal/markdown"
	"oax/internal/report"
	"oax/internal/term"
)

// Code chooses among the code blocks of texts, numbered from 1 through all of them. The
// zero Code chooses nothing.
type Code struct {
	Nth int
	All bool
}

// Set reports whether code blocks are chosen at all.
func (c Code) Set() bool { return c.All || c.Nth > 0 }

// Of returns the chosen code of texts, unchanged. If there is none, the error is a
// *report.Error without a hint: only the caller knows what shows the texts.
func (c Code) Of(texts ...string) (string, error) {
	var code strings.Builder
	blocks := 0
	for _, text := range texts {
		before := blocks
		for piece := range markdown.CodeBlocks(text) {
			if blocks = before + piece.Block; c.All || blocks == c.Nth {
				if code.Len() == 0 {
					code.Grow(len(text)) // growing copies a long block often
				}
				code.Write(piece.Text)
			}
		}
	}
	switch {
	case blocks == 0:
		return "", report.Nothing("there is no code block", "")
	case c.Nth > blocks:
		return "", report.Nothing(fmt.Sprintf("there is no code block %d, only %d", c.Nth, blocks), "")
	}
	return code.String(), nil
}

// AsSeen returns text without the characters that nobody sees, and notes how many there
// were: the code that runs must be the code that was read.
func AsSeen(text string, log *report.Writer) string {
	if n, _ := term.Invisible(text); n > 0 {
		log.Note(report.HiddenRemoved(n))
	}
	return term.WithoutInvisible(text)
}
