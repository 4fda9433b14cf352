package markdown

import "bytes"

// The parser: lines in pieces become blocks.

// The limits keep time linear and memory bounded, whatever the text is.
const (
	maxDepth = 64       // quotes and lists within each other; further markers are text
	maxLine  = 64 << 10 // bytes of a line that can be the header of a table
	eager    = 256      // an undecided line is looked at again with each piece up to here
)

// parser reads blocks.
type parser struct {
	cursor
	sink sink
	keep bool // the tree

	again    int  // how long the line must be to be looked at again
	started  bool // what the line is has been decided
	matching bool // the open containers have been compared with it
	matched  int  // how many go on in it
	opened   bool // a container has begun in it
	number   int  // of the line, from 1
	done     int  // bytes of the line that the sink has

	containers []*block // the open ones, the document first
	leaf       *block
	blanks     []byte // blank lines at the end of indented code
	tail       []byte // what may be the end of a heading
	lineLength int    // of a paragraph
	reuse      []byte // for the text of the next leaf, without a tree
	free       *block // closed ones to use again, each the parent of the one before
	cr         bool   // a CR is held back
	refs       map[string]reference
}

func newParser(s sink, keep bool) *parser {
	p := &parser{sink: s, keep: keep, refs: map[string]reference{}}
	p.containers = []*block{{kind: document, empty: true, from: 1}}
	p.number = 1
	return p
}

// write reads more of the text.
func (p *parser) write(src []byte) {
	for len(src) > 0 {
		n := bytes.IndexByte(src, '\n')
		if n < 0 {
			p.part(src, false)
			return
		}
		end := src[n : n+1]
		if n > 0 && src[n-1] == '\r' {
			p.part(src[:n-1], true)
			end = src[n-1 : n+1]
		} else if n == 0 && p.cr {
			p.cr, end = false, []byte("\r\n")
			p.part(nil, true)
		} else {
			p.part(src[:n], true)
		}
		p.endLine(end)
		src = src[n+1:]
	}
}

// part reads a piece of a line, or the last of it. A CR at its end is held back: it may
// belong to the line end.
func (p *parser) part(src []byte, whole bool) {
	if p.cr && (len(src) > 0 || whole) {
		p.cr = false
		p.piece([]byte{'\r'}, false)
	}
	if !whole && len(src) > 0 && src[len(src)-1] == '\r' {
		p.cr, src = true, src[:len(src)-1]
	}
	p.piece(src, whole)
}

func (p *parser) piece(src []byte, whole bool) {
	if p.started {
		p.content(src)
		return
	}
	p.line = append(p.line, src...)
	p.begin(whole)
}

// finish ends the text.
func (p *parser) finish() {
	if p.cr || p.started || len(p.line) > 0 {
		p.part(nil, true)
		p.endLine(nil)
	}
	p.closeTo(0)
}

// begin decides what the line is, if that can be said yet.
func (p *parser) begin(whole bool) {
	if len(p.line) < p.again && !whole {
		return
	}
	p.whole = whole
	if p.started = p.start(); !p.started {
		if len(p.line) >= eager {
			p.again = max(p.again, 2*len(p.line))
		}
		return
	}
	if p.leaf != nil && p.spare > 0 {
		p.addExtra(p.leaf, bytes.Repeat([]byte{' '}, p.spare))
	}
	if p.leaf != nil && p.leaf.kind != rule && p.pos < len(p.line) {
		p.marks(p.leaf.kind)
		p.content(p.line[p.pos:])
		p.done = len(p.line)
	}
}

func (p *parser) endLine(end []byte) {
	if b := p.leaf; b != nil {
		switch {
		case b.kind == heading:
			p.sink.mark(p.tail, heading)
			p.tail = p.tail[:0]
			p.closeLeaf()
		case b.kind == rule || b.closed:
			p.closeLeaf()
		case b.kind == table, b.kind == mathBlock, b.kind == fenced && b.from == p.number:
		case len(end) > 0 && (b.to == p.number && p.pos < len(p.line) || b.kind == fenced):
			p.addText(b, end)
			end = nil
			if b.kind == rawHTML && b.html <= 5 && htmlEnds(b.html, b.lastLine()) {
				p.closeLeaf()
			}
		}
	}
	if len(p.line) > p.done {
		p.sink.mark(p.line[p.done:], document)
	}
	if len(end) > 0 {
		p.sink.mark(end, document)
	}
	p.cursor = cursor{line: p.line[:0]}
	p.started, p.matching, p.opened, p.again, p.done = false, false, false, 0, 0
	p.lineLength = 0
	p.number++
}

