package markdown

import (
	"bytes"
	"strings"
)

// Raw HTML: tags in a line, and the blocks that begin with one. None of it becomes HTML.

// scanTag reads a tag, comment, processing instruction, declaration or CDATA section of
// HTML.
func scanTag(src []byte) int {
	if len(src) < 2 {
		return more
	}
	switch c := src[1]; {
	case c == '!' || c == '?':
		return scanDeclaration(src)
	case c == '/':
		n := 2 + tagName(src[2:])
		if n == 2 && len(src) > 2 {
			return 0
		}
		n += span(src[n:], " \t\n")
		return closeTag(src, n, ">")
	case !isLetter(c):
		return 0
	}
	n := 1 + tagName(src[1:])
	for {
		space := span(src[n:], " \t\n")
		n += space
		if n == len(src) {
			return more
		}
		if c := src[n]; !isLetter(c) && c != '_' && c != ':' || space == 0 {
			return closeTag(src, n, "/>")
		}
		size := scanAttribute(src[n:])
		if size <= 0 {
			return size
		}
		n += size
	}
}

// closeTag wants the end of a tag at n, perhaps without what comes before >.
func closeTag(src []byte, n int, end string) int {
	for i := range len(end) {
		switch {
		case n == len(src):
			return more
		case src[n] == end[i]:
			n++
		case i+1 == len(end):
			return 0
		}
	}
	return n
}

func tagName(src []byte) int {
	for i, c := range src {
		if !isLetter(c) && (i == 0 || !isDigit(c) && c != '-') {
			return i
		}
	}
	return len(src)
}

// scanAttribute reads the name of an attribute and its value, if it has one.
func scanAttribute(src []byte) int {
	n := 0
	for n < len(src) && (isLetter(src[n]) || isDigit(src[n]) || indexByte("_.:-", src[n]) >= 0) {
		n++
	}
	value := n + span(src[n:], " \t\n")
	if value == len(src) || src[value] != '=' {
		return n
	}
	value++
	value += span(src[value:], " \t\n")
	if value == len(src) {
		return more
	}
	if c := src[value]; c == '"' || c == '\'' {
		end := bytes.IndexByte(src[value+1:], c)
		if end < 0 {
			return more
		}
		return value + end + 2
	}
	end := value
	for end < len(src) && indexByte(" \t\n\"'=<>`", src[end]) < 0 {
		end++
	}
	if end == value {
		return 0
	}
	return end
}

// declarations are what begins and ends what is no tag. A comment may be <!--> or <!--->.
var declarations = [4]struct{ open, close string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}}

func scanDeclaration(src []byte) int {
	for i, d := range declarations {
		if n := min(len(src), len(d.open)); string(src[:n]) != d.open[:n] {
			continue
		} else if n < len(d.open) {
			return more
		}
		from := len(d.open)
		switch {
		case i == 0:
			from = 2
		case i == 3 && len(src) == 2:
			return more
		case i == 3 && !isLetter(src[2]):
			return 0
		}
		end := bytes.Index(src[from:], []byte(d.close))
		if end < 0 {
			return more
		}
		return from + end + len(d.close)
	}
	return 0
}

// htmlBlocks are the names that begin a block of HTML by the sixth condition.
const htmlBlocks = " address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option p param search section summary table tbody td tfoot th thead title tr track ul "

// htmlVerbatim are those that begin one by the first condition.
const htmlVerbatim = " script pre style textarea "

// htmlStart tells by which of the seven conditions of CommonMark a block of HTML begins.
func htmlStart(src []byte, whole, inText bool) (condition int, v verdict) {
	if len(src) < 2 {
		return 0, ends(whole)
	}
	for i, d := range []int{2, 5, 3, 4} {
		open := declarations[i].open
		n := min(len(src), len(open))
		switch {
		case string(src[:n]) != open[:n]:
			continue
		case n < len(open) && !whole:
			return 0, unknown
		case n < len(open):
			continue
		case i == 3 && len(src) == 2:
			return 0, ends(whole)
		case i == 3 && !isLetter(src[2]):
			return 0, no
		}
		return d, yes
	}
	closing := src[1] == '/'
	from := 1
	if closing {
		from = 2
	}
	n := from + tagName(src[from:])
	if n == from && n < len(src) {
		return 0, no
	}
	if n == len(src) && !whole {
		return 0, unknown
	}
	name := " " + strings.ToLower(string(src[from:n])) + " "
	after := src[n:]
	if len(after) == 1 && after[0] == '/' && !whole {
		return 0, unknown
	}
	bounded := len(after) == 0 || indexByte(" \t>", after[0]) >= 0
	switch {
	case !closing && bounded && strings.Contains(htmlVerbatim, name):
		return 1, yes
	case (bounded || bytes.HasPrefix(after, []byte("/>"))) && strings.Contains(htmlBlocks, name):
		return 6, yes
	case inText:
		return 0, no
	}
	switch size := scanTag(src); {
	case size == more:
		return 0, ends(whole)
	case size == 0 || !isBlank(src[size:]):
		return 0, no
	case !whole:
		return 0, unknown
	}
	return 7, yes
}

// htmlEnds reports whether a line ends a block of HTML that began by one of the first five
// conditions.
func htmlEnds(condition int, line []byte) bool {
	if condition > 1 {
		return bytes.Contains(line, []byte([]string{"-->", "?>", ">", "]]>"}[condition-2]))
	}
	line = bytes.ToLower(line)
	for name := range strings.FieldsSeq(htmlVerbatim) {
		if bytes.Contains(line, []byte("</"+name+">")) {
			return true
		}
	}
	return false
}

func isBreak(tag []byte) bool {
	return len(tag) >= 4 && strings.EqualFold(string(tag[1:3]), "br") && isBlank(bytes.Trim(tag[3:], "/>"))
}
