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
		if d.Len() <= mostPiece {
			yield(d)
			return
		}
		rest := *d
		for rest.Len() > mostPiece {
			piece := Delta{Model: rest.Model}
			into, room := piece.Texts(), mostPiece
			for i, text := range rest.Texts() {
				n := Fitting(*text, room)
				*into[i], *text = (*text)[:n], (*text)[n:]
				room -= n
				if len(*text) > 0 {
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

// Texts returns the texts in the order in which they are read: reasoning, text, refusal.
func (d *Delta) Texts() [3]*[]byte { return [3]*[]byte{&d.Reasoning, &d.Text, &d.Refusal} }

// Len returns the size of the texts, in bytes.
func (d *Delta) Len() int { return len(d.Reasoning) + len(d.Text) + len(d.Refusal) }

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
