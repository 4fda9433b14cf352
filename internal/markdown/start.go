package markdown

import (
	"bytes"
	"math"
)

// start decides what the line is and opens the blocks that begin in it. It reports false,
// with nothing of what is undecided read, if that depends on what follows.
func (p *parser) start() bool {
	if !p.matching && !p.match() {
		return false
	}
	if !p.matching {
		p.matching = true
		p.marks(quote)
	}
	if p.leaf != nil && !p.opened && p.matched == len(p.containers) {
		switch p.continueLeaf() {
		case yes:
			return true
		case unknown:
			return false
		}
	}
	for {
		columns, at := p.indent()
		if at == len(p.line) {
			if p.whole {
				p.blankLine()
			}
			return p.whole
		}
		text := p.line[at:]
		inText := p.leaf != nil && p.leaf.kind <= note && !p.opened // perhaps lazily
		if columns >= 4 {
			if inText || p.leaf != nil && p.leaf.kind == table && !p.opened && p.matched == len(p.containers) {
				return p.textLine(text)
			}
			p.add(block{kind: indented})
			p.skip(4)
			p.marks(indented)
			return true
		}
		switch p.container(text, columns) {
		case yes:
			continue
		case unknown:
			return false
		}
		switch p.leafStart(text, columns, inText) {
		case yes:
			return true
		case unknown:
			return false
		}
		return p.textLine(text)
	}
}

// match counts the open containers that go on in the line.
func (p *parser) match() bool {
	before := p.cursor
	for p.matched = 1; p.matched < len(p.containers); p.matched++ {
		b := p.containers[p.matched]
		columns, at := p.indent()
		blank := at == len(p.line)
		switch {
		case b.kind == list:
		case blank && !p.whole:
			p.cursor = before
			return false
		case b.kind == quote:
			if blank || columns >= 4 || p.line[at] != '>' {
				return true
			}
			if at+1 == len(p.line) && !p.whole {
				p.cursor = before
				return false
			}
			p.takeQuote()
			b.to = p.number
		case blank && b.empty:
			return true
		case blank:
			p.skipSpace()
		case columns >= b.offset:
			p.skip(b.offset)
		default:
			return true
		}
	}
	return true
}

// takeQuote moves past the marker of a quote and one column of space.
func (p *parser) takeQuote() {
	p.take(1)
	if columns, _ := p.indent(); columns > 0 {
		p.skip(1)
	}
}

// continueLeaf goes on with a leaf that has its own way to end.
func (p *parser) continueLeaf() verdict {
	b := p.leaf
	columns, at := p.indent()
	text := p.line[at:]
	switch b.kind {
	case fenced:
		if v := p.closesFence(b, text, columns); v != no {
			return v
		}
		if len(text) == 0 && columns < 4 && !p.whole {
			return unknown
		}
		p.skip(min(columns, b.indent))
		p.marks(fenced)
	case mathBlock:
		return p.mathLine(b, text)
	case indented:
		switch {
		case len(text) == 0 && p.whole:
			p.skip(min(columns, 4))
			p.blanks = append(append(p.blanks, p.line[p.pos:]...), '\n')
			p.pos = len(p.line)
			return yes
		case len(text) == 0:
			return unknown
		case columns < 4:
			return no
		}
		p.skip(4)
		p.marks(indented)
		if len(p.blanks) > 0 {
			p.addExtra(b, p.blanks)
			p.blanks = p.blanks[:0]
		}
	case rawHTML:
		if len(text) == 0 && b.html >= 6 {
			return ends(p.whole)
		}
		if b.html >= 6 && (text[0] == '`' || text[0] == '~') && columns < 4 {
			return no // a fence ends it: models write code between <details> and </details>
		}
		p.marks(rawHTML)
	default:
		return no
	}
	b.to = p.number
	return yes
}

// closesFence tells whether the line closes a block of code, and closes it.
func (p *parser) closesFence(b *block, text []byte, columns int) verdict {
	n := run(text, b.fence)
	switch rest := text[n:]; {
	case columns >= 4 || len(text) > 0 && text[0] != b.fence:
		return no
	case len(rest) == 0 && !p.whole:
		return unknown
	case n < b.length || !isBlank(rest):
		return no
	case !p.whole:
		return unknown
	}
	b.closed, b.to = true, p.number
	p.pos = len(p.line)
	p.marks(fenced)
	return yes
}

