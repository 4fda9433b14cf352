package session

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// need is what text has to hold so that an expression can match in it: one of the
// needles, or one of the doubts. Text with neither has no match. Without needles
// only the set is known, or nothing.
type need struct {
	needles []needle
	doubts  []needle // other forms of letters that the needles spell one way
	set     *byteSet // without needles: text has to hold one of these
	whole   bool     // a needle is a match by itself, and without doubts there is no other
}

// inJSON is what JSON of the text has to hold.
func (n need) inJSON() need {
	n.doubts = append(slices.Clip(n.doubts), newNeedle(`\u`, false))
	return n
}

// mostNeedles is how often text is gone over at most.
const mostNeedles = 9

// needOf returns what a match of re holds. The bytes of a needle are the same in
// text and in JSON that was made of it, unless there is an escape \u.
func needOf(re *syntax.Regexp) need {
	var n need
	for _, l := range literals(re) {
		n.needles = append(n.needles, newNeedle(l.text, l.fold))
		n.doubts = append(n.doubts, l.doubts()...)
	}
	n.whole = isWhole(re, n)
	if n.needles == nil {
		n.set = setOf(re)
	}
	return n
}

// first returns where in b the first match can be, a little after its beginning, or -1.
func (n need) first(b []byte) int {
	if n.needles == nil {
		return 0
	}
	first := firstOf(n.needles, b)
	if first >= 0 {
		b = b[:first]
	}
	if doubt := firstOf(n.doubts, b); doubt >= 0 {
		return doubt
	}
	return first
}

// next returns where in text without doubts the next match can be, a little after its
// beginning, or -1.
func (n need) next(text []byte) int {
	switch {
	case n.needles != nil:
		return firstOf(n.needles, text)
	case n.set != nil:
		return n.set.index(text)
	}
	return 0
}

// firstOf returns where in b one of the needles is, or -1. No other one that ends
// earlier is before it.
func firstOf(needles []needle, b []byte) int {
	first := -1
	for _, n := range needles {
		if i := n.index(b); i >= 0 {
			first, b = i, b[:i+len(n.text)]
		}
	}
	return first
}

// isWhole reports whether re is nothing but the one needle.
func isWhole(re *syntax.Regexp, n need) bool {
	return len(n.needles) == 1 && strings.EqualFold(string(n.needles[0].text), string(re.Rune))
}
