package markdown

import "strings"

// What links are made of: labels, addresses and titles; and the definitions of labels.

// more is what a scanner returns if src ends too early to tell. Else a scanner returns how
// many bytes at the start of src are what it looks for, 0 if they are something else.
const more = -1

// scanDestination reads the address of a link.
func scanDestination(src []byte) int {
	if len(src) == 0 {
		return more
	}
	if src[0] == '<' {
		for i := 1; i < len(src); i++ {
			switch src[i] {
			case '>':
				return i + 1
			case '\n', '<':
				return 0
			case '\\':
				i++
			}
		}
		return more
	}
	depth := 0
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\\' && i+1 < len(src) && isPunctuation(src[i+1]):
			i++
		case c == '(':
			if depth++; depth > 32 {
				return 0
			}
		case c == ')':
			if depth--; depth < 0 {
				return i
			}
		case c <= ' ' || c == 0x7f:
			if depth > 0 {
				return 0
			}
			return i
		}
	}
	return more
}

// destination returns an address without < and > and what is escaped in it.
func destination(src []byte) string {
	if len(src) > 1 && src[0] == '<' {
		src = src[1 : len(src)-1]
	}
	return unescape(src)
}

// scanTitle reads the title of a link, in its quotes.
func scanTitle(src []byte) int {
	if len(src) == 0 {
		return more
	}
	end := src[0]
	switch end {
	case '"', '\'':
	case '(':
		end = ')'
	default:
		return 0
	}
	for i := 1; i < len(src); i++ {
		switch c := src[i]; {
		case c == end:
			return i + 1
		case c == '\\':
			i++
		case c == '(' && end == ')':
			return 0
		}
	}
	return more
}

// scanTarget reads (address "title") behind the text of a link.
func scanTarget(src []byte) (n int, r reference) {
	if len(src) == 0 {
		return more, r
	}
	if src[0] != '(' {
		return 0, r
	}
	n = 1 + span(src[1:], " \t\n")
	if n < len(src) && src[n] == ')' {
		return n + 1, r
	}
	size := scanDestination(src[n:])
	if size <= 0 {
		return size, r
	}
	r.url = destination(src[n : n+size])
	n += size
	space := span(src[n:], " \t\n")
	n += space
	if space > 0 && n < len(src) && src[n] != ')' {
		size = scanTitle(src[n:])
		if size <= 0 {
			return size, r
		}
		r.title = unescape(src[n+1 : n+size-1])
		n += size
		n += span(src[n:], " \t\n")
	}
	switch {
	case n == len(src):
		return more, r
	case src[n] != ')':
		return 0, r
	}
	return n + 1, r
}

// scanLabel reads [label], in which no bracket stands unescaped.
func scanLabel(src []byte) int {
	for i := 0; i < len(src) && i <= 1000; i++ {
		switch c := src[i]; {
		case i == 0 && c != '[':
			return 0
		case c == '\\':
			i++
		case c == ']':
			return i + 1
		case c == '[' && i > 0:
			return 0
		}
	}
	if len(src) > 1000 {
		return 0
	}
	return more
}

// reference is where a link leads.
type reference struct{ url, title string }

// normalLabel returns a label as labels are compared; it is empty if there is none.
func normalLabel(label []byte) string {
	s := strings.Join(strings.Fields(string(label)), " ")
	return strings.ReplaceAll(strings.ToLower(strings.ToUpper(s)), "ß", "ss")
}

// definitions takes the definitions of links off the beginning of a paragraph.
func (p *parser) definitions(text []byte) []byte {
	for len(text) > 0 && text[0] == '[' {
		n, label, r := scanDefinition(text)
		if n <= 0 {
			break
		}
		if _, defined := p.refs[label]; !defined {
			p.refs[label] = r
		}
		text = text[n:]
	}
	return text
}

// scanDefinition reads one definition with its line end.
func scanDefinition(src []byte) (n int, label string, r reference) {
	n = scanLabel(src)
	if n <= 0 || n >= len(src) || src[n] != ':' {
		return 0, "", r
	}
	if label = normalLabel(src[1 : n-1]); label == "" {
		return 0, "", r
	}
	n++
	n += spaceAndLine(src[n:])
	size := scanDestination(src[n:])
	if size == more {
		size = len(src) - n
		if size > 0 && src[n] == '<' {
			return 0, "", r
		}
	}
	if size <= 0 {
		return 0, "", r
	}
	r.url = destination(src[n : n+size])
	n += size
	end := n + span(src[n:], " \t")
	title := n + spaceAndLine(src[n:])
	if title > n {
		if size = scanTitle(src[title:]); size > 0 {
			after := title + size + span(src[title+size:], " \t")
			if after == len(src) || src[after] == '\n' {
				r.title = unescape(src[title+1 : title+size-1])
				return min(after+1, len(src)), label, r
			}
		}
	}
	if end < len(src) && src[end] != '\n' {
		return 0, "", r
	}
	return min(end+1, len(src)), label, r
}

// spaceAndLine returns how much space src begins with, in which one line may end.
func spaceAndLine(src []byte) int {
	n := span(src, " \t")
	if n < len(src) && src[n] == '\n' {
		n++
		n += span(src[n:], " \t")
	}
	return n
}
