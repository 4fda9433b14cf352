package markdown

import (
	"bytes"
	"iter"
	"slices"
	"strings"
)

// tableText is a table of a Terminal. Its rows are held until it ends, since only then the
// widths of the columns are known. Of a table of more than maxCells cells or
// maxCellText bytes these are drawn, and the rest in the same widths. It is used again for the next table.
type tableText struct {
	t       *Terminal
	aligns  []align
	header  []cellText // empty if it has been shown as text
	rows    []cellText // one after another
	count   int        // rows so far
	widths  []int      // of the columns, once drawn; nil: as records
	drawn   bool       // some rows are
	wrapped [][]cellText

	words    words // of a cell
	in       inline
	segments []segment // of the cells
	text     []byte
	parts    []part
}

const (
	maxCells    = 20_000  // that are held
	maxCellText = 4 << 20 // bytes of their text
)

func newTableText(t *Terminal) *tableText {
	b := &tableText{t: t, in: inline{t: t}}
	b.words.emit = func(s *segment) { b.segments = append(b.segments, b.keep(s)) }
	return b
}

// begin begins a table.
func (b *tableText) begin(aligns []align) {
	b.aligns, b.count, b.widths, b.drawn = aligns, 0, nil, false
	b.header, b.rows, b.wrapped = b.header[:0], b.rows[:0], make([][]cellText, len(aligns))
	b.segments, b.text, b.parts = b.segments[:0], b.text[:0], b.parts[:0]
}

// cellText is the text of a cell: segments, and line breaks, which have no text.
type cellText []segment

// cells appends the cells of a row. Cells beyond the columns, which a page leaves out, belong
// to the last one.
func (b *tableText) cells(list []cellText, row []byte, base style) []cellText {
	cells := splitRow(row)
	last := len(b.aligns) - 1
	if len(cells) > last {
		cells[last].to = cells[len(cells)-1].to
	}
	for i := range b.aligns {
		if i < len(cells) {
			list = append(list, b.cell(unescapeBars(cells[i].of(row)), base))
		} else {
			list = append(list, nil)
		}
	}
	return list
}

func (b *tableText) cell(text []byte, base style) cellText {
	t, from := b.t, len(b.segments)
	words, in := t.words, t.in
	t.words, t.in, t.cell = &b.words, &b.in, &b.segments
	t.in.begin(base)
	t.in.write(text)
	t.in.end()
	t.words, t.in, t.cell = words, in, nil
	return b.segments[from:len(b.segments):len(b.segments)]
}

// keep returns a copy of a segment.
func (b *tableText) keep(s *segment) segment {
	b.text, b.parts = append(b.text, s.text...), append(b.parts, s.parts...)
	return segment{spaces: s.spaces, text: b.text[len(b.text)-len(s.text):], width: s.width, parts: b.parts[len(b.parts)-len(s.parts):]}
}

// add adds a row.
func (b *tableText) add(row []byte) {
	b.count++
	b.rows = b.cells(b.rows, row, 0)
	if len(b.rows) >= maxCells || len(b.text) >= maxCellText {
		b.draw()
		b.segments, b.text, b.parts = nil, nil, nil // the header needs its own still
	}
}

// draw draws the rows that are held.
func (b *tableText) draw() {
	if !b.drawn {
		b.widths = b.fit()
	}
	if b.widths == nil {
		b.records()
	} else {
		b.lines()
	}
	b.rows, b.drawn = b.rows[:0], true
}

// each yields the rows that are held.
func (b *tableText) each() iter.Seq[[]cellText] { return slices.Chunk(b.rows, len(b.aligns)) }

// columnGap stands between the columns of a table.
const columnGap = " │ "

// fit returns the widths of the columns, or nil if the window is too narrow for a table in
// which no word is broken.
func (b *tableText) fit() []int {
	natural, least := make([]int, len(b.aligns)), make([]int, len(b.aligns))
	measure := func(row []cellText) {
		for i, c := range row {
			width, word := c.widths()
			natural[i], least[i] = max(natural[i], width, 1), max(least[i], word, 1)
		}
	}
	measure(b.header)
	for row := range b.each() {
		measure(row)
	}
	window := b.t.window()
	if window == 0 {
		return natural
	}
	n, indent := b.t.hanging()
	if n < len(b.t.frames) {
		return nil
	}
	spare := window - indent - 3*(len(natural)-1)
	wanted := 0
	for i := range natural {
		spare -= least[i]
		wanted += natural[i] - least[i]
	}
	if spare < 0 {
		return nil
	}
	for i := range natural {
		if more := natural[i] - least[i]; wanted > spare && more > 0 {
			share := more * spare / wanted
			natural[i] = least[i] + share
			wanted -= more
			spare -= share
		}
	}
	return natural
}

