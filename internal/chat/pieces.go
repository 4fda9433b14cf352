package chat

import (
	"iter"
	"unicode/utf8"
)

// mostPiece is the most text of a piece, in bytes.
const mostPiece = 64 << 10

// Pieces cuts a delta into such as are short: nearly always that is itself. What does
// not add to a text comes with the last.
func (d *Delta) Pieces() iter.Seq[*Delta] {
	return func(yield func(*Delta) bool) {
		if d.size() <= mostPiece {
			yield(d)
			return
		}
		rest := *d
		for rest.size() > mostPiece {
			piece := Delta{Model: rest.Model}
			room := mostPiece
			for _, t := range [][2]*[]byte{{&piece.Reasoning, &rest.Reasoning}, {&piece.Text, &rest.Text}, {&piece.Refusal, &rest.Refusal}} {
				n := Fitting(*t[1], room)
				*t[0], *t[1] = (*t[1])[:n], (*t[1])[n:]
				room -= n
				if len(*t[1]) > 0 {
					break
				}
			}
			if !yield(&piece) {
				return
			}
		}
		yield(&rest)
	}
}

func (d *Delta) size() int { return len(d.Reasoning) + len(d.Text) + len(d.Refusal) }

// Fitting returns the length of the longest beginning of a text that consists of whole
// characters and has at most room bytes.
func Fitting[text string | []byte](s text, room int) int {
	if len(s) <= room {
		return len(s)
	}
	n := room
	for n > 0 && n > room-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}
