package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// tokens is what services say of a turn's cost, in the words of the chat completions
// API.
type tokens struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Details    struct {
		Reasoning int `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
	PromptDetails struct {
		Cached int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	Cost json.RawMessage `json:"cost"` // of the turn, where the service tells it
}

// stats are the times of a turn: when it was sent, when the first token came, and
// when the last.
type stats struct{ sent, first, last time.Time }

// line says in one line what a turn took, as far as it is known. The cost may be empty.
func (s stats) line(usage json.RawMessage, cost string) string {
	var parts []string
	var t tokens
	known := json.Unmarshal(usage, &t) == nil && t.Completion > 0
	if known {
		in := counted(t.Prompt, "token") + " in"
		if t.PromptDetails.Cached > 0 {
			in += fmt.Sprintf(" (%d cached)", t.PromptDetails.Cached)
		}
		out := fmt.Sprintf("%d out", t.Completion)
		if t.Details.Reasoning > 0 {
			out += fmt.Sprintf(" (%d reasoning)", t.Details.Reasoning)
		}
		parts = append(parts, in, out)
	} else {
		parts = append(parts, "the service sent no usage")
	}
	if !s.first.IsZero() {
		parts = append(parts, fmt.Sprintf("%.2f s to the first", s.first.Sub(s.sent).Seconds()))
		if took := s.last.Sub(s.first).Seconds(); known && took > 0 {
			parts = append(parts, fmt.Sprintf("%.0f tokens/s", float64(t.Completion)/took))
		}
	}
	if cost != "" {
		parts = append(parts, cost)
	}
	return strings.Join(parts, ", ")
}
