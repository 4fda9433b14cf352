package term

import (
	"unicode"
	"unicode/utf8"
)

// emphasis is a run of * or _ or ~ that was opened: how many are left, and how
// many there were.
type emphasis struct {
	char      byte
	left, all int
	opens     bool // what it could have done
	closes    bool
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

// delimiters reads a run of * or _ or ~: it closes what it can, and what is left
// of it opens.
func (m *Markdown) delimiters(dst, src []byte, end bool) ([]byte, int) {
	in, c := &m.inline, src[0]
	n := run(src, c)
	next, size := utf8.DecodeRune(src[n:])
	switch {
	case size == 0 && !end:
		return dst, 0
	case size == 0:
		next = 0
	}
	e := emphasis{char: c, left: n, all: n}
	if (c != '~' || n == 2) && n < longest {
		e.opens, e.closes = flanks(c, in.prev, next)
	}
	s := in.style()
	if e.closes {
		in.close(&e)
	}
	product := c == '*' && isAlnum(in.prev) && isAlnum(next)
	if e.opens && !product && e.left > 0 && in.depth < len(in.open) {
		in.open[in.depth] = e
		in.depth++
		e.left = 0
	}
	if e.left < n {
		s = dim
	}
	return m.print(dst, src, n, s)
}

// close ends what e closes, and what was opened inside it and is open still.
func (in *inline) close(e *emphasis) {
	for i := in.depth - 1; i >= 0 && e.left > 0; i-- {
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

// matches is the rule of three: a run that could both open and close matches one
// only if their sum is no multiple of three, or both are.
func (e *emphasis) matches(closer *emphasis) bool {
	either := e.closes || closer.opens
	return e.char == closer.char && (!either || (e.all+closer.all)%3 != 0 || e.all%3 == 0 && closer.all%3 == 0)
}

// flanks tells whether a run of c between two characters can open and can close.
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

func isAlnum(r rune) bool { return r < 0x80 && (isLetter(byte(r)) || isDigit(byte(r))) }

func isSpace(r rune) bool { return r == 0 || unicode.IsSpace(r) }

func isMark(r rune) bool {
	return r > 0 && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// isWide reports whether r is Chinese, Japanese or Korean, which are written
// without the spaces that CommonMark looks for.
func isWide(r rune) bool {
	return 0x1100 <= r && r <= 0x11ff || 0x2e80 <= r && r <= 0xa4cf || 0xac00 <= r && r <= 0xd7ff ||
		0xf900 <= r && r <= 0xfaff || 0xfe30 <= r && r <= 0xfe4f || 0xff00 <= r && r <= 0xffef ||
		0x20000 <= r && r <= 0x3ffff
}
