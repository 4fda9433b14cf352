package term

import "strings"

// run returns how many bytes c src begins with.
func run(src []byte, c byte) int {
	n := 0
	for n < len(src) && src[n] == c {
		n++
	}
	return n
}

// digits returns how many digits src begins with.
func digits(src []byte) int {
	n := 0
	for n < len(src) && isDigit(src[n]) {
		n++
	}
	return n
}

// of returns how many bytes at the start of src are one of set.
func of(src []byte, set string) int {
	n := 0
	for n < len(src) && strings.IndexByte(set, src[n]) >= 0 {
		n++
	}
	return n
}

// markEnds tells whether a marker of n bytes has the space behind it that makes
// it one.
func markEnds(src []byte, n int, is kind, end bool) (kind, int) {
	switch {
	case n < len(src):
		if of(src[n:n+1], " \t\n") == 1 {
			return is, n
		}
	case end:
		return is, n
	default:
		return unknown, 0
	}
	return textLine, 0
}

// lineIs tells whether a line is made of nothing but the first n bytes of src.
func lineIs(src []byte, n int, is kind, end bool) kind {
	switch {
	case n < len(src) && src[n] != '\n':
		return textLine
	case n == len(src) && !end:
		return unknown
	}
	return is
}

func isHeading(src []byte, end bool) (kind, int) {
	n := run(src, '#')
	if n > 6 {
		return textLine, 0
	}
	return markEnds(src, n, headLine, end)
}

func isFence(src []byte, end bool) (kind, int) {
	switch n := run(src, src[0]); {
	case n == len(src) && !end:
		return unknown, 0
	case n >= 3:
		return fenceLine, n
	}
	return textLine, 0
}

// isRule tells three or more of - * _ with nothing but space between them. After
// 64 bytes it is taken for one.
func isRule(src []byte, end bool) kind {
	c, marks, n := src[0], 0, 0
	for n < len(src) && (src[n] == c || src[n] == ' ' || src[n] == '\t') {
		if src[n] == c {
			marks++
		}
		n++
	}
	is := lineIs(src, n, ruleLine, end)
	if is == ruleLine && (marks < 3 || c == '+') {
		return textLine
	}
	return is
}

// isItem tells the marker of a list's item, which ends at n. An empty item, or a
// number that is not 1, does not end a paragraph.
func (m *Markdown) isItem(src []byte, n int, end bool) (kind, int) {
	switch {
	case n > len(src):
		if end || n > 10 {
			return textLine, 0
		}
		return unknown, 0
	case n > 10 || of(src[n-1:n], "-+*.)") == 0:
		return textLine, 0
	}
	is, n := markEnds(src, n, itemMark, end)
	if is == itemMark && m.interrupts() && (n == len(src) || src[n] == '\n' || n > 2 || n == 2 && src[0] != '1') {
		return textLine, 0
	}
	return is, n
}

// isTask tells the box of a task.
func isTask(src []byte, end bool) (kind, int) {
	const box = 3
	for i, set := range [box]string{"[", " xX", "]"} {
		if i == len(src) && !end {
			return unknown, 0
		}
		if i == len(src) || of(src[i:i+1], set) == 0 {
			return textLine, 0
		}
	}
	return markEnds(src, box, taskMark, end)
}

// isUnderline tells the line below a heading, of - or = alone, from the line
// below the header of a table, which has - and | and may have : and space.
func (m *Markdown) isUnderline(src []byte, end bool) kind {
	n := of(src, "-:| \t")
	bars := m.leaf == header && n > 0
	dashes := false
	for _, c := range src[:n] {
		bars = bars || c == '|'
		dashes = dashes || c == '-'
	}
	if is := lineIs(src, n, tableLine, end); is == unknown || is == tableLine && bars && dashes {
		return is
	}
	if n = run(src, '-') + run(src, '='); n == 0 {
		return textLine
	}
	n += of(src[n:], " \t")
	return lineIs(src, n, underLine, end)
}

// fence is what a block of code began with.
type fence struct {
	char byte
	n    int
}

// closedBy tells whether a line closes the block.
func (f fence) closedBy(src []byte, end bool) kind {
	n := run(src, f.char)
	if n < f.n && (n < len(src) || end) {
		return textLine
	}
	return lineIs(src, n+of(src[n:], " \t"), fenceLine, end)
}
