package term

import "bytes"

// Markdown styles a text in Markdown while it arrives in pieces. It is a Filter
// first: nothing of the text acts on the terminal. Then it adds styles and
// nothing else: no character is changed, moved or left out, no line is broken,
// and nothing that was printed is printed again. The zero Markdown is ready for
// use; what comes out does not depend on how the text was cut.
//
// The markers stay and are dimmed, so a wrong guess costs a style and never a
// word. The look, in colours that can be read on light and on dark ground:
//
//	headings          bold magenta
//	strong, emphasis  bold, italic
//	strikethrough     struck, from ~~ only: one ~ is "about" in most answers
//	code in a line    cyan
//	code in a fence   keywords magenta, strings green, numbers cyan, comments dim
//	list markers      magenta
//	quotes            > green
//	links             text underlined, address dim; <https://…> underlined
//	tables            header bold, bars and the row below it dim
//	rules, fences     dim
//
// The rules are CommonMark's (0.31) with GitHub's tables and strikethrough, read
// by one who cannot see what follows: what opens is taken to be closed later,
// and ends at the latest with its paragraph, heading or cell. Raw HTML and
// reference definitions are text. Two rules are not CommonMark's: a * between
// two Latin letters or digits is a product (2*3*4) and opens nothing, and
// emphasis next to Chinese, Japanese and Korean punctuation works as elsewhere.
type Markdown struct {
	filter Filter
	text   []byte // visible, but not decided yet
	pen    pen
	rest   rest
	plain  style // of a line that is all of one style

	// Where a line begins.
	col     int     // columns passed
	base    int     // where the content of the containers found so far begins
	found   int     // how many of the open containers go on in this line
	mark    int     // where the last marker ended
	pending pending // what the space behind it is needed for
	item    bool    // nothing has come in this line since the marker of an item

	open   [32]container
	depth  int
	leaf   leaf
	fence  fence
	inline inline
	code   code
}

// rest says how the rest of a line is read.
type rest uint8

const (
	beginning rest = iota // only space and the markers of containers so far
	single                // all of one style
	inlines
	heading
	row  // of a table
	info // behind an opening fence
	source
)

// leaf is the block that is open where a line begins.
type leaf uint8

const (
	none leaf = iota
	paragraph
	header // a line that may be the header of a table
	table
	fenced
)

// container is a quote or, with the columns its content is indented by, an item
// of a list.
type container struct {
	quote bool
	width int
}

// longest is how many bytes are held back at most to see what they are.
const longest = 64

// Append appends the styled form of src to dst and returns it. It holds back
// only what the next bytes can still change, at most a word of 64 bytes.
func (m *Markdown) Append(dst, src []byte) []byte {
	m.text = m.filter.Append(m.text, src)
	return m.run(dst, false)
}

// Flush appends what is held back, takes the last style off, and makes the
// Markdown ready for another text.
func (m *Markdown) Flush(dst []byte) []byte {
	m.text = m.filter.Flush(m.text)
	dst = m.pen.lift(m.run(dst, true))
	*m = Markdown{filter: m.filter, text: m.text}
	return dst
}

// Hidden returns what the Filter has met so far.
func (m *Markdown) Hidden() Hidden { return m.filter.Hidden() }

// run styles as much of the text as is decided, all of it at the end.
func (m *Markdown) run(dst []byte, end bool) []byte {
	done := 0
	for done < len(m.text) {
		var n int
		if dst, n = m.step(dst, m.text[done:], end); n == 0 {
			break
		}
		done += n
	}
	m.text = m.text[:copy(m.text, m.text[done:])]
	return dst
}

// step styles the next few bytes of src, which is not empty, and returns how
// many. None means that it depends on what follows; at the end of the text
// nothing does.
func (m *Markdown) step(dst, src []byte, end bool) ([]byte, int) {
	if src[0] == '\n' {
		return m.endLine(dst), 1
	}
	switch m.rest {
	case beginning:
		return m.begin(dst, src, end)
	case single:
		n := line(src)
		return m.pen.put(dst, m.plain, src[:n]), n
	case info:
		return m.infoString(dst, src)
	case source:
		return m.code.step(&m.pen, dst, src, end)
	}
	return m.inlineStep(dst, src, end)
}

// line returns how many bytes src has before its first line end.
func line(src []byte) int {
	if n := bytes.IndexByte(src, '\n'); n >= 0 {
		return n
	}
	return len(src)
}

// endLine ends the line. No style goes over a line end: it would colour what
// other programs put beside the text.
func (m *Markdown) endLine(dst []byte) []byte {
	switch m.rest {
	case beginning:
		m.blankLine()
	case heading, row:
		m.inline = inline{}
	case info, source:
		m.code.endLine()
	}
	m.inline.endLine()
	m.rest, m.col, m.base, m.found, m.pending, m.item = beginning, 0, 0, 0, settled, false
	return append(m.pen.lift(dst), '\n')
}
