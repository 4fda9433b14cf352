package lineedit

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"oax/internal/term"
)

// How a text looks on a terminal: where its lines wrap, which of its rows are in view, and
// where the cursor is.

// row is a part of the text that is on one row of the screen, without its line end.
type row struct{ from, to int }

// layout is the text in rows, as far as it may be in view.
type layout struct {
	text    string
	columns int
	rows    []row
	cursor  int // the row that the cursor is in
	column  int // of the cursor in its row
}

// newLayout lays out the line that the cursor is in, and up to around rows before it and
// after it.
func newLayout(text string, at, columns, around int) *layout {
	l := &layout{text: text, columns: max(columns, 2)}
	b := buffer{text: text}
	start, end := b.lineStart(at), b.lineEnd(at)
	l.rows = l.wrap(start, end)
	for l.cursor+1 < len(l.rows) && l.rows[l.cursor+1].from <= at {
		l.cursor++
	}
	l.column = l.width(l.rows[l.cursor].from, at)
	for l.cursor < around && start > 0 {
		before := b.lineStart(start - 1)
		rows := l.wrap(before, start-1)
		l.rows, l.cursor, start = append(rows, l.rows...), l.cursor+len(rows), before
	}
	for len(l.rows)-l.cursor <= around && end < len(text) {
		next := b.lineEnd(end + 1)
		l.rows, end = append(l.rows, l.wrap(end+1, next)...), next
	}
	return l
}

// wrap returns the rows of one line. A cluster that does not fit is in the next row.
func (l *layout) wrap(from, to int) []row {
	rows := []row{{from, to}}
	width := 0
	for at, cluster := range term.Clusters(l.text[from:to]) {
		w := look(cluster).width
		if width+w > l.columns && width > 0 {
			rows[len(rows)-1].to = from + at
			rows = append(rows, row{from + at, to})
			width = 0
		}
		width += w
	}
	return rows
}

// width returns the columns that a part of a line takes.
func (l *layout) width(from, to int) int {
	width := 0
	for _, cluster := range term.Clusters(l.text[from:to]) {
		width += look(cluster).width
	}
	return width
}

// offset returns the place in a row that is nearest to a column, at or before it.
func (l *layout) offset(r, column int) int {
	from, to := l.rows[r].from, l.rows[r].to
	width, last := 0, from
	for at, cluster := range term.Clusters(l.text[from:to]) {
		last = from + at
		if width += look(cluster).width; width > column {
			return last
		}
	}
	if r+1 < len(l.rows) && l.rows[r+1].from == to { // the end of the row is in the next one
		return last
	}
	return to
}

// draw returns a row as it is written on the terminal, beginning in a column.
func (l *layout) draw(r row, column int) string {
	var b strings.Builder
	for _, cluster := range term.Clusters(l.text[r.from:r.to]) {
		looks := look(cluster)
		b.WriteString(looks.text)
		column += looks.width
		if !looks.certain {
			fmt.Fprintf(&b, "\x1b[%dG", column+1)
		}
	}
	return b.String()
}

// appearance is how a cluster looks on a terminal.
type appearance struct {
	text    string
	width   int
	certain bool // every terminal gives it this width
}

// tabWidth is how many spaces a TAB is drawn as.
const tabWidth = 4

// look returns how a cluster looks. A terminal obeys nothing of it, and shows all of it:
// controls as term.Visible has them, what nobody would see as U+FFFD, and a mark without
// a letter on a dotted circle.
func look(cluster string) appearance {
	r, size := utf8.DecodeRuneInString(cluster)
	switch {
	case cluster == "\t":
		return appearance{strings.Repeat(" ", tabWidth), tabWidth, true}
	case size < len(cluster):
	case ' ' <= r && r < 0x7f, unicode.In(r, unicode.Latin) && unicode.IsLetter(r) && r < 0x250:
		return appearance{cluster, 1, true}
	case 0x3041 <= r && r <= 0x3096, 0x30a1 <= r && r <= 0x30fa, 0x4e00 <= r && r <= 0x9fff, 0xac00 <= r && r <= 0xd7a3:
		return appearance{cluster, 2, true}
	}
	var f term.Filter
	text := string(f.Flush(f.Append(nil, []byte(cluster))))
	if f.Hidden().Removed > 0 {
		text += string(utf8.RuneError)
	}
	width := term.Width(text)
	if width == 0 {
		text = "◌" + text
		width = max(1, term.Width(text))
	}
	return appearance{text, width, false}
}
