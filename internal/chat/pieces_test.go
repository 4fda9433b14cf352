package chat

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestPieces: the pieces of a delta are short, of whole characters, and come to it.
func TestPieces(t *testing.T) {
	for _, n := range []int{0, 1, mostPiece / 3, mostPiece, 3 * mostPiece} {
		long := []byte(strings.Repeat("日", n))
		d := Delta{Reasoning: long, Text: append([]byte("x"), long...), Refusal: long, Model: "m", FinishReason: "stop", Done: true}
		for i, arguments := range []string{"{}", string(long), "", string(long) + "x"} {
			d.ToolCalls = append(d.ToolCalls, ToolCall{Index: i, ID: strconv.Itoa(i), Name: "f", Arguments: arguments})
		}
		var turn, whole Turn
		whole.Add(&d)
		for piece := range d.Pieces() {
			if turn.Finished() {
				t.Errorf("%d: more after the end", n)
			}
			for _, text := range [][]byte{piece.Reasoning, piece.Text, piece.Refusal} {
				if !utf8.Valid(text) {
					t.Errorf("%d: a character is cut", n)
				}
			}
			for _, c := range piece.ToolCalls {
				if len(c.Arguments) > mostPiece || !utf8.ValidString(c.Arguments) {
					t.Errorf("%d: a piece with arguments of %d bytes", n, len(c.Arguments))
				}
			}
			if piece.Len() > mostPiece {
				t.Errorf("%d: a piece of %d bytes", n, piece.Len())
			}
			turn.Add(piece)
		}
		got, want := turn.End(""), whole.End("")
		if got.Text != want.Text || got.Reasoning != want.Reasoning || got.Refusal != want.Refusal || got.State != Complete || got.Model != "m" || !reflect.DeepEqual(got.ToolCalls, want.ToolCalls) {
			t.Errorf("%d: the pieces do not come to it", n)
		}
	}
}
