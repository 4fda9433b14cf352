package term

import "bytes"

// infoString dims what stands behind an opening fence, which names the language.
// A backtick there means that it was no fence, but code in a line.
func (m *Markdown) infoString(dst, src []byte) ([]byte, int) {
	n := line(src)
	if m.fence.char == '`' {
		if at := bytes.IndexByte(src[:n], '`'); at >= 0 {
			n = at
		}
	}
	m.code.name(src[:n])
	dst = m.pen.put(dst, dim, src[:n])
	if n < len(src) && src[n] == '`' && m.fence.char == '`' {
		m.leaf, m.rest = paragraph, inlines
		m.inline = inline{code: m.fence.n}
	}
	return dst, n
}

// fencedLine begins a line in a block of code.
func (m *Markdown) fencedLine(dst, src []byte, end bool) ([]byte, int) {
	if src[0] == m.fence.char && m.indent() < 4 {
		switch m.fence.closedBy(src[:min(len(src), longest)], end || len(src) >= longest) {
		case unknown:
			return dst, 0
		case fenceLine:
			m.leaf = none
			return m.all(dim, dst, src, end)
		}
	}
	m.rest = source
	m.code.beginLine(m.indent())
	return m.code.step(&m.pen, dst, src, end)
}
