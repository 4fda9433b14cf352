package search

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What text must have in it for an expression to match: most text has no match, and to
// look for a few literal strings is much faster than to try the expression.

// filter says what text with a match has: one of the literals or one of the variants. The
// zero filter knows nothing and passes all text.
type filter struct {
	literals []literal
	variants []literal // letters beyond ASCII that Unicode folds to letters of the literals
	set      *byteSet  // without literals: text has one of these
	exact    bool      // a literal is a match by itself, and without variants there is no other
}

// maxLiterals is how often text is searched at most.
const maxLiterals = 9

// newFilter returns the filter for an expression. The bytes of a literal are the same in
// text and in JSON that was made of it, unless there is an escape \u.
func newFilter(pattern *regexp.Regexp) filter {
	re, err := syntax.Parse(pattern.String(), syntax.Perl)
	if err != nil {
		return filter{}
	}
	re = re.Simplify()
	f := filterOf(re)
	for _, l := range f.literals {
		if l.fold && bytes.IndexByte(l.text, 'k') >= 0 {
			f.variants = append(f.variants, newLiteral("\u212a", false))
		}
		if l.fold && bytes.IndexByte(l.text, 's') >= 0 {
			f.variants = append(f.variants, newLiteral("\u017f", false))
		}
	}
	f.exact = len(f.literals) == 1 && strings.EqualFold(string(f.literals[0].text), string(re.Rune))
	return f
}

// filterOf returns the literals, or else the set, that every match of re has one of.
func filterOf(re *syntax.Regexp) (f filter) {
	switch re.Op {
	case syntax.OpLiteral:
		f.literals = literalsOf(re.Rune, re.Flags&syntax.FoldCase != 0)
	case syntax.OpCharClass:
		f.set = newByteSet(re.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return filterOf(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if other := filterOf(sub); other.isBetter(f) {
				f = other
			}
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			one := filterOf(sub).literals
			if one == nil || len(f.literals)+len(one) > maxLiterals {
				return filter{}
			}
			f.literals = append(f.literals, one...)
		}
	}
	return f
}

// isBetter reports whether less text is likely to pass f than other: long literals are
// rarer than short ones, and those rarer than single bytes.
func (f filter) isBetter(other filter) bool {
	if f.literals != nil || other.literals != nil {
		return f.minLen() > other.minLen()
	}
	return f.set != nil && (other.set == nil || f.set.size < other.set.size)
}

// minLen returns the length of the shortest literal, 0 if there is none.
func (f filter) minLen() int {
	if f.literals == nil {
		return 0
	}
	return len(slices.MinFunc(f.literals, func(a, b literal) int { return len(a.text) - len(b.text) }).text)
}

// inJSON returns the filter for JSON of the text.
func (f filter) inJSON() filter {
	f.variants = append(slices.Clip(f.variants), newLiteral(`\u`, false))
	return f
}

// first returns where in b the first match can be, or a little after its beginning; -1 if
// there is none.
func (f filter) first(b []byte) int {
	if f.literals == nil {
		return 0
	}
	first := firstOf(f.literals, b)
	if first >= 0 {
		b = b[:first]
	}
	if variant := firstOf(f.variants, b); variant >= 0 {
		return variant
	}
	return first
}

// next is first for text without variants; it makes use of the set too.
func (f filter) next(text []byte) int {
	switch {
	case f.literals != nil:
		return firstOf(f.literals, text)
	case f.set != nil:
		return f.set.index(text)
	}
	return 0
}

// firstOf returns where in b one of the literals is, or -1. No other one that ends
// earlier is before it.
func firstOf(literals []literal, b []byte) int {
	first := -1
	for _, l := range literals {
		if i := l.index(b); i >= 0 {
			first, b = i, b[:i+len(l.text)]
		}
	}
	return first
}

// literalsOf returns the longest piece of runes that can be searched for as it is, or
// the ways to write two runes whose cases are beyond ASCII.
func literalsOf(runes []rune, fold bool) (all []literal) {
	const enough = 3 // bytes
	piece := longest(runes, func(r rune) bool { return isPlain(r) && (!fold || !hasCases(r)) })
	if text := string(piece); len(text) >= enough || !fold && text != "" {
		if fold {
			text = strings.ToLower(text)
		}
		return []literal{newLiteral(text, fold)}
	}
	piece = longest(runes, isPlain)
	if len(piece) == 0 {
		return nil
	}
	ways := []string{""}
	for _, r := range piece[:min(2, len(piece))] {
		var longer []string
		for _, way := range ways {
			longer = append(longer, way+string(r))
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				longer = append(longer, way+string(f))
			}
		}
		ways = longer
	}
	for _, way := range ways {
		all = append(all, newLiteral(way, false))
	}
	return all
}

