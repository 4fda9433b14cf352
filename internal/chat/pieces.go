package chat

import (
	"iter"
	"slices"
	"unicode/utf8"
)

// mostPiece is the most text of a piece, and the longest arguments of a call in it, in bytes.
const mostPiece = 64 << 10

// Pieces cuts a delta into such as are short: nearly always that is itself. The calls come behind
// the texts, and what adds to neither comes with the last.
func (d *Delta) Pieces() iter.Seq[*Delta] {
	isLong := func(c ToolCall) bool { return len(c.Arguments) > mostPiece }
	return func(yield func(*Delta) bool) {
		if d.Len() <= mostPiece && !slices.ContainsFunc(d.ToolCalls, isLong) {
			yield(d)
			return
		}
		rest := *d
		for rest.Len() > mostPiece {
			if !yield(rest.cutTexts()) {
				return
			}
		}
		for long := slices.IndexFunc(rest.ToolCalls, isLong); long >= 0; long = slices.IndexFunc(rest.ToolCalls, isLong) {
			if !yield(rest.cutCalls(long)) {
				return
			}
		}
		yield(&rest)
	}
}

// cutTexts takes a piece off the texts of a delta.
func (d *Delta) cutTexts() *Delta {
	piece := &Delta{Model: d.Model}
	into, room := piece.Texts(), mostPiece
	for i, text := range d.Texts() {
		n := Fitting(*text, room)
		*into[i], *text = (*text)[:n], (*text)[n:]
		room -= n
		if len(*text) > 0 {
			break
		}
	}
	return piece
}

// cutCalls takes what is left of the texts off a delta, the calls before a long one, and how the
// arguments of that begin. What follows of them has neither ID nor name, as in a stream.
func (d *Delta) cutCalls(long int) *Delta {
	calls := slices.Clone(d.ToolCalls[:long+1])
	begin := &calls[long]
	left := ToolCall{Index: begin.Index, Arguments: begin.Arguments[Fitting(begin.Arguments, mostPiece):]}
	begin.Arguments = begin.Arguments[:len(begin.Arguments)-len(left.Arguments)]
	piece := &Delta{Reasoning: d.Reasoning, Text: d.Text, Refusal: d.Refusal, Model: d.Model, ToolCalls: calls}
	d.Reasoning, d.Text, d.Refusal = nil, nil, nil
	d.ToolCalls = append([]ToolCall{left}, d.ToolCalls[long+1:]...)
	return piece
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
