package term

// kind is what a line is, as far as its first characters tell.
type kind uint8

const (
	unknown   kind = iota // it depends on what follows
	textLine              // or an indented one
	underLine             // makes the paragraph above a heading
	tableLine             // makes the line above the header of a table
	headLine
	fenceLine
	ruleLine
	itemMark
	taskMark
	linkMark    // [
	addressMark // <
)

// block reads the first character behind the markers of the containers and
// decides what the line is.
func (m *Markdown) block(dst, src []byte, end bool) ([]byte, int) {
	if m.indent() >= 4 && m.leaf != paragraph {
		m.closeRest()
		return m.all(0, dst, src, end)
	}
	is, n := m.recognize(src[:min(len(src), longest)], end || len(src) >= longest)
	switch is {
	case unknown:
		return dst, 0
	case underLine, tableLine, ruleLine:
		m.closeRest()
		if is == tableLine {
			m.leaf = table
		}
		return m.all(dim, dst, src, end)
	case headLine:
		m.closeRest()
		m.rest, m.inline.base = heading, bold|magenta
		return m.pen.put(dst, dim, src[:n]), n
	case fenceLine:
		m.closeRest()
		m.leaf, m.rest, m.fence = fenced, info, fence{src[0], n}
		m.code = code{}
		return m.pen.put(dst, dim, src[:n]), n
	case taskMark:
		m.leaf, m.rest = paragraph, inlines
		return m.pen.put(dst, magenta, src[:n]), n
	case itemMark:
		if m.push(container{}) {
			m.pass(src[:n])
			m.pending, m.mark, m.item = itemSpace, m.col, true
			return m.pen.put(dst, magenta, src[:n]), n
		}
	}
	return m.textLine(dst, src, end)
}

// recognize tells what the line is that begins with src, and how long its marker
// is.
func (m *Markdown) recognize(src []byte, end bool) (kind, int) {
	if m.indent() >= 4 {
		return textLine, 0
	}
	if m.interrupts() {
		if is := m.isUnderline(src, end); is != textLine {
			return is, 0
		}
	}
	switch c := src[0]; {
	case c == '#':
		return isHeading(src, end)
	case c == '`' || c == '~':
		return isFence(src, end)
	case c == '-' || c == '*' || c == '_' || c == '+':
		if is := isRule(src, end); is != textLine {
			return is, 0
		}
		return m.isItem(src, 1, end)
	case isDigit(c):
		return m.isItem(src, digits(src)+1, end)
	case c == '[' && m.item:
		return isTask(src, end)
	}
	return textLine, 0
}

// interrupts reports whether what begins here would end a paragraph.
func (m *Markdown) interrupts() bool {
	return m.found == m.depth && (m.leaf == paragraph || m.leaf == header)
}

// all makes the rest of the line one style.
func (m *Markdown) all(s style, dst, src []byte, end bool) ([]byte, int) {
	m.rest, m.plain = single, s
	return m.step(dst, src, end)
}

// textLine begins a line of text: of a table, of the paragraph above, even where
// that stands in a container that does not go on, or of a new one.
func (m *Markdown) textLine(dst, src []byte, end bool) ([]byte, int) {
	bar, goesOn := src[0] == '|', m.found == m.depth
	switch {
	case goesOn && (m.leaf == table || m.leaf == header && bar):
		m.leaf, m.rest = table, row
	case bar:
		m.closeRest()
		m.leaf, m.rest, m.inline.base = header, row, bold
	case m.leaf == paragraph || m.leaf == header:
		m.leaf, m.rest = paragraph, inlines
	default:
		m.closeRest()
		m.leaf, m.rest = paragraph, inlines
	}
	return m.inlineStep(dst, src, end)
}
