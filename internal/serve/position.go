package serve

import (
	"fmt"
	"strconv"
	"strings"
)

// position is a place in the answers of a session: in a turn, after so many bytes of text,
// reasoning and refusal, or at its end, which comes after all of them. The zero position
// is before the first turn. It is the same for an answer that is arriving, for its journal
// and for the finished session, so it outlives a restart.
type position struct {
	turn                     string
	text, reasoning, refusal int
	end                      bool
}

// String returns TURN:TEXT.REASONING.REFUSAL, TURN:end, or 0.
func (p position) String() string {
	switch {
	case p.turn == "":
		return "0"
	case p.end:
		return p.turn + ":end"
	}
	return fmt.Sprintf("%s:%d.%d.%d", p.turn, p.text, p.reasoning, p.refusal)
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
		return position{turn: turn, end: true}, true
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
	return position{turn: turn, text: n[0], reasoning: n[1], refusal: n[2]}, true
}
