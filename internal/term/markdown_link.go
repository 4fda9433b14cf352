package term

import "unicode"

// link says where in a link the text is.
type link struct {
	in    linkPart
	close byte // what ends the address: ) or ] or >
	depth int  // of brackets within
}

type linkPart uint8

const (
	outside linkPart = iota
	linkText
	linkAddress // behind the text
	linkBare    // <https://…>
)

// bracket reads [ or ] or < in text.
func (m *Markdown) bracket(dst, src []byte, end bool) ([]byte, int) {
	l, is := &m.inline.link, textLine
	switch c := src[0]; {
	case l.in == linkText && c == ']' && l.depth == 0:
		return m.closeText(dst, src, end)
	case l.in == linkText && c == ']':
		l.depth--
	case l.in == linkText && c == '[':
		l.depth++
	case c == '[':
		is = beginsLink(src, m.inline.prev, end)
	case c == '<':
		is = beginsAddress(src, end)
	}
	switch s := m.inline.style(); is {
	case unknown:
		return dst, 0
	case linkMark:
		*l = link{in: linkText}
		return m.print(dst, src, 1, dim)
	case addressMark:
		*l = link{in: linkBare, close: '>'}
		return m.print(dst, src, 1, dim)
	default:
		return m.print(dst, src, 1, s)
	}
}

// beginsLink tells the [ of a link. It is one if the ] within the same word has
// an address behind it. If the word ends first it is taken for one, unless it
// looks like an index or a list.
func beginsLink(src []byte, prev rune, end bool) kind {
	depth := 0
	for i, c := range src {
		switch {
		case c == '[':
			depth++
		case c == ']' && depth > 1:
			depth--
		case c == ']' && i+1 == len(src) && !end:
			return unknown
		case c == ']':
			if i+1 < len(src) && (src[i+1] == '(' || src[i+1] == '[') {
				return linkMark
			}
			return textLine
		case c == ' ':
			if i == 1 || src[i-1] == ',' || unicode.IsLetter(prev) || unicode.IsDigit(prev) {
				return textLine
			}
			return linkMark
		case c == '\n':
			return textLine
		}
	}
	if !end {
		return unknown
	}
	return textLine
}

// beginsAddress tells the < of <https://…>: a scheme behind it, and no space
// before the >.
func beginsAddress(src []byte, end bool) kind {
	n := 1
	for n < len(src) && (isLetter(src[n]) || n > 1 && (isDigit(src[n]) || of(src[n:n+1], "+.-") == 1)) {
		n++
	}
	if n < len(src) && (n < 3 || src[n] != ':') {
		return textLine
	}
	for _, c := range src[n:] {
		switch c {
		case '>':
			return addressMark
		case ' ', '\n', '<':
			return textLine
		}
	}
	if !end {
		return unknown
	}
	return textLine
}

// closeText ends the text of a link, and begins the address if there is one.
func (m *Markdown) closeText(dst, src []byte, end bool) ([]byte, int) {
	if len(src) == 1 && !end {
		return dst, 0
	}
	l, n := &m.inline.link, 1
	*l = link{}
	if len(src) > 1 && (src[1] == '(' || src[1] == '[') {
		n, *l = 2, link{in: linkAddress, close: ')'}
		if src[1] == '[' {
			l.close = ']'
		}
	}
	return m.print(dst, src, n, dim)
}

// address reads what could end the address of a link.
func (m *Markdown) address(dst, src []byte) ([]byte, int) {
	l, s := &m.inline.link, m.inline.style()
	switch c := src[0]; {
	case c == l.close && l.depth == 0:
		*l, s = link{}, dim
	case c == l.close:
		l.depth--
	case c == '(' && l.close == ')':
		l.depth++
	}
	return m.print(dst, src, 1, s)
}
