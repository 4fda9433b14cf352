package markdown

import "bytes"

// Leaves: what a line begins that holds text, other than a paragraph.

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
