package term

import "strings"

// code styles the source in a fence, a word at a time. It knows words, strings,
// numbers and comments, which is what can be told without parsing; what it does
// not know stays in the terminal's own colour.
type code struct {
	lang  language
	known bool
	named [16]byte // the first word of the info string
	n     int
	ended bool // that word has

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

// name takes what came of the info string: its first word names the language.
func (c *code) name(text []byte) {
	for _, b := range text {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		switch {
		case strings.IndexByte(" \t,:{}.", b) >= 0:
			c.ended = c.ended || c.n > 0
		case !c.ended && c.n < len(c.named):
			c.named[c.n] = b
			c.n++
		}
	}
}

// beginLine begins a line that is indented by so many columns.
func (c *code) beginLine(indent int) {
	c.first, c.last = true, 0
	if indent > 0 {
		c.last = ' '
	}
}

// endLine ends the line of the info string, or one of source.
func (c *code) endLine() {
	if !c.known {
		c.known, c.lang = true, languageOf(string(c.named[:c.n]))
	}
	if c.in != quotedLines && c.in != comment {
		c.in = between
	}
}

// step styles the next few bytes of a line, as Markdown's step does.
func (c *code) step(p *pen, dst, src []byte, end bool) ([]byte, int) {
	look := src[:line(src[:min(len(src), longest)])]
	n, s := c.next(look, end || len(look) < len(src))
	if n == 0 {
		return dst, 0
	}
	c.last = src[n-1]
	return p.put(dst, s, src[:n]), n
}

// next returns how many bytes at the start of src have what style; none if that
// depends on what follows.
func (c *code) next(src []byte, end bool) (int, style) {
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
	if n := of(src, " \t(){}[],;="); n > 0 { // they begin nothing, and there are many
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

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