// isPlain reports whether JSON of text has r as it is, or as an escape \u.
func isPlain(r rune) bool {
	return r >= ' ' && r != '"' && r != '\\' && r != '/' && r != utf8.RuneError && utf8.ValidRune(r)
}

// hasCases reports whether r is one of several cases of a letter beyond ASCII.
func hasCases(r rune) bool { return r > unicode.MaxASCII && unicode.SimpleFold(r) != r }

// longest returns the longest run of runes that all are ok, in bytes.
func longest(runes []rune, ok func(rune) bool) (best []rune) {
	for start := 0; start < len(runes); start++ {
		end := start
		for end < len(runes) && ok(runes[end]) {
			end++
		}
		if len(string(runes[start:end])) > len(string(best)) {
			best = runes[start:end]
		}
		start = end
	}
	return best
}

// literal is text to look for in other text, fast: by its rarest byte.
type literal struct {
	text         []byte // in lower case if fold
	fold         bool   // the case of letters of ASCII does not matter
	rare         int    // the index of its rarest byte
	lower, upper byte   // that byte in both cases, which are the same unless fold
}

// commonness lists the bytes of English prose and code, the most common one last.
const commonness = "zqjxkv:-.,bywpgfmucdlhrsniaote "

func newLiteral(text string, fold bool) literal {
	l := literal{text: []byte(text), fold: fold}
	for i := range text {
		if rank(text[i]) < rank(text[l.rare]) {
			l.rare = i
		}
	}
	l.lower = text[l.rare]
	l.upper = l.lower
	if fold && isLower(l.lower) {
		l.upper -= 'a' - 'A'
	}
	return l
}

// rank is lower the rarer a byte is. Letters of other scripts share their first
// bytes.
func rank(c byte) int {
	if i := strings.IndexByte(commonness, c); i >= 0 {
		return i
	}
	if c >= 0xc0 {
		return len(commonness)
	}
	return -1
}

// index returns where the literal is in b first, or -1.
func (l literal) index(b []byte) int {
	places := len(b) - len(l.text) + 1 // where it can begin
	if places <= 0 {
		return -1
	}
	space := b[l.rare : l.rare+places] // where the rare byte can be
	lower := -1                        // the next one in lower case
	for at := 0; at < len(space); at++ {
		if lower < at {
			lower = indexFrom(space, at, l.lower)
		}
		next := lower
		if l.upper != l.lower {
			next = at + indexFrom(space[at:lower], 0, l.upper)
		}
		if at = next; at < len(space) && l.begins(b[at:]) {
			return at
		}
	}
	return -1
}

// indexFrom returns where c is in b at an index or after it, or the length of b.
func indexFrom(b []byte, from int, c byte) int {
	if i := bytes.IndexByte(b[from:], c); i >= 0 {
		return from + i
	}
	return len(b)
}

// begins reports whether b, which is long enough, begins with the literal.
func (l literal) begins(b []byte) bool {
	for i, want := range l.text {
		if c := b[i]; c != want && !(l.fold && isLower(want) && c == want-('a'-'A')) {
			return false
		}
	}
	return true
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

// byteSet is the characters of a class, if all are of ASCII: text that matches [0-9]+
// has a digit.
type byteSet struct {
	has  [256]bool
	size int
}

// newByteSet returns the set of a class, which is written as the first and the last
// rune of each range, or nil if it has others.
func newByteSet(ranges []rune) *byteSet {
	var set byteSet
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i+1] > unicode.MaxASCII {
			return nil
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			set.has[r] = true
			set.size++
		}
	}
	return &set
}

// index returns where the first of the characters is in b, or -1.
func (s *byteSet) index(b []byte) int {
	for i, c := range b {
		if s.has[c] {
			return i
		}
	}
	return -1
}