// lastLine returns the text of the line that has just ended.
func (b *block) lastLine() []byte {
	text := bytes.TrimSuffix(b.text, []byte("\n"))
	return text[bytes.LastIndexByte(text, '\n')+1:]
}

// marks gives the sink what has been read up to the cursor as a mark.
func (p *parser) marks(of kind) {
	if p.pos > p.done {
		p.sink.mark(p.line[p.done:p.pos], of)
		p.done = p.pos
	}
}

// content gives the leaf more of its line.
func (p *parser) content(src []byte) {
	switch b := p.leaf; {
	case b == nil || len(src) == 0:
	case b.kind == heading:
		p.tail = append(p.tail, src...)
		if n := untilHashes(p.tail, b.empty); n > 0 {
			p.addText(b, p.tail[:n])
			p.tail = p.tail[:copy(p.tail, p.tail[n:])]
		}
	default:
		p.addText(b, src)
	}
}

// untilHashes returns how many bytes of a heading stand before what could be its closing
// hashes, which are the whole heading or have space before them.
func untilHashes(src []byte, first bool) int {
	spaced := len(bytes.TrimRight(src, " \t"))
	n := len(bytes.TrimRight(src[:spaced], "#"))
	if n == 0 && first || n > 0 && isSpaceOrTab(src[n-1]) {
		return len(bytes.TrimRight(src[:n], " \t"))
	}
	return spaced
}

// addText adds to the text of a leaf. Without a tree no more is remembered of it than
// what can still be the header of a table, or definitions of links.
func (p *parser) addText(b *block, src []byte) {
	b.empty = false
	switch b.kind {
	case paragraph, note, rawHTML:
		if !p.keep && len(b.text) > maxLine && src[0] == '\n' {
			b.text = b.text[:0]
		}
		if p.keep || p.lineLength <= maxLine {
			b.text = append(b.text, src...)
		}
		p.lineLength += len(src)
	case table:
		if p.keep {
			b.rows = append(b.rows, bytes.Clone(src))
		}
	default:
		if p.keep {
			b.text = append(b.text, src...)
		}
	}
	p.sink.text(b, src)
}

func (p *parser) addExtra(b *block, src []byte) {
	if p.keep {
		b.text = append(b.text, src...)
	}
	p.sink.extra(b, src)
}

// add opens a block in the innermost container.
func (p *parser) add(what block) *block {
	p.closeTo(p.matched)
	b := p.free
	if b == nil {
		b = new(block)
	}
	p.free = b.parent
	*b = what
	parent := p.containers[len(p.containers)-1]
	if parent.kind == list && b.kind != item {
		p.matched--
		p.closeTo(p.matched)
		parent = p.containers[len(p.containers)-1]
	}
	b.parent, b.from, b.to, b.empty = parent, p.number, p.number, true
	if !p.keep {
		b.text = p.reuse[:0]
	}
	parent.empty = false
	if p.keep {
		parent.children = append(parent.children, b)
	}
	if b.kind <= item {
		p.containers = append(p.containers, b)
		p.matched, p.opened = len(p.containers), true
	} else {
		p.leaf = b
	}
	p.sink.open(b)
	return b
}

// closeTo closes the leaf and all containers but the first n.
func (p *parser) closeTo(n int) {
	if p.leaf != nil {
		p.closeLeaf()
	}
	for len(p.containers) > n {
		b := p.containers[len(p.containers)-1]
		p.containers = p.containers[:len(p.containers)-1]
		p.closed(b)
		p.sink.close(b)
		p.release(b)
	}
}

// release lets a block that is closed be used again, without a tree.
func (p *parser) release(b *block) {
	if !p.keep {
		b.parent, p.free = p.free, b
	}
}

// closed tells the parent of a block where it ends.
func (p *parser) closed(b *block) {
	if b.parent != nil {
		b.parent.to = max(b.parent.to, b.to)
	}
}

func (p *parser) closeLeaf() {
	b := p.leaf
	p.leaf = nil
	p.blanks = p.blanks[:0]
	if b.kind == paragraph {
		b.text = p.definitions(b.text)
	}
	if parent := b.parent; b.kind == paragraph && p.keep && len(b.text) == 0 {
		parent.children = parent.children[:len(parent.children)-1]
	} else {
		p.closed(b)
	}
	p.sink.close(b)
	if !p.keep {
		p.reuse, b.text = b.text, nil
	}
	p.release(b)
}

// inParagraph reports whether the line is one in which an open paragraph could go on
// without laziness.
func (p *parser) inParagraph() bool {
	return p.leaf != nil && p.leaf.kind <= note && !p.opened && p.matched == len(p.containers)
}
