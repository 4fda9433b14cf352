package term

import "unicode/utf8"

// inline is how far a paragraph, a heading or a cell of a table has been read.
type inline struct {
	base  style        // of all of it
	open  [16]emphasis // what has been opened and not closed
	depth int
	code  int // how many backticks the code began with; 0 outside code
	link  link
	prev  rune // the last character, 0 where a line begins
}

// endLine ends what does not go over a line end.
func (in *inline) endLine() {
	in.prev = 0
	if in.link.in != linkText {
		in.link = link{}
	}
}

// clear makes it ready for the next cell.
func (in *inline) clear() { *in = inline{base: in.base} }

// style is that of the next character.
func (in *inline) style() style {
	if in.link.in == linkAddress {
		return dim
	}
	s := in.base
	for _, e := range in.open[:in.depth] {
		s |= e.style()
	}
	if in.link.in != 0 {
		s |= underline
	}
	if in.code > 0 {
		s = s&^colour | cyan
	}
	return s
}

// inlineStep is step within text.
func (m *Markdown) inlineStep(dst, src []byte, end bool) ([]byte, int) {
	in := &m.inline
	if n := unmarked(src); n > 0 {
		in.prev, _ = utf8.DecodeLastRune(src[:n])
		return m.pen.put(dst, in.style(), src[:n]), n
	}
	look := src[:min(len(src), longest)]
	end = end || len(look) == longest
	c := src[0]
	switch {
	case c == '|' && m.rest == row:
		in.clear()
		return m.print(dst, src, 1, dim)
	case c == '\\' && (in.code == 0 || m.rest == row):
		return m.escape(dst, look, end)
	case c == '`' && in.link.in < linkAddress:
		return m.backticks(dst, look, end)
	case in.code > 0:
	case in.link.in == linkAddress || in.link.in == linkBare:
		return m.address(dst, src)
	case c == '*' || c == '_' || c == '~':
		return m.delimiters(dst, look, end)
	case c == '[' || c == ']' || c == '<':
		return m.bracket(dst, look, end)
	}
	return m.print(dst, src, 1, in.style())
}

// unmarked returns how many bytes at the start of src can mean nothing but
// themselves.
func unmarked(src []byte) int {
	const low, high = 1<<'\n' | 1<<'(' | 1<<')' | 1<<'*' | 1<<'<' | 1<<'>',
		1<<('['-64) | 1<<('\\'-64) | 1<<(']'-64) | 1<<('_'-64) | 1<<('`'-64) | 1<<('|'-64) | 1<<('~'-64)
	for i, c := range src {
		if c < 64 && low>>c&1 != 0 || 64 <= c && c < 128 && high>>(c-64)&1 != 0 {
			return i
		}
	}
	return len(src)
}

// print prints the first n bytes, which are ASCII.
func (m *Markdown) print(dst, src []byte, n int, s style) ([]byte, int) {
	m.inline.prev = rune(src[n-1])
	return m.pen.put(dst, s, src[:n]), n
}

// escape dims a backslash and takes its meaning from the character behind it.
func (m *Markdown) escape(dst, src []byte, end bool) ([]byte, int) {
	s := m.inline.style()
	switch {
	case len(src) == 1 && !end:
		return dst, 0
	case len(src) == 1 || !isPunctuation(src[1]) || m.inline.code > 0 && src[1] != '|':
		return m.print(dst, src, 1, s)
	}
	dst = m.pen.put(dst, dim, src[:1])
	dst, _ = m.print(dst, src[1:], 1, s)
	return dst, 2
}

func isPunctuation(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}

// backticks begin code, or end it if they are as many as began it.
func (m *Markdown) backticks(dst, src []byte, end bool) ([]byte, int) {
	in, n := &m.inline, run(src, '`')
	switch {
	case n == len(src) && !end:
		return dst, 0
	case in.code == 0:
		in.code = n
	case in.code == n:
		in.code = 0
	default:
		return m.print(dst, src, n, in.style())
	}
	return m.print(dst, src, n, dim)
}
