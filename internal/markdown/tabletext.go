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
}

const maxRows = 2000

// cellText is the text of a cell: segments, and line breaks, which have no text.
type cellText []segment

// tableRow returns the cells of a row.
func (t *Terminal) tableRow(row []byte, aligns []align, base style) []cellText {
	cells := make([]cellText, len(aligns))
	for i, c := range splitRow(row) {
		if i < len(cells) {
			cells[i] = t.cellText(unescapeBars(c.of(row)), base)
		}
	}
	return cells
}

func (t *Terminal) cellText(text []byte, base style) cellText {
	var list cellText
	w, in := t.words, t.in
	t.words = words{emit: func(s *segment) {
		list = append(list, segment{spaces: s.spaces, width: s.width, text: bytes.Clone(s.text), parts: append([]part(nil), s.parts...)})
	}}
	t.in = inline{t: t}
	t.in.begin(base)
	t.cell = &list
	t.in.write(text)
	t.in.end()
	t.cell, t.words, t.in = nil, w, in
	return list
}

// add adds a row.
func (b *tableText) add(row []byte) {
	b.count++
	b.rows = append(b.rows, b.t.tableRow(row, b.aligns, 0))
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
func (c cellText) wrap(columns int) [][]segment {
	lines := [][]segment{nil}
	width := 0
	for _, s := range c {
		last := len(lines) - 1
		switch {
		case len(s.text) == 0:
			lines = append(lines, nil)
			width = 0
			continue
		case len(lines[last]) == 0:
			s.spaces = 0
		case width+s.spaces+s.width > columns:
			lines = append(lines, nil)
			last++
			width, s.spaces = 0, 0
		}
		lines[last] = append(lines[last], s)
		width += s.spaces + s.width
	}
	return lines
}

// lines draws the rows as lines in which the cells stand below each other. Where a cell
// takes several lines, rows have a line between them.
func (b *tableText) lines() {
	several := false
	for _, row := range b.rows {
		for i, c := range row {
			several = several || len(c.wrap(b.widths[i])) > 1
		}
	}
	if b.header != nil && !b.drawn {
		b.row(b.header)
		b.rule()
	}
	for i, row := range b.rows {
		if several && (i > 0 || b.drawn) {
			b.rule()
		}
		b.row(row)
	}
}

// rule draws a line between two rows.
func (b *tableText) rule() {
	var parts []string
	for _, w := range b.widths {
		parts = append(parts, strings.Repeat("─", w))
	}
	b.t.line(dim, strings.Join(parts, "─┼─"))
}

func (b *tableText) row(row []cellText) {
	t := b.t
	cells, height := make([][][]segment, len(row)), 1
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
			var line []segment
			if n < len(lines) {
				line = lines[n]
			}
			pad = b.widths[i] - cellText(line).width()
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
			for _, s := range line {
				t.appendSegment(&s, s.spaces)
			}
		}
		t.newLine()
	}
}

// width returns the columns of a line.
func (c cellText) width() int {
	n := 0
	for _, s := range c {
		n += s.spaces + s.width
	}
	return n
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
