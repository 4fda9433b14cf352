package markdown

// Containers: which of those that are open go on in a line, and which begin in it.

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
