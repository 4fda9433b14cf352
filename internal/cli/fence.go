package cli

import "strings"

// codeBlock is a fenced code block of a Markdown text.
type codeBlock struct {
	info     string // behind the opening fence: the language
	text     string // its content, without what its list item or quote puts before each line
	from, to int    // the lines it takes of the source, fences and all, in bytes
	open     bool   // nothing closes it
	inside   int    // how many list items and quotes it is in

	marker byte // ` or ~
	length int  // of the opening fence, in markers
	indent int  // columns before it, which every line may have as well
}

// codeBlocks returns the fenced code blocks of a text, in order, by the rules of
// CommonMark 0.31 with one exception: HTML blocks are not looked for, since models
// put code between <details> and </details>.
func codeBlocks(text string) []codeBlock {
	var r blockReader
	for line := range strings.Lines(text) {
		r.line(line)
		r.at += len(line)
	}
	if r.fence != nil {
		r.closeFence(r.at, true)
	}
	return r.blocks
}

// container is a list item, by the columns its content is indented, or a quote.
type container struct {
	indent int  // 0: a quote
	bare   bool // nothing has come of the list item but its marker
}

// blockReader goes through a text by lines and knows what is open: containers, and in
// the innermost of them a paragraph or a code block. No more of CommonMark decides
// which lines are fences.
type blockReader struct {
	at, size  int // of the line
	open      []container
	paragraph bool
	fence     *codeBlock
	content   strings.Builder // of fence
	blocks    []codeBlock
}

func (r *blockReader) line(line string) {
	r.size = len(line)
	text := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	c := cursor{rest: text}
	matched := r.match(&c)
	if r.fence != nil {
		if matched == r.fence.inside {
			r.inFence(c, line[len(text):])
			return
		}
		r.closeFence(r.at, true)
	}
	inParagraph := r.paragraph && matched == len(r.open)
	switch {
	case c.blank():
		r.open, r.paragraph = r.open[:matched], false
		return
	case inParagraph && c.underlines(): // it was a heading
		r.paragraph = false
		return
	}
	began := r.begin(&c, matched, inParagraph)
	if r.paragraph && !began && !c.interrupts() {
		return // the paragraph goes on, also if its containers are not there again
	}
	if !began {
		r.open = r.open[:matched]
	}
	if r.fence = c.fence(); r.fence != nil {
		r.fence.from, r.fence.inside = r.at, len(r.open)
	}
	r.paragraph = c.indent() < 4 && !c.blank() && !c.interrupts()
}

// match returns how many of the open containers go on in a line.
func (r *blockReader) match(c *cursor) int {
	for i := range r.open {
		if !c.continues(&r.open[i]) {
			return i
		}
	}
	return len(r.open)
}

// begin opens the containers that begin in a line, and reports whether there are any.
// The first ends what did not match.
func (r *blockReader) begin(c *cursor, matched int, inParagraph bool) (began bool) {
	const deepest = 100 // a line of a million markers is not worth the time
	for len(r.open) < deepest || !began {
		next, ok := c.begins(inParagraph)
		if !ok {
			break
		}
		if !began {
			r.open = r.open[:matched]
		}
		r.open = append(r.open, next)
		began, inParagraph, r.paragraph = true, false, false
	}
	return began
}

func (r *blockReader) inFence(c cursor, lineEnd string) {
	if c.closes(r.fence) {
		r.closeFence(r.at+r.size, false)
		return
	}
	c.skip(min(c.indent(), r.fence.indent))
	r.content.WriteString(c.content() + lineEnd)
}

func (r *blockReader) closeFence(to int, open bool) {
	r.fence.text, r.fence.to, r.fence.open = r.content.String(), to, open
	r.blocks = append(r.blocks, *r.fence)
	r.fence, r.paragraph = nil, false
	r.content.Reset()
}
