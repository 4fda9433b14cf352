package markdown

import "math"

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
