package term

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// The characters and the words of a line, as a person sees them (UAX 29). Offsets are in
// bytes.

// Clusters yields the grapheme clusters of a line, each with its offset. Each byte that is
// not UTF-8 is one.
func Clusters(line string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for at := 0; at < len(line); {
			n := Cluster(line[at:])
			if !yield(at, line[at:at+n]) {
				return
			}
			at += n
		}
	}
}

// Words yields the words of a line, each as the offsets where it begins and ends. What is
// between them is spaces and punctuation. UAX 29 takes each character of a script without
// spaces as a word; here characters of the same script that follow each other are one, so
// that 今日は天気です is 今日, は, 天気, です.
func Words(s string) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		var script *unicode.RangeTable // of the word that may go on, if that has no spaces
		from, to := 0, 0               // of that word
		state := -1
		for at, rest := 0, s; rest != ""; {
			segment := rest
			for more := true; more && rest != ""; { // a word ends where a cluster does
				var boundaries int
				_, rest, boundaries, state = uniseg.StepString(rest, state)
				more = boundaries&uniseg.MaskWord == 0
			}
			segment = segment[:len(segment)-len(rest)]
			next := scriptWithoutSpaces(segment)
			if script != nil && strings.HasPrefix(segment, "ー") { // it is of no script
				next = script
			}
			if next != nil && next == script {
				to += len(segment)
			} else {
				if from < to && !yield(from, to) {
					return
				}
				from, to = at, at
				if strings.ContainsFunc(segment, inWord) {
					to += len(segment)
				}
			}
			script = next
			at += len(segment)
		}
		if from < to {
			yield(from, to)
		}
	}
}

// inWord reports whether a character makes a segment a word: emoji are words too.
func inWord(r rune) bool {
	return r == '_' || unicode.In(r, unicode.L, unicode.N, unicode.So)
}

// scriptWithoutSpaces returns the script of a segment's first character, if that script
// has no spaces between words.
func scriptWithoutSpaces(segment string) *unicode.RangeTable {
	r, _ := utf8.DecodeRuneInString(segment)
	for _, script := range []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar} {
		if r >= 0x0e00 && unicode.Is(script, r) {
			return script
		}
	}
	return nil
}
