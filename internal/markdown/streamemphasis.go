package markdown

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Emphasis and strikethrough in a text that arrives in pieces.

// emphasis is a run of * or _ or ~ that was opened: how many are left, and how
// many there were.
type emphasis struct {
	char      byte
	left, all int
	opens     bool // what it could have done
	closes    bool
}

// delimiters reads a run of * or _ or ~: it closes what it can, and what is left
// of it opens.
func (in *inline) delimiters(src []byte, end bool) int {
	n := min(run(src, src[0]), longest)
	if n < longest && !end && (n == len(src) || !utf8.FullRune(src[n:])) {
		return 0
	}
	next, _ := utf8.DecodeRune(src[n:])
	if n == len(src) {
		next = 0
	}
	e := emphasis{char: src[0], left: n, all: n}
	product := e.char == '*' && in.prev < utf8.RuneSelf && isDigit(byte(in.prev)) && next < utf8.RuneSelf && isDigit(byte(next))
	if (e.char != '~' || n == 2) && n < longest && !product {
		e.opens, e.closes = flanks(e.char, in.prev, next)
	}
	if e.opens && !e.closes && e.char == '*' {
		switch isParameter(src[n:], end, end && !in.t.o.Source) {
		case unknown:
			return 0
		case yes:
			e.opens = false
		}
	}
	if e.closes {
		in.close(&e)
	}
	if e.left > 0 && e.opens && in.depth < len(in.open) && in.mayOpen(e.char, next) {
		in.open[in.depth] = e
		in.depth++
		e.left = 0
	}
	if e.left == n {
		return in.show(src[:n])
	}
	in.hide(src[:n-e.left])
	if e.left > 0 {
		in.show(src[n-e.left : n])
	}
	in.prev = rune(e.char)
	return n
}

// mayOpen reports whether c before next is likely to begin emphasis.
func (in *inline) mayOpen(c byte, next rune) bool {
	if c != '*' {
		return true
	}
	if isAlnum(in.prev) && isAlnum(next) {
		return false
	}
	return next >= utf8.RuneSelf || !isMark(next) || strings.ContainsRune("\"'([{<`$_~\\#@&!+-", next)
}

// isParameter reports whether * before a word is part of a name and begins no emphasis. That
// is so if there is no other * in the word, it does not begin with a letter beyond ASCII, and
//
//   - it is the last word of the text, as a is in "f *a", or
//   - it is args or kwargs, as in *args and **kwargs, or
//   - it closes a parenthesis that is not opened in it, as in f(*list).
//
// To wait for the word holds nothing back that is not held back anyway: no line is broken
// within a word.
func isParameter(src []byte, end, last bool) verdict {
	look := src[:min(len(src), longest)]
	n := bytes.IndexAny(look, " \t\n")
	whole := n >= 0 || end || len(look) == longest
	if n < 0 {
		n = len(look)
	}
	word := look[:n]
	switch {
	case n == 0 || word[0] >= utf8.RuneSelf || bytes.IndexByte(word, '*') >= 0:
		return no
	case !whole:
		return unknown
	case n == len(src) && last:
		return yes
	}
	if name := strings.TrimRight(string(word), ".,:;!?)]"); name == "args" || name == "kwargs" {
		return yes
	}
	if closing := bytes.IndexByte(word, ')'); closing >= 0 && bytes.IndexByte(word[:closing], '(') < 0 {
		return yes
	}
	return no
}

// close ends what e closes, and what was opened inside it and is open still.
func (in *inline) close(e *emphasis) {
	floor := 0
	if in.left >= 0 {
		floor = in.outer
	}
	for i := in.depth - 1; i >= floor && e.left > 0; i-- {
		o := &in.open[i]
		for o.matches(e) && o.left > 0 && e.left > 0 {
			n := 1
			if o.left >= 2 && e.left >= 2 {
				n = 2
			}
			o.left -= n
			e.left -= n
			in.depth = i + 1
		}
		if o.left == 0 {
			in.depth = i
		}
	}
}

// matches reports whether e can be closed by closer.
func (e *emphasis) matches(closer *emphasis) bool {
	return e.char == closer.char && ruleOfThree(e.closes || closer.opens, e.all, closer.all)
}

func (e emphasis) style() style {
	switch {
	case e.char == '~':
		return strike
	case e.left == 1:
		return italic
	case e.left%2 == 0:
		return bold
	}
	return bold | italic
}
