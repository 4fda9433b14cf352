package session

import (
	"regexp/syntax"
	"unicode"
)

// byteSet are characters of ASCII of which text holds one wherever an expression
// matches that has no literal: [0-9]+ needs a digit.
type byteSet [256]bool

// setOf returns the smallest set for re, or nil.
func setOf(re *syntax.Regexp) *byteSet {
	switch re.Op {
	case syntax.OpCharClass:
		return setOfRanges(re.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return setOf(re.Sub[0])
	case syntax.OpConcat:
		var best *byteSet
		for _, sub := range re.Sub {
			if set := setOf(sub); set != nil && (best == nil || set.size() < best.size()) {
				best = set
			}
		}
		return best
	}
	return nil
}

// setOfRanges returns the set of a class, which is written as the first and the last
// rune of each range.
func setOfRanges(ranges []rune) *byteSet {
	var set byteSet
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i+1] > unicode.MaxASCII {
			return nil
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			set[r] = true
		}
	}
	return &set
}

func (s *byteSet) size() (n int) {
	for _, is := range s {
		if is {
			n++
		}
	}
	return n
}

// index returns where the first of the characters is in b, or -1.
func (s *byteSet) index(b []byte) int {
	for i, c := range b {
		if s[c] {
			return i
		}
	}
	return -1
}
