package markdown

import "strings"

// highlighter styles the source in a fence, a word at a time. It knows words, strings,
// numbers and comments, which is what can be told without parsing; what it does
// not know stays in the terminal's own colour.
type highlighter struct {
	lang  *language
	in    lexeme
	until string // what ends a string or a comment
	rest  style  // of the line, or of the word
	last  byte   // 0 where a line begins
	first bool   // no word has come in this line
	tag   bool   // within <…> of markup
}

// lexeme is what the next byte of source belongs to.
type lexeme uint8

const (
	between lexeme = iota
	longWord
	quoted      // ends with its line at the latest
	quotedLines // goes over lines
	comment     // the same
	wholeLine
)

// longestWord is how many bytes of a word are held back: no keyword is longer.
const longestWord = 20

// newHighlighter returns a highlighter for a block of code with this info string.
func newHighlighter(info string) highlighter {
	return highlighter{lang: languageOf(info), first: true}
}

// newLine ends a line of source and begins the next one.
func (c *highlighter) newLine() {
	c.first, c.last = true, 0
	if c.in != quotedLines && c.in != comment {
		c.in = between
	}
}

// next returns how many bytes at the start of src have what style; none if that
// depends on what follows.
func (c *highlighter) next(src []byte, end bool) (int, style) {
	switch c.in {
	case wholeLine:
		return len(src), c.rest
	case quoted, quotedLines, comment:
		return c.inside(src, end)
	case longWord:
		if n := c.lang.word(src, true); n > 0 {
			return n, c.rest
		}
		c.in = between
	}
	if n := span(src, " \t(){}[],;="); n > 0 { // they begin nothing, and there are many
		return n, 0
	}
	if c.lang.diff && c.last == 0 {
		c.in, c.rest = wholeLine, diffStyle(src[0])
		return len(src), c.rest
	}
	if n := c.lang.word(src, false); n > 0 {
		return c.readWord(src, n, end)
	}
	if n, s, ok := c.beginComment(src, end); ok {
		return n, s
	}
	if n, s, ok := c.beginString(src, end); ok {
		return n, s
	}
	if c.lang.markup {
		c.tag = src[0] == '<' || c.tag && src[0] != '>'
	}
	return 1, 0
}

// diffStyle is that of a line by its first character.
func diffStyle(first byte) style {
	switch {
	case first == '+':
		return green
	case first == '-':
		return red
	case first == '@':
		return cyan
	case isLetter(first):
		return bold
	}
	return 0
}

// readWord reads a keyword, a number or another word, of n bytes so far.
func (c *highlighter) readWord(src []byte, n int, end bool) (int, style) {
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

func (c *highlighter) wordStyle(src []byte, n int) style {
	l := c.lang
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

// beginComment reports false if no comment begins here.
func (c *highlighter) beginComment(src []byte, end bool) (int, style, bool) {
	for mark := range strings.FieldsSeq(c.lang.line) {
		if mark == "#" && c.last != 0 && c.last != ' ' && c.last != '\t' {
			continue
		}
		switch begins(src, mark, end) {
		case unknown:
			return 0, 0, true
		case yes:
			c.in, c.rest = wholeLine, dim
			return len(mark), dim, true
		}
	}
	switch begins(src, c.lang.open, end) {
	case unknown:
		return 0, 0, true
	case yes:
		c.in, c.until = comment, c.lang.close
		return len(c.lang.open), dim, true
	}
	return 0, 0, false
}

// beginString reports false if no string begins here.
func (c *highlighter) beginString(src []byte, end bool) (int, style, bool) {
	at := strings.IndexByte(c.lang.quotes, src[0])
	if at < 0 || c.lang.markup && !c.tag {
		return 0, 0, false
	}
	c.until = c.lang.quotes[at : at+1]
	if c.lang.triple != "" {
		for triple := range strings.FieldsSeq(c.lang.triple) {
			switch begins(src, triple, end) {
			case unknown:
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
func (c *highlighter) inside(src []byte, end bool) (int, style) {
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
	switch begins(src, c.until, end) {
	case unknown:
		return 0, 0
	case yes:
		c.in = between
		return len(c.until), s
	}
	return 1, s
}

// begins tells whether src begins with mark, which may be empty: then not.
func begins(src []byte, mark string, end bool) verdict {
	n := min(len(src), len(mark))
	switch {
	case n == 0 || string(src[:n]) != mark[:n]:
		return no
	case n == len(mark):
		return yes
	}
	return ends(end)
}

// highlightLines gives f the pieces of code with their styles, in order.
func highlightLines(info string, code []byte, f func(s style, text []byte)) {
	c := newHighlighter(info)
	for len(code) > 0 {
		n, s := untilLine(code), style(0)
		if n == 0 {
			n = 1
			c.newLine()
		} else {
			n, s = c.next(code[:n], true)
			c.last = code[n-1]
		}
		f(s, code[:n])
		code = code[n:]
	}
}