// blankLine closes what a blank line ends.
func (p *parser) blankLine() {
	if p.matched < len(p.containers) && !p.opened {
		p.closeTo(p.matched)
	}
	if p.leaf != nil {
		p.closeLeaf()
	}
	p.pos = len(p.line)
}

// container opens a quote or an item, if one begins with text.
func (p *parser) container(text []byte, columns int) verdict {
	if len(p.containers) >= 2*maxDepth {
		return no
	}
	if text[0] == '>' {
		if len(text) == 1 && !p.whole {
			return unknown
		}
		p.takeQuote()
		p.add(block{kind: quote})
		p.marks(quote)
		return yes
	}
	if p.inParagraph() { // the line below a heading can look like a marker
		if v := p.underline(text); v != no {
			return unlessYes(v)
		}
	}
	n, v := listMarker(text, p.whole)
	if v != yes {
		return v
	}
	if v := isRule(text, p.whole); v != no {
		return unlessYes(v)
	}
	after := p.cursor
	after.take(n)
	spaces, at := after.indent()
	blank := at == len(p.line)
	if blank && !p.whole {
		return unknown
	}
	if p.inParagraph() && (blank || n > 1 && string(text[:n-1]) != "1") {
		return no
	}
	b := block{kind: item, marker: text[n-1]}
	for _, c := range text[:n-1] {
		b.start = 10*b.start + int(c-'0')
	}
	if blank || spaces > 4 {
		spaces = 1
	}
	b.offset = columns + n + spaces
	p.take(n)
	if columns, _ := p.indent(); columns > 0 {
		p.skip(min(spaces, columns))
	}
	p.addItem(b)
	p.marks(item)
	return yes
}

// addItem opens an item in the list that is open, or in one of its own.
func (p *parser) addItem(b block) {
	p.closeTo(p.matched)
	if last := p.containers[p.matched-1]; last.kind != list || last.marker != b.marker {
		if last.kind == list {
			p.matched--
		}
		p.add(block{kind: list, marker: b.marker, start: b.start})
	}
	p.add(b)
}

// listMarker returns the length of the list marker that text begins with.
func listMarker(text []byte, whole bool) (int, verdict) {
	n := span(text, "0123456789")
	switch {
	case n > 9:
		return 0, no
	case n == len(text):
		return 0, ends(whole)
	case n == 0 && indexByte("-+*", text[0]) < 0, n > 0 && text[n] != '.' && text[n] != ')':
		return 0, no
	}
	n++
	switch {
	case n < len(text) && !isSpaceOrTab(text[n]):
		return 0, no
	case n == len(text) && !whole:
		return 0, unknown
	}
	return n, yes
}

// isRule tells a thematic break.
func isRule(text []byte, whole bool) verdict {
	c, marks := text[0], 0
	if c != '-' && c != '*' && c != '_' {
		return no
	}
	for _, b := range text {
		switch {
		case b == c:
			marks++
		case !isSpaceOrTab(b):
			return no
		}
	}
	if !whole {
		return unknown
	}
	if marks < 3 {
		return no
	}
	return yes
}

// underline tells the line that makes a heading of the paragraph above it.
func (p *parser) underline(text []byte) verdict {
	if text[0] != '=' && text[0] != '-' {
		return no
	}
	n := run(text, text[0])
	n += span(text[n:], " \t")
	switch {
	case n < len(text):
		return no
	case !p.whole:
		return unknown
	}
	return yes
}

// leafStart opens the leaf that begins with text, unless it is a paragraph.
func (p *parser) leafStart(text []byte, columns int, inText bool) verdict {
	switch text[0] {
	case '#':
		return p.headingStart(text)
	case '`', '~':
		return p.fenceStart(text, columns)
	case '<':
		kind, v := htmlStart(text, p.whole, inText)
		if v == yes {
			p.add(block{kind: rawHTML, html: kind})
		}
		return v
	case '[':
		return p.noteStart(text)
	case '$', '\\':
		return p.mathStart(text)
	}
	if p.inParagraph() {
		if v := p.underline(text); v == unknown {
			return unknown
		} else if v == yes && p.setext(text) {
			return yes
		}
	}
	v := isRule(text, p.whole)
	if v == yes {
		p.add(block{kind: rule})
		p.pos = len(p.line)
		p.marks(rule)
	}
	return v
}

