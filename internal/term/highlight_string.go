package term

import "strings"

// beginComment reports false if no comment begins here.
func (c *code) beginComment(src []byte, end bool) (int, style, bool) {
	for mark := range strings.FieldsSeq(c.lang.line) {
		if mark == "#" && c.last != 0 && c.last != ' ' && c.last != '\t' {
			continue
		}
		switch is(src, mark, end) {
		case wait:
			return 0, 0, true
		case yes:
			c.in, c.rest = wholeLine, dim
			return len(mark), dim, true
		}
	}
	switch is(src, c.lang.open, end) {
	case wait:
		return 0, 0, true
	case yes:
		c.in, c.until = comment, c.lang.close
		return len(c.lang.open), dim, true
	}
	return 0, 0, false
}

// beginString reports false if no string begins here.
func (c *code) beginString(src []byte, end bool) (int, style, bool) {
	at := strings.IndexByte(c.lang.quotes, src[0])
	if at < 0 || c.lang.markup && !c.tag {
		return 0, 0, false
	}
	c.until = c.lang.quotes[at : at+1]
	if c.lang.triple != "" {
		for triple := range strings.FieldsSeq(c.lang.triple) {
			switch is(src, triple, end) {
			case wait:
				return 0, 0, true
			case yes:
				c.in, c.until = quotedLines, triple
				return len(triple), green, true
			}
		}
	}
	c.in = quoted
	if strings.IndexByte(c.lang.lines, src[0]) >= 0 {
		c.in = quotedLines
	}
	return 1, green, true
}

// inside reads on in a string or a comment.
func (c *code) inside(src []byte, end bool) (int, style) {
	s, escapes := green, strings.IndexByte(c.lang.raw, c.until[0]) < 0
	if c.in == comment {
		s, escapes = dim, false
	}
	n := 0
	for n < len(src) && src[n] != c.until[0] && (src[n] != '\\' || !escapes) {
		n++
	}
	switch {
	case n > 0:
		return n, s
	case src[0] == '\\' && escapes:
		if len(src) == 1 && !end {
			return 0, 0
		}
		return min(2, len(src)), s
	}
	switch is(src, c.until, end) {
	case wait:
		return 0, 0
	case yes:
		c.in = between
		return len(c.until), s
	}
	return 1, s
}

// answer is what a look at the text ahead tells.
type answer uint8

const (
	no answer = iota
	yes
	wait // it depends on what follows
)

// is tells whether src begins with mark, which may be empty: then not.
func is(src []byte, mark string, end bool) answer {
	n := min(len(src), len(mark))
	switch {
	case n == 0 || string(src[:n]) != mark[:n]:
		return no
	case n == len(mark):
		return yes
	case end:
		return no
	}
	return wait
}
