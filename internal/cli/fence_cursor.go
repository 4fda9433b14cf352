package cli

import "strings"

// cursor is a place in a line of Markdown. Tabs reach to columns that are multiples of
// four, and a marker can take a part of one.
type cursor struct {
	rest   string
	column int
	spare  int // columns left of a tab that is taken in part
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

// skip takes n columns of white space, of which there are so many.
func (c *cursor) skip(n int) {
	for n > 0 {
		if c.spare == 0 {
			c.spare = 1
			if c.rest[0] == '\t' {
				c.spare = 4 - c.column%4
			}
			c.rest = c.rest[1:]
		}
		taken := min(n, c.spare)
		c.spare -= taken
		c.column += taken
		n -= taken
	}
}

// content is what is left of the line, a tab that is taken in part as spaces.
func (c *cursor) content() string { return strings.Repeat(" ", c.spare) + c.rest }

// text is the line from the first character that is no white space. It is empty if a
// block cannot begin there, being indented as code is.
func (c *cursor) text() string {
	if c.indent() >= 4 {
		return ""
	}
	return strings.TrimLeft(c.rest, " \t")
}

func (c *cursor) blank() bool { return strings.Trim(c.rest, " \t") == "" }

// continues moves behind what a container has at the beginning of each of its lines
// and reports whether it is there.
func (c *cursor) continues(k *container) bool {
	switch {
	case k.indent == 0:
		return c.quote()
	case c.indent() >= k.indent && !(k.bare && c.blank()):
		c.skip(k.indent)
	case k.bare || !c.blank():
		return false
	default:
		c.skip(c.indent())
	}
	k.bare = false
	return true
}

func (c *cursor) quote() bool {
	if !strings.HasPrefix(c.text(), ">") {
		return false
	}
	c.take(1)
	c.skip(min(c.indent(), 1))
	return true
}

// take moves behind the first n characters of the text.
func (c *cursor) take(n int) {
	c.skip(c.indent())
	c.rest, c.column = c.rest[n:], c.column+n
}

// begins moves behind the marker of a container and returns it, if there is one. In a
// paragraph only a list item with a text begins, and of numbers only 1.
func (c *cursor) begins(inParagraph bool) (container, bool) {
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
	if empty || spaces > 4 { // more than that is code
		spaces = 1
	}
	c.skip(min(spaces, c.indent()))
	return container{indent: before + n + spaces, bare: empty}, true
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

// interrupts reports whether something begins here that ends a paragraph and is none.
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
func (c *cursor) fence() *codeBlock {
	text := c.text()
	if text == "" || text[0] != '`' && text[0] != '~' {
		return nil
	}
	info := strings.TrimLeft(text, text[:1])
	length := len(text) - len(info)
	if length < 3 || text[0] == '`' && strings.Contains(info, "`") {
		return nil
	}
	return &codeBlock{info: strings.Trim(info, " \t"), marker: text[0], length: length, indent: c.indent()}
}

// closes reports whether the line closes a code block.
func (c *cursor) closes(b *codeBlock) bool {
	line := strings.TrimRight(c.text(), " \t")
	return len(line) >= b.length && strings.Trim(line, string(b.marker)) == ""
}
