package term

// pending says what the space behind the marker of a container decides.
type pending uint8

const (
	settled    pending = iota
	quoteSpace         // whether it belongs to the quote's marker
	itemSpace          // how far the item is indented
)

// begin reads the space and the markers with which a line begins.
func (m *Markdown) begin(dst, src []byte, end bool) ([]byte, int) {
	if n := of(src, " \t"); n > 0 {
		m.pass(src[:n])
		return m.pen.put(dst, 0, src[:n]), n
	}
	m.settle()
	m.enterItems()
	if src[0] == '>' && m.indent() < 4 && m.enterQuote() {
		m.pass(src[:1])
		m.pending, m.mark, m.item = quoteSpace, m.col, false
		return m.pen.put(dst, green, src[:1]), 1
	}
	if m.leaf == fenced && m.found == m.depth {
		return m.fencedLine(dst, src, end)
	}
	return m.block(dst, src, end)
}

// pass counts the columns of ASCII text.
func (m *Markdown) pass(text []byte) {
	for _, c := range text {
		m.col++
		if c == '\t' {
			m.col += (4 - m.col%4) % 4
		}
	}
}

// indent is how far the next character stands from where content begins.
func (m *Markdown) indent() int { return m.col - m.base }

// settle uses the space behind the last marker. One column belongs to a quote's
// marker, up to four to an item's; more than that are one, and indented code.
func (m *Markdown) settle() {
	space := m.col - m.mark
	switch m.pending {
	case quoteSpace:
		m.base = m.mark + min(space, 1)
	case itemSpace:
		if space > 4 {
			space = 1
		}
		m.open[m.depth-1].width = m.mark + space - m.base
		m.base = m.mark + space
	}
	m.pending = settled
}

// enterItems finds the items that go on since the line is indented enough.
func (m *Markdown) enterItems() {
	for m.found < m.depth {
		c := m.open[m.found]
		if c.quote || m.indent() < c.width {
			return
		}
		m.base += c.width
		m.found++
	}
}

// enterQuote goes on with a quote or opens one. It reports false if it is none.
func (m *Markdown) enterQuote() bool {
	if m.found < m.depth && m.open[m.found].quote {
		m.found++
		return true
	}
	if m.leaf == fenced && m.found == m.depth {
		return false
	}
	return m.push(container{quote: true})
}

// push opens a container in place of those that do not go on. It reports false
// if the text is nested deeper than anybody could follow.
func (m *Markdown) push(c container) bool {
	if m.found == len(m.open) {
		return false
	}
	m.closeRest()
	m.open[m.depth] = c
	m.depth++
	m.found++
	return true
}

// closeRest closes the leaf and the containers that do not go on in this line.
func (m *Markdown) closeRest() {
	m.depth = m.found
	m.leaf = none
	m.inline = inline{}
}

// blankLine closes what a blank line ends: quotes, and every leaf but a fence.
func (m *Markdown) blankLine() {
	if m.pending == itemSpace {
		m.open[m.depth-1].width = m.mark + 1 - m.base
	}
	for i := m.found; i < m.depth; i++ {
		if m.open[i].quote {
			m.found = i
			m.closeRest()
			return
		}
	}
	if m.leaf != fenced {
		m.leaf = none
		m.inline = inline{}
	}
}
