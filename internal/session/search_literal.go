package session

import (
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// literal is text that a match holds. With fold, letters of ASCII stand for both
// their cases, and the text is in small ones.
type literal struct {
	text string
	fold bool
}

// doubts are the letters beyond ASCII that Unicode folds to those of ASCII.
func (l literal) doubts() (all []needle) {
	if l.fold && strings.Contains(l.text, "k") {
		all = append(all, newNeedle("\u212a", false))
	}
	if l.fold && strings.Contains(l.text, "s") {
		all = append(all, newNeedle("\u017f", false))
	}
	return all
}

// literals returns texts of which every match of re, which is simplified, holds one,
// or nil.
func literals(re *syntax.Regexp) []literal {
	switch re.Op {
	case syntax.OpLiteral:
		return literalsOf(re.Rune, re.Flags&syntax.FoldCase != 0)
	case syntax.OpCapture, syntax.OpPlus:
		return literals(re.Sub[0])
	case syntax.OpConcat:
		var best []literal
		for _, sub := range re.Sub {
			if l := literals(sub); shortest(l) > shortest(best) {
				best = l
			}
		}
		return best
	case syntax.OpAlternate:
		return literalsOfAny(re.Sub)
	}
	return nil
}

func literalsOfAny(alternatives []*syntax.Regexp) (all []literal) {
	for _, sub := range alternatives {
		l := literals(sub)
		if l == nil {
			return nil
		}
		all = append(all, l...)
	}
	if len(all) > mostNeedles {
		return nil
	}
	return all
}

func shortest(all []literal) int {
	least := 0
	for i, l := range all {
		if i == 0 || len(l.text) < least {
			least = len(l.text)
		}
	}
	return least
}

// literalsOf returns the longest piece of runes that can be searched for as it is, or
// the ways to write two runes whose cases are beyond ASCII.
func literalsOf(runes []rune, fold bool) []literal {
	const enough = 3 // bytes
	piece := longest(runes, func(r rune) bool { return isPlain(r) && (!fold || !hasCases(r)) })
	if text := string(piece); len(text) >= enough || !fold && text != "" {
		if fold {
			text = strings.ToLower(text)
		}
		return []literal{{text, fold}}
	}
	piece = longest(runes, isPlain)
	ways := []string{""}
	for _, r := range piece[:min(2, len(piece))] {
		var longer []string
		for _, way := range ways {
			for _, form := range forms(r) {
				longer = append(longer, way+string(form))
			}
		}
		ways = longer
	}
	if len(piece) == 0 {
		return nil
	}
	var all []literal
	for _, way := range ways {
		all = append(all, literal{way, false})
	}
	return all
}

// isPlain reports whether JSON of text has r as it is, or as an escape \u.
func isPlain(r rune) bool {
	return r >= ' ' && r != '"' && r != '\\' && r != '/' && r != utf8.RuneError && utf8.ValidRune(r)
}

// hasCases reports whether r is one of several cases of a letter beyond ASCII.
func hasCases(r rune) bool { return r > unicode.MaxASCII && unicode.SimpleFold(r) != r }

// forms are the cases of r.
func forms(r rune) []rune {
	all := []rune{r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		all = append(all, f)
	}
	return all
}

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
