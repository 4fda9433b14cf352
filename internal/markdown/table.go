package markdown

import "bytes"

// align is how a column of a table is aligned.
type align uint8

const (
	alignNone align = iota
	alignLeft
	alignRight
	alignCenter
)

// tableStart makes the last line of a paragraph the header of a table if the line is a
// delimiter row of as many cells.
func (p *parser) tableStart(b *block, text []byte) verdict {
	if span(text, "-:| \t") < len(text) || b.kind != paragraph {
		return no
	}
	if !p.whole {
		return unknown
	}
	before := bytes.LastIndexByte(bytes.TrimSuffix(b.text, []byte("\n")), '\n') + 1
	header := bytes.TrimSuffix(b.text[before:], []byte("\n"))
	aligns := delimiterRow(text)
	if aligns == nil || len(header) > maxLine || len(splitRow(header)) != len(aligns) {
		return no
	}
	header = bytes.Clone(header)
	b.text = bytes.TrimSuffix(b.text[:before], []byte("\n"))
	t := block{kind: table, aligns: aligns}
	if p.keep {
		t.rows = append(t.rows, header)
	}
	p.sink.table(b, aligns, before == 0)
	b.to = p.number - 2
	if before == 0 {
		p.leaf = nil
		if p.keep {
			b.parent.children = b.parent.children[:len(b.parent.children)-1]
		}
	}
	if opened := p.add(t); before == 0 {
		opened.from--
	}
	p.pos = len(p.line)
	p.marks(table)
	return yes
}

// delimiterRow returns the alignments of the row below a header, or nil if it is none.
func delimiterRow(text []byte) []align {
	var aligns []align
	for _, cell := range splitRow(text) {
		dashes := bytes.Trim(cell.of(text), ":")
		if len(dashes) == 0 || run(dashes, '-') < len(dashes) {
			return nil
		}
		a := alignNone
		if text[cell.from] == ':' {
			a |= alignLeft
		}
		if text[cell.to-1] == ':' {
			a |= alignRight
		}
		aligns = append(aligns, a)
	}
	return aligns
}

// cell is a part of a row, without the space around it.
type cell struct{ from, to int }

func (c cell) of(row []byte) []byte { return row[c.from:c.to] }

// splitRow returns the cells of a row. A bar within one is escaped.
func splitRow(row []byte) []cell {
	var cells []cell
	end := len(bytes.TrimRight(row, " \t"))
	at := span(row[:end], " \t")
	if at < end && row[at] == '|' {
		at++
	}
	for at < end {
		bar := at
		for bar < end && (row[bar] != '|' || bar > 0 && row[bar-1] == '\\') {
			bar++
		}
		c := cell{from: min(at+span(row[at:bar], " \t"), bar), to: bar}
		for c.to > c.from && isSpaceOrTab(row[c.to-1]) {
			c.to--
		}
		cells = append(cells, c)
		at = bar + 1
	}
	return cells
}

// row reads a line of a table, whole.
func (p *parser) row(b *block) {
	p.skipSpace()
	p.marks(table)
	b.to = p.number
}