// setext makes a heading of the open paragraph, unless that is definitions alone.
func (p *parser) setext(text []byte) bool {
	b := p.leaf
	rest := p.definitions(b.text)
	if isBlank(rest) || b.kind == note {
		return false
	}
	b.kind, b.level, b.to = heading, 1, p.number
	if text[0] == '-' {
		b.level = 2
	}
	b.text = bytes.TrimRight(rest, " \t\n")
	p.sink.setext(b)
	p.pos = len(p.line)
	p.marks(heading)
	return true
}

func (p *parser) headingStart(text []byte) verdict {
	n := run(text, '#')
	switch {
	case n > 6 || n < len(text) && !isSpaceOrTab(text[n]):
		return no
	case isBlank(text[n:]) && !p.whole:
		return unknown
	}
	p.take(n)
	p.skipSpace()
	p.add(block{kind: heading, level: n})
	p.marks(heading)
	return yes
}

func (p *parser) fenceStart(text []byte, columns int) verdict {
	n := run(text, text[0])
	info := text[n:]
	switch {
	case n < 3 && len(info) > 0, text[0] == '`' && bytes.IndexByte(info, '`') >= 0:
		return no
	case !p.whole:
		return unknown
	case n < 3:
		return no
	}
	p.add(block{kind: fenced, fence: text[0], length: n, indent: columns, info: string(bytes.Trim(info, " \t"))})
	p.pos = len(p.line)
	p.marks(fenced)
	return yes
}

// maxLabel is how many bytes the label of a footnote has at most.
const maxLabel = 64

// noteStart opens the text of a footnote.
func (p *parser) noteStart(text []byte) verdict {
	n, v := noteLabel(text, p.whole)
	if v != yes {
		return v
	}
	switch {
	case n == len(text):
		return ends(p.whole)
	case text[n] != ':':
		return no
	case isBlank(text[n+1:]) && !p.whole:
		return unknown
	}
	p.take(n + 1)
	p.add(block{kind: note, info: string(text[2 : n-1])})
	p.skipSpace()
	p.marks(note)
	return yes
}

// noteLabel returns the length of [^label] at the start of src.
func noteLabel(src []byte, whole bool) (int, verdict) {
	for i, c := range src {
		switch {
		case i == 0 && c != '[' || i == 1 && c != '^' || i > maxLabel:
			return 0, no
		case i > 2 && c == ']':
			return i + 1, yes
		case i > 1 && (c <= ' ' || c == '[' || c == ']' || c == '^' || c == '\\'):
			return 0, no
		}
	}
	return 0, ends(whole)
}

// textLine begins a line of a paragraph or a table.
func (p *parser) textLine(text []byte) bool {
	all := p.matched == len(p.containers) && !p.opened
	switch b := p.leaf; {
	case b != nil && b.kind == table && all:
		if !p.whole {
			return p.wait()
		}
		p.row(b)
		return true
	case b != nil && b.kind <= note && !p.opened:
		if columns, _ := p.indent(); all && columns < 4 {
			if v := p.tableStart(b, text); v != no {
				return v == yes
			}
		}
		if text[0] == '|' && !p.whole {
			return p.wait()
		}
		p.skipSpace()
		p.marks(paragraph)
		b.to = p.number
		return true
	}
	if text[0] == '|' && !p.whole {
		return p.wait()
	}
	parent := p.containers[len(p.containers)-1]
	if parent.kind == item && parent.empty && p.opened && text[0] == '[' && parent.task == 0 {
		if p.taskBox(parent, text) == unknown {
			return false
		}
	}
	p.add(block{kind: paragraph})
	p.skipSpace()
	p.marks(paragraph)
	return true
}

// wait leaves the line undecided until it is whole.
func (p *parser) wait() bool {
	p.again = math.MaxInt
	return false
}

// taskBox reads the box of a task.
func (p *parser) taskBox(b *block, text []byte) verdict {
	for i, set := range []string{"[", " xX", "]", " \t"} {
		switch {
		case i == len(text) && !p.whole:
			return unknown
		case i == len(text) || indexByte(set, text[i]) < 0:
			return no
		}
	}
	if isBlank(text[4:]) {
		return ends(p.whole)
	}
	b.task = text[1] | 0x20
	p.take(3)
	p.marks(item)
	p.sink.task(b)
	return yes
}
