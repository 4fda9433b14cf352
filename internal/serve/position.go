package serve

import (
	"fmt"
	"strconv"
	"strings"

	"oax/internal/session/journal"
)

// position is a place in the answers of a session: in an answer, or at the end of a turn,
// which comes after all of its answer. The zero position is before the first turn.
type position struct {
	journal.Position
	end bool
}

// startOf returns the position at which the answer of a turn begins, and endOf that at the
// end of the turn.
func startOf(turn string) position { return position{Position: journal.Position{Turn: turn}} }
func endOf(turn string) position {
	return position{Position: journal.Position{Turn: turn}, end: true}
}

// String returns TURN:TEXT.REASONING.REFUSAL, TURN:end, or 0.
func (p position) String() string {
	switch {
	case p.Turn == "":
		return "0"
	case p.end:
		return p.Turn + ":end"
	}
	return fmt.Sprintf("%s:%d.%d.%d", p.Turn, p.Text, p.Reasoning, p.Refusal)
}

// parsePosition reads what String returns; ok is whether it is that. Whether there is such
// a place is for the session to say.
func parsePosition(text string) (p position, ok bool) {
	if text == "0" {
		return position{}, true
	}
	turn, place, found := strings.Cut(text, ":")
	if !found || turn == "" {
		return position{}, false
	}
	if place == "end" {
		return endOf(turn), true
	}
	sizes := strings.Split(place, ".")
	if len(sizes) != 3 {
		return position{}, false
	}
	var n [3]int
	for i, size := range sizes {
		var err error
		if n[i], err = strconv.Atoi(size); err != nil || n[i] < 0 || strconv.Itoa(n[i]) != size {
			return position{}, false
		}
	}
	return position{Position: journal.Position{Turn: turn, Text: n[0], Reasoning: n[1], Refusal: n[2]}}, true
}
