package report

// What a turn took.

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"oax/internal/chat"
)

// Times are when a turn was sent, when the first token came, and when the last. Those of
// reasoning count too. What did not happen has the zero time.
type Times struct{ Sent, First, Last time.Time }

// Arrived notes that a piece of the answer came.
func (t *Times) Arrived(d *chat.Delta, now time.Time) {
	t.Last = now
	if t.First.IsZero() && d.Len() > 0 {
		t.First = now
	}
}

// Line says in one line what a turn took, as far as it is known. The cost, in words, may
// be empty.
func (t Times) Line(usage json.RawMessage, cost string) string {
	var facts []string
	tokens, _ := chat.ReadUsage(usage)
	if tokens.Output > 0 {
		in, out := Count(tokens.Input, "token")+" in", fmt.Sprintf("%d out", tokens.Output)
		if tokens.Cached > 0 {
			in += fmt.Sprintf(" (%d cached)", tokens.Cached)
		}
		if tokens.Reasoning > 0 {
			out += fmt.Sprintf(" (%d reasoning)", tokens.Reasoning)
		}
		facts = append(facts, in, out)
	} else {
		facts = append(facts, "the service sent no usage")
	}
	if !t.First.IsZero() {
		facts = append(facts, fmt.Sprintf("%.2f s to the first", t.First.Sub(t.Sent).Seconds()))
		if took := t.Last.Sub(t.First).Seconds(); tokens.Output > 0 && took > 0 {
			facts = append(facts, fmt.Sprintf("%.0f tokens/s", float64(tokens.Output)/took))
		}
	}
	if cost != "" {
		facts = append(facts, cost)
	}
	return strings.Join(facts, ", ")
}
