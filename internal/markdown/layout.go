package markdown

import (
	"bytes"

	"oax/internal/term"
)

// The lines of a Terminal: what stands before their text, and where they end.

// frame is what stands before the lines of a container.
type frame struct {
	bar    bool   // of a quote
	marker string // of an item, once; then as many columns of space
	width  int
	marked bool
}

// minColumns is how wide prose is at least: two columns of indentation and a wide character.
const minColumns = 4

// measure takes over the width of the window, for the next line.
func (t *Terminal) measure() {
	t.limit = t.o.Wrap
	if window := t.window(); window > 0 && t.limit > 0 {
		t.limit = min(t.limit, window)
	}
	if t.limit > 0 {
		t.limit = max(t.limit, minColumns)
	}
}

// window returns the columns of the terminal, or 0 if it has no edge. It asks once in a
// piece of the text: to ask for each line would take longer than all else.
func (t *Terminal) window() int {
	if !t.asked && t.o.Window != nil {
		t.windowColumns = t.o.Window()
	}
	t.asked = true
	return t.windowColumns
}

// hanging returns how many of the open containers stand before each line, and the columns
// that they take. Deeper ones would leave too little room for the text.
func (t *Terminal) hanging() (n, columns int) {
	for n < len(t.frames) {
		wider := columns + t.frames[n].width
		if t.limit > 0 && wider > max(t.limit-24, t.limit/2) {
			break
		}
		n, columns = n+1, wider
	}
	return n, columns
}

// beginLine writes what stands before the text of a line.
func (t *Terminal) beginLine() {
	if t.column > 0 {
		return
	}
	t.begun = true
	n, _ := t.hanging()
	for i := range t.frames[:n] {
		f := &t.frames[i]
		switch {
		case f.bar:
			t.out = t.pen.put(t.out, green, []byte("│"))
			t.out = t.pen.put(t.out, 0, []byte(" "))
		case !f.marked:
			f.marked = true
			t.out = t.pen.put(t.out, magenta, []byte(f.marker))
			t.out = t.pen.put(t.out, 0, spaces(f.width-term.Width(f.marker)))
		default:
			t.out = t.pen.put(t.out, 0, spaces(f.width))
		}
		t.column += f.width
	}
	t.indent = t.column
	t.setWidest()
	t.deepMarkers(t.frames[n:])
}

// deepMarkers writes the markers of the containers that do not stand before each line as
// words, of which a line may take some and the next one the others.
func (t *Terminal) deepMarkers(frames []frame) {
	var markers []byte
	for i := range frames {
		if f := &frames[i]; !f.bar && !f.marked {
			f.marked = true
			markers = append(append(markers, f.marker...), ' ')
		}
	}
	if markers == nil {
		return
	}
	w := words{emit: t.writeSegment, widest: t.words.widest}
	w.put(markers, magenta, "")
	if t.limit > 0 && t.column+1 >= t.limit {
		t.newLine()
		t.beginLine()
		return
	}
	t.out = t.pen.put(t.out, 0, spaces(1))
	t.column++
}

// setWidest says which words are too wide for any line in the open containers.
func (t *Terminal) setWidest() {
	t.words.widest = 0
	if t.limit > 0 {
		_, indent := t.hanging()
		t.words.widest = t.limit - indent
	}
}

// spaces returns n spaces.
func spaces(n int) []byte {
	const few = "                                        "
	if n > len(few) {
		return bytes.Repeat([]byte{' '}, n)
	}
	return []byte(few[:max(n, 0)])
}

// endLine ends the line that is written, if there is one.
func (t *Terminal) endLine() {
	if t.column > 0 {
		t.newLine()
	}
}

// newLine ends the line. No style goes over a line end: it would colour what other
// programs put beside the text.
func (t *Terminal) newLine() {
	t.out = append(t.pen.lift(t.out), '\n')
	t.column, t.indent = 0, 0
	t.measure()
}

// blankLine writes a line with nothing but the bars of quotes.
func (t *Terminal) blankLine() {
	t.endLine()
	bars, _ := t.hanging()
	for bars > 0 && !t.frames[bars-1].bar {
		bars--
	}
	for i, f := range t.frames[:bars] {
		if f.bar {
			t.out = t.pen.put(t.out, green, []byte("│"))
		} else {
			t.out = t.pen.put(t.out, 0, spaces(f.width))
		}
		if f.bar && i+1 < bars {
			t.out = t.pen.put(t.out, 0, []byte(" "))
		}
	}
	t.newLine()
}

// line writes a line of one style.
func (t *Terminal) line(s style, text string) {
	t.beginLine()
	t.out = t.pen.put(t.out, s, []byte(text))
	t.column++
	t.newLine()
}

// writeSegment writes a segment in the line, or in the next one if it does not fit, which
// it must also where emoji are not joined.
func (t *Terminal) writeSegment(s *segment) {
	t.beginLine()
	width := s.width + s.apart
	if t.limit > 0 && t.column > t.indent && t.column+s.spaces+width > t.limit {
		t.newLine()
		t.beginLine()
	}
	n := 0
	if t.column > t.indent {
		n = s.spaces
	}
	t.column += n + width
	t.appendSegment(s, n)
}

// writeWide writes a segment that may be wider than any line.
func (t *Terminal) writeWide(s *segment) {
	w := words{segment: segment{spaces: s.spaces}, widest: t.words.widest, emit: t.writeSegment}
	from := 0
	for _, p := range s.parts {
		w.put(s.text[from:p.to], p.style, p.link)
		from = p.to
	}
	w.end()
}

// appendSegment writes a segment behind n spaces. These have the
// look of what is before them, but no line and no link that ends there.
func (t *Terminal) appendSegment(s *segment, n int) {
	if n > 0 {
		look := part{style: t.pen.has, link: t.pen.link}
		if drawn := look.style&(underline|strike) != 0 || look.link != ""; drawn && (look.style != s.parts[0].style || look.link != s.parts[0].link) {
			look = part{}
		}
		t.out = t.pen.putLink(t.out, look.style, look.link, spaces(n))
	}
	from := 0
	for _, p := range s.parts {
		t.out = t.pen.putLink(t.out, p.style, p.link, s.text[from:p.to])
		from = p.to
	}
}

// breakLine ends the line, and the word that is held back.
func (t *Terminal) breakLine() {
	t.words.end()
	t.words.spaces = 0
	switch {
	case t.cell != nil:
		*t.cell = append(*t.cell, segment{})
	case t.column > t.indent:
		t.newLine()
	}
}
