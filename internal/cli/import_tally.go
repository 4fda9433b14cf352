package cli

import (
	"fmt"

	"oax/internal/session"
)

// importTally is what has become of the chats so far.
type importTally struct{ came, grew, present, unread, refused int }

func (t *importTally) count(outcome session.Outcome) {
	switch outcome {
	case session.Present:
		t.present++
	case session.Grown:
		t.grew++
	default:
		t.came++
	}
}

// words says how many came in, and how many did not.
func (t importTally) words(dry bool) string {
	came, grew := "imported", "grew"
	if dry {
		came, grew = "would import", "would grow"
	}
	words := fmt.Sprintf("%s %d %s", came, t.came, plural(t.came, "session"))
	if t.grew > 0 {
		words += fmt.Sprintf(", %d %s", t.grew, grew)
	}
	if t.present == 1 {
		words += ", 1 was there already"
	} else if t.present > 1 {
		words += fmt.Sprintf(", %d were there already", t.present)
	}
	if t.unread > 0 {
		words += fmt.Sprintf(", %d could not be read", t.unread)
	}
	return words
}
