package term

import "strings"

// readWord reads a keyword, a number or another word, of n bytes so far.
func (c *code) readWord(src []byte, n int, end bool) (int, style) {
	if n == len(src) && n <= longestWord && !end {
		return 0, 0
	}
	s := c.wordStyle(src, n)
	if n > longestWord {
		c.in, c.rest = longWord, s
	}
	c.first = false
	return n, s
}

func (c *code) wordStyle(src []byte, n int) style {
	l := &c.lang
	switch {
	case l.markup:
		if c.tag && (c.last == '<' || c.last == '/') {
			return magenta
		}
		return 0
	case l.words == "":
		return 0
	case isDigit(src[0]):
		return cyan
	case n > longestWord: // how it ends is not always known by now
		return 0
	case c.first && n < len(src) && strings.IndexByte(l.keys, src[n]) >= 0:
		return magenta
	case n == 1, strings.IndexByte(".-$@", c.last) >= 0:
		return 0
	}
	return l.keyword(src[:n])
}

// keyword returns the style of a word of at most longestWord bytes.
func (l *language) keyword(word []byte) style {
	var spaced [longestWord + 2]byte
	n := 1 + copy(spaced[1:], word)
	spaced[0], spaced[n] = ' ', ' '
	if l.fold {
		for i, b := range word {
			if b >= 'A' && b <= 'Z' {
				spaced[1+i] += 'a' - 'A'
			}
		}
	}
	switch w := string(spaced[:n+1]); {
	case strings.Contains(l.words, w):
		return magenta
	case strings.Contains(l.values, w):
		return cyan
	}
	return 0
}
