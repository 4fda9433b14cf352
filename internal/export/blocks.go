package export

import "strings"

// Block is a fenced code block of a Markdown text.
type Block struct {
	Info     string // what follows the opening fence: the language
	Text     string // the content, without the indentation and marks of a list item or quote
	From, To int    // the lines of the block in the text, with its fences, in bytes
	Open     bool   // no fence closes it

	depth  int  // how many list items and quotes it is in
	marker byte // ` or ~
	length int  // of the opening fence, in markers
	indent int  // columns before the fence; as many are removed from each line
}

// Blocks returns the fenced code blocks of a text in order, by the rules of CommonMark
// 0.31 with one exception: HTML blocks are not recognized, because models put code
// between <details> and </details>.
func Blocks(text string) []Block {
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

// container is a list item or a quote.
type container struct {
	indent int  // columns by which the content of a list item is indented; 0 for a quote
	empty  bool // nothing but the marker of the list item has come
}

// blockReader reads a text by lines. It keeps the containers that are open, and whether
// the innermost holds an open paragraph or code block. Nothing else of CommonMark decides
// which lines are fences.
type blockReader struct {
	at, size  int // where the line begins and how long it is, in bytes
	open      []container
	paragraph bool
	fence     *Block
	content   strings.Builder // of fence
	blocks    []Block
}

func (r *blockReader) line(line string) {
	r.size = len(line)
	text := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	c := cursor{rest: text}
	matched := r.match(&c)
	if r.fence != nil {
		if matched == r.fence.depth {
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
	case inParagraph && c.underlines(): // the paragraph was a heading
		r.paragraph = false
		return
	}
	opened := r.openContainers(&c, matched, inParagraph)
	if r.paragraph && !opened && !c.interrupts() {
		return // a lazy line continues the paragraph without the marks of its containers
	}
	if !opened {
		r.open = r.open[:matched]
	}
	if r.fence = c.fence(); r.fence != nil {
		r.fence.From, r.fence.depth = r.at, len(r.open)
	}
	r.paragraph = c.indent() < 4 && !c.blank() && !c.interrupts()
}

// match returns how many of the open containers continue in a line.
func (r *blockReader) match(c *cursor) int {
	for i := range r.open {
		if !c.continues(&r.open[i]) {
			return i
		}
	}
	return len(r.open)
}

// openContainers opens the containers whose markers a line begins with, and reports
// whether there are any. The first one closes all that did not match.
func (r *blockReader) openContainers(c *cursor, matched int, inParagraph bool) (opened bool) {
	const maxDepth = 100 // a line of a million markers would take too long
	for len(r.open) < maxDepth || !opened {
		next, ok := c.container(inParagraph)
		if !ok {
			break
		}
		if !opened {
			r.open = r.open[:matched]
		}
		r.open = append(r.open, next)
		opened, inParagraph, r.paragraph = true, false, false
	}
	return opened
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
	r.fence.Text, r.fence.To, r.fence.Open = r.content.String(), to, open
	r.blocks = append(r.blocks, *r.fence)
	r.fence, r.paragraph = nil, false
	r.content.Reset()
}

// cursor is a position in a line of Markdown. Tab stops are every four columns, and a
// marker can use some columns of a tab.
type cursor struct {
	rest   string
	column int
	spare  int // columns left of a tab that was partly used
}

// indent returns the columns of white space before the text.
func (c *cursor) indent() int {
	n := c.spare
	for _, b := range []byte(c.rest) {
		switch b {
		case ' ':
			n++
		case '\t':
			n += 4 - (c.column+n)%4
		default:
			return n
		}
	}
	return n
}

// skip moves past n columns of white space. There must be as many.
func (c *cursor) skip(n int) {
	for n > 0 {
		if c.spare == 0 {
			c.spare = 1
			if c.rest[0] == '\t' {
				c.spare = 4 - c.column%4
			}
			c.rest = c.rest[1:]
		}
		used := min(n, c.spare)
		c.spare -= used
		c.column += used
		n -= used
	}
}

// take moves past the white space and the first n characters of the text.
func (c *cursor) take(n int) {
	c.skip(c.indent())
	c.rest, c.column = c.rest[n:], c.column+n
}

// content returns the rest of the line, with spaces for what is left of a tab.
func (c *cursor) content() string { return strings.Repeat(" ", c.spare) + c.rest }

// text returns the line from its first character that is no white space. It is empty if
// the line is indented like code, so that no block can begin in it.
func (c *cursor) text() string {
	if c.indent() >= 4 {
		return ""
	}
	return strings.TrimLeft(c.rest, " \t")
}

func (c *cursor) blank() bool { return strings.Trim(c.rest, " \t") == "" }

// continues moves past what a container requires at the beginning of each of its lines,
// and reports whether it is there.
func (c *cursor) continues(k *container) bool {
	switch {
	case k.indent == 0:
		return c.quote()
	case c.indent() >= k.indent && !(k.empty && c.blank()):
		c.skip(k.indent)
	case k.empty || !c.blank():
		return false
	default:
		c.skip(c.indent())
	}
	k.empty = false
	return true
}

// quote moves past the marker of a quote and reports whether there was one.
func (c *cursor) quote() bool {
	if !strings.HasPrefix(c.text(), ">") {
		return false
	}
	c.take(1)
	c.skip(min(c.indent(), 1))
	return true
}

// container moves past the marker of a container and returns the container, if there is
// one. A paragraph is interrupted only by a list item that has text, and of numbered ones
// only by number 1.
func (c *cursor) container(inParagraph bool) (container, bool) {
	if c.quote() {
		return container{}, true
	}
	text := c.text()
	n := listMarker(text)
	if n == 0 || isRule(text) {
		return container{}, false
	}
	empty := strings.Trim(text[n:], " \t") == ""
	if inParagraph && (empty || n > 1 && text[:n-1] != "1") {
		return container{}, false
	}
	before := c.indent()
	c.take(n)
	spaces := c.indent()
	if empty || spaces > 4 { // from five spaces on the content is indented code
		spaces = 1
	}
	c.skip(min(spaces, c.indent()))
	return container{indent: before + n + spaces, empty: empty}, true
}

// listMarker returns the length of the list marker that text begins with, or 0.
func listMarker(text string) int {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	n := digits + 1
	switch {
	case len(text) < n || digits > 9:
		return 0
	case digits == 0 && !strings.ContainsRune("-+*", rune(text[0])):
		return 0
	case digits > 0 && text[digits] != '.' && text[digits] != ')':
		return 0
	case len(text) > n && text[n] != ' ' && text[n] != '\t':
		return 0
	}
	return n
}

// interrupts reports whether a heading, a rule or a fence begins here, which ends a
// paragraph.
func (c *cursor) interrupts() bool {
	text := c.text()
	hashes := len(text) - len(strings.TrimLeft(text, "#"))
	heading := 0 < hashes && hashes <= 6 && (len(text) == hashes || text[hashes] == ' ' || text[hashes] == '\t')
	return heading || isRule(text) || c.fence() != nil
}

// isRule reports whether text is a thematic break.
func isRule(text string) bool {
	if text == "" || !strings.Contains("*-_", text[:1]) {
		return false
	}
	return strings.Count(text, text[:1]) >= 3 && strings.Trim(text, text[:1]+" \t") == ""
}

// underlines reports whether the line makes a heading of the paragraph before it.
func (c *cursor) underlines() bool {
	line := strings.TrimRight(c.text(), " \t")
	return line != "" && (strings.Trim(line, "=") == "" || strings.Trim(line, "-") == "")
}

// fence returns the code block that the line opens, or nil.
func (c *cursor) fence() *Block {
	text := c.text()
	if text == "" || text[0] != '`' && text[0] != '~' {
		return nil
	}
	info := strings.TrimLeft(text, text[:1])
	length := len(text) - len(info)
	if length < 3 || text[0] == '`' && strings.Contains(info, "`") {
		return nil
	}
	return &Block{Info: strings.Trim(info, " \t"), marker: text[0], length: length, indent: c.indent()}
}

// closes reports whether the line closes a code block.
func (c *cursor) closes(b *Block) bool {
	line := strings.TrimRight(c.text(), " \t")
	return len(line) >= b.length && strings.Trim(line, string(b.marker)) == ""
}
