package markdown

import "unicode/utf8"

// Emphasis and strikethrough in a text that has ended: which runs of *, _ and ~ match.

// delimiter reads a run of * or _ or ~.
func (in *inlines) delimiter(src []byte) {
	n := run(src, src[0])
	prev, _ := utf8.DecodeLastRune(in.text[:in.at])
	next, _ := utf8.DecodeRune(src[n:])
	if in.at == 0 {
		prev = 0
	}
	if n == len(src) {
		next = 0
	}
	p := piece{char: src[0], n: n, all: n, prev: in.last}
	p.opens, p.closes = flanks(p.char, prev, next)
	if p.char == '~' && n > 2 {
		p.opens, p.closes = false, false
	}
	in.put(n, p)
	if p.opens || p.closes {
		in.pieces[in.last].next = len(in.pieces) - 1
		in.last = len(in.pieces) - 1
	}
}

// flanks tells whether a run of c between two characters can open and can close. 0 is the
// end of the text.
func flanks(c byte, prev, next rune) (opens, closes bool) {
	spaceBefore, spaceAfter := isSpace(prev), isSpace(next)
	markBefore, markAfter := isMark(prev), isMark(next)
	opens = !spaceAfter && (!markAfter || spaceBefore || markBefore || isWide(prev))
	closes = !spaceBefore && (!markBefore || spaceAfter || markAfter || isWide(next))
	if c == '_' {
		return opens && (!closes || markBefore), closes && (!opens || markAfter)
	}
	return opens, closes
}

// emphasis matches the delimiters above bottom.
func (in *inlines) emphasis(bottom int) {
	floor := map[[3]int]int{} // below which no opener was found for such a closer
	at := in.pieces[bottom].next
	for at != 0 && (bottom == 0 || at > bottom) {
		c := &in.pieces[at]
		if !c.closes {
			at = c.next
			continue
		}
		key := [3]int{int(c.char), c.all % 3, 0}
		if c.opens {
			key[2] = 1
		}
		if c.char == '~' {
			key[1] = c.all
		}
		low, o := max(bottom, floor[key]), c.prev
		for o > low && !in.pieces[o].matches(c) {
			o = in.pieces[o].prev
		}
		if o > low {
			at = in.match(o, at)
			continue
		}
		floor[key] = c.prev
		next := c.next
		if !c.opens {
			in.unlink(at)
		}
		at = next
	}
	in.pieces[bottom].next = 0
	in.last = bottom
}

// matches reports whether p can be closed by c.
func (p *piece) matches(c *piece) bool {
	switch {
	case p.char != c.char || !p.opens:
		return false
	case c.char == '~':
		return p.n == c.n
	}
	return ruleOfThree(p.closes || c.opens, p.all, c.all)
}

// ruleOfThree reports whether runs of opener and of closer delimiters match. If one of them
// could both open and close, they match only if their sum is no multiple of three, or if
// both are multiples of three (CommonMark 0.31, rules 9 and 10 of emphasis).
func ruleOfThree(both bool, opener, closer int) bool {
	return !both || (opener+closer)%3 != 0 || opener%3 == 0 && closer%3 == 0
}

// match puts tags at opener o and closer c, and returns the next delimiter to look at.
func (in *inlines) match(o, c int) int {
	open, closing := &in.pieces[o], &in.pieces[c]
	n, tag := 1, "em"
	switch {
	case open.char == '~':
		n, tag = open.n, "del"
	case open.n >= 2 && closing.n >= 2:
		n, tag = 2, "strong"
	}
	open.n -= n
	closing.n -= n
	open.after = "<" + tag + ">" + open.after
	closing.before += "</" + tag + ">"
	open.next, closing.prev = c, o
	if open.n == 0 {
		in.unlink(o)
	}
	if closing.n > 0 {
		return c
	}
	next := closing.next
	in.unlink(c)
	return next
}

// unlink takes a delimiter out of those that are open.
func (in *inlines) unlink(at int) {
	p := &in.pieces[at]
	in.pieces[p.prev].next = p.next
	if p.next != 0 {
		in.pieces[p.next].prev = p.prev
	} else {
		in.last = p.prev
	}
}
