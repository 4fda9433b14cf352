package markdown

import (
	"bytes"
	"strings"
)

// tableText is a table of a Terminal. Its rows are held until it ends, since only then the
// widths of the columns are known. Of a table of more than maxRows rows these are drawn,
// and the rest in the same widths.
type tableText struct {
	t      *Terminal
	aligns []align
	header []cellText // nil if it has been shown as text
	rows   [][]cellText
	count  int   // rows so far
	widths []int // of the columns, once drawn; 0: as records
	drawn  bool  // some rows are

	words words // of a cell
	in    inline
	text  []byte // of the cells
	parts []part
}

const maxRows = 2000

func newTableText(t *Terminal, aligns []align) *tableText {
	b := &tableText{t: t, aligns: aligns, in: inline{t: t}}
	b.words.emit = func(s *segment) { *t.cell = append(*t.cell, b.keep(s)) }
	return b
}

// cellText is the text of a cell: segments, and line breaks, which have no text.
type cellText []segment

// cells returns the cells of a row.
func (b *tableText) cells(row []byte, base style) []cellText {
	cells := make([]cellText, len(b.aligns))
	for i, c := range splitRow(row) {
		if i < len(cells) {
			cells[i] = b.cell(unescapeBars(c.of(row)), base)
		}
	}
	return cells
}

func (b *tableText) cell(text []byte, base style) cellText {
	t := b.t
	words, in := t.words, t.in
	var list cellText
	t.words, t.in, t.cell = &b.words, &b.in, &list
	t.in.begin(base)
	t.in.write(text)
	t.in.end()
	t.words, t.in, t.cell = words, in, nil
	return list
}

// keep returns a copy of a segment.
func (b *tableText) keep(s *segment) segment {
	b.text, b.parts = append(b.text, s.text...), append(b.parts, s.parts...)
	return segment{spaces: s.spaces, text: b.text[len(b.text)-len(s.text):], width: s.width, parts: b.parts[len(b.parts)-len(s.parts):]}
}

// add adds a row.
func (b *tableText) add(row []byte) {
	b.count++
	b.rows = append(b.rows, b.cells(row, 0))
	if len(b.rows) >= maxRows {
		b.draw()
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
	b.text, b.parts = nil, nil // the header needs its own still
}

// all returns the header and the rows.
func (b *tableText) all() [][]cellText {
	if b.header == nil {
		return b.rows
	}
	return append([][]cellText{b.header}, b.rows...)
}

// columnGap stands between the columns of a table.
const columnGap = " │ "

// fit returns the widths of the columns, or nil if the window is too narrow for a table in
// which no word is broken.
func (b *tableText) fit() []int {
	natural, least := make([]int, len(b.aligns)), make([]int, len(b.aligns))
	for _, row := range b.all() {
		for i, c := range row {
			width, word := c.widths()
			natural[i], least[i] = max(natural[i], width, 1), max(least[i], word, 1)
		}
	}
	window := b.t.window()
	if window == 0 {
		return natural
	}
	spare := window - b.t.prefix() - 3*(len(natural)-1)
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

// wrap returns the lines of a cell.
func (c cellText) wrap(columns int) []cellText {
	var lines []cellText
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
	for _, row := range b.rows {
		for i, c := range row {
			several = several || len(c.wrap(b.widths[i])) > 1
		}
	}
	if b.header != nil && !b.drawn {
		b.row(b.header)
		b.between("─", "─┼─")
	}
	for i, row := range b.rows {
		if several && (i > 0 || b.drawn) {
			b.between(" ", columnGap)
		}
		b.row(row)
	}
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
	cells, height := make([][]cellText, len(row)), 1
	for i, c := range row {
		cells[i] = c.wrap(b.widths[i])
		height = max(height, len(cells[i]))
	}
	for n := range height {
		t.beginLine()
		pad := 0
		for i, lines := range cells {
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
	for i, row := range b.rows {
		if i > 0 || b.drawn {
			t.blankLine()
		}
		for j, c := range row {
			if len(c) == 0 {
				continue
			}
			t.beginLine()
			if b.header != nil && len(b.header[j]) > 0 {
				for k, s := range b.header[j] {
					if k == len(b.header[j])-1 && len(s.text) > 0 {
						s = s.with(":")
					}
					t.writeSegment(&s)
				}
				c[0].spaces = 1
			}
			t.frames = append(t.frames, frame{width: 2, marked: true})
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
