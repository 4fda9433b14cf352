package markdown

// cursor is a position in a line that may not have arrived whole. Tab stops are every
// four columns, and a marker can use some columns of a tab.
type cursor struct {
	line   []byte
	pos    int
	column int
	spare  int  // columns left of a tab that was partly used
	whole  bool // nothing more comes of the line
}

// indent returns the columns of white space at the cursor, and where the text begins.
func (c *cursor) indent() (columns, at int) {
	columns = c.spare
	for at = c.pos; at < len(c.line); at++ {
		switch c.line[at] {
		case ' ':
			columns++
		case '\t':
			columns += 4 - (c.column+columns)%4
		default:
			return columns, at
		}
	}
	return columns, at
}

// skip moves past n columns of white space. There must be as many.
func (c *cursor) skip(n int) {
	for n > 0 {
		if c.spare == 0 {
			c.spare = 1
			if c.line[c.pos] == '\t' {
				c.spare = 4 - c.column%4
			}
			c.pos++
		}
		used := min(n, c.spare)
		c.spare -= used
		c.column += used
		n -= used
	}
}

// skipSpace moves to the text.
func (c *cursor) skipSpace() {
	columns, _ := c.indent()
	c.skip(columns)
}

// take moves past the white space and n bytes of the text.
func (c *cursor) take(n int) {
	c.skipSpace()
	c.pos += n
	c.column += n
}

// verdict is what a look at the beginning of a line tells.
type verdict uint8

const (
	no verdict = iota
	yes
	unknown // it depends on what follows
)

// ends returns no, or unknown if the text ended only because it has not arrived.
func ends(whole bool) verdict {
	if whole {
		return no
	}
	return unknown
}

// unlessYes returns v, but no for yes: the line is another kind of block then.
func unlessYes(v verdict) verdict {
	if v == yes {
		return no
	}
	return v
}
