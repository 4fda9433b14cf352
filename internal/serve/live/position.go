package live

import (
	"fmt"
	"strconv"
	"strings"

	"oax/internal/session/journal"
)

// Position is a place in the answers of a session: in an answer, or at the end of a turn,
// which comes after all of its answer. The zero position is before the first turn.
type Position struct {
	journal.Position
	End bool
}

// StartOf returns the position at which the answer of a turn begins.
func StartOf(turn string) Position { return Position{Position: journal.Position{Turn: turn}} }

// EndOf returns the position at the end of a turn.
func EndOf(turn string) Position {
	return Position{Position: journal.Position{Turn: turn}, End: true}
}

// String returns TURN:TEXT.REASONING.REFUSAL, TURN:end, or 0.
func (p Position) String() string {
	switch {
	case p.Turn == "":
		return "0"
	case p.End:
		return p.Turn + ":end"
	}
	return fmt.Sprintf("%s:%d.%d.%d", p.Turn, p.Text, p.Reasoning, p.Refusal)
}

// ParsePosition reads what String returns; ok is whether it is that. Whether there is such
// a place is for the session to say.
func ParsePosition(text string) (p Position, ok bool) {
	if text == "0" {
		return Position{}, true
	}
	turn, place, found := strings.Cut(text, ":")
	if !found || turn == "" {
		return Position{}, false
	}
	if place == "end" {
		return EndOf(turn), true
	}
	sizes := strings.Split(place, ".")
	if len(sizes) != 3 {
		return Position{}, false
	}
	var n [3]int
	for i, size := range sizes {
		var err error
		if n[i], err = strconv.Atoi(size); err != nil || n[i] < 0 || strconv.Itoa(n[i]) != size {
			return Position{}, false
		}
	}
	return Position{Position: journal.Position{Turn: turn, Text: n[0], Reasoning: n[1], Refusal: n[2]}}, true
}