// widths returns the columns of the widest line and of the widest word of a cell.
func (c cellText) widths() (line, word int) {
	width := 0
	for _, s := range c {
		if len(s.text) == 0 {
			width = 0
			continue
		}
		if width > 0 {
			width += s.spaces
		}
		width += s.width
		line, word = max(line, width), max(word, s.width)
	}
	return line, word
}

// wrap appends the lines of a cell.
func (c cellText) wrap(lines []cellText, columns int) []cellText {
	from, width := 0, 0
	for i, s := range c {
		switch {
		case len(s.text) == 0:
			lines = append(lines, c[from:i])
			from, width = i+1, 0
		case from == i:
			width = s.width
		case width+s.spaces+s.width > columns:
			lines = append(lines, c[from:i])
			from, width = i, s.width
		default:
			width += s.spaces + s.width
		}
	}
	return append(lines, c[from:])
}

// lines draws the rows as lines in which the cells stand below each other. Where a cell
// takes several lines, rows have an empty line between them.
func (b *tableText) lines() {
	several := false
	for row := range b.each() {
		several = several || b.wrap(row) > 1
	}
	if len(b.header) > 0 && !b.drawn {
		b.row(b.header)
		b.between("─", "─┼─")
	}
	first := !b.drawn
	for row := range b.each() {
		if several && !first {
			b.between(" ", columnGap)
		}
		b.row(row)
		first = false
	}
}

// wrap wraps the cells of a row and returns how many lines that takes.
func (b *tableText) wrap(row []cellText) (height int) {
	for i, c := range row {
		b.wrapped[i] = c.wrap(b.wrapped[i][:0], b.widths[i])
		height = max(height, len(b.wrapped[i]))
	}
	return height
}

// between draws what stands between two rows: something as wide as each cell, with gaps.
func (b *tableText) between(cell, gap string) {
	var parts []string
	for _, w := range b.widths {
		parts = append(parts, strings.Repeat(cell, w))
	}
	b.t.line(dim, strings.TrimRight(strings.Join(parts, gap), " "))
}

func (b *tableText) row(row []cellText) {
	t := b.t
	for n := range b.wrap(row) {
		t.beginLine()
		pad := 0
		for i, lines := range b.wrapped {
			if i > 0 {
				t.out = t.pen.put(t.out, 0, spaces(pad))
				t.out = t.pen.put(t.out, dim, []byte(columnGap))
			}
			var line cellText
			if n < len(lines) {
				line = lines[n]
			}
			pad = b.widths[i] - line.width()
			before := 0
			switch {
			case len(line) == 0:
			case b.aligns[i] == alignRight:
				before = pad
			case b.aligns[i] == alignCenter:
				before = pad / 2
			}
			t.out = t.pen.put(t.out, 0, spaces(before))
			pad -= before
			for k := range line {
				t.appendSegment(&line[k], line.spaces(k))
			}
		}
		t.newLine()
	}
}

// width returns the columns of a line.
func (c cellText) width() int {
	n := 0
	for i, s := range c {
		n += c.spaces(i) + s.width
	}
	return n
}

// spaces returns how many stand before segment i of a line.
func (c cellText) spaces(i int) int {
	if i == 0 {
		return 0
	}
	return c[i].spaces
}

// records shows each row as lines of a name and a value.
func (b *tableText) records() {
	t := b.t
	first := !b.drawn
	for row := range b.each() {
		if !first {
			t.blankLine()
		}
		first = false
		for j, c := range row {
			if len(c) == 0 {
				continue
			}
			t.beginLine()
			if len(b.header) > 0 && len(b.header[j]) > 0 {
				for k, s := range b.header[j] {
					if k == len(b.header[j])-1 && len(s.text) > 0 {
						s = s.with(":")
					}
					t.writeSegment(&s)
				}
				c[0].spaces = 1
			}
			t.frames = append(t.frames, frame{width: 2, marked: true})
			t.setWidest()
			for _, s := range c {
				if len(s.text) == 0 {
					t.endLine()
					continue
				}
				t.writeWide(&s)
			}
			t.endLine()
			t.frames = t.frames[:len(t.frames)-1]
		}
	}
}

// with returns a segment with something more in its look.
func (s segment) with(more string) segment {
	s.text = append(bytes.Clone(s.text), more...)
	s.parts = append([]part(nil), s.parts...)
	s.parts[len(s.parts)-1].to = len(s.text)
	s.width += len(more)
	return s
}
