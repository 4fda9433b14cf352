package lineedit

import (
	"fmt"
	"io"
	"strings"

	"oax/internal/term"
)

// view is what is to be on the screen: rows, and the cursor in them.
type view struct {
	rows        []string // as they are written, without line ends
	widths      []int    // columns of each
	row, column int
}

// unknown is the width of a row that is always written whole.
const unknown = -1

func (v *view) add(text string, width int) {
	v.rows, v.widths = append(v.rows, text), append(v.widths, width)
}

// screen is the part of the terminal that the editor draws on: the rows from where it
// began. Only rows that change are written, and the cursor never leaves them, whatever the
// terminal thinks of the width of a character.
type screen struct {
	out     io.Writer
	drawn   view
	columns int // when that was drawn
}

// show changes the screen to a view, in one write.
func (s *screen) show(v view, columns int) {
	var b strings.Builder
	if s.columns != columns && s.columns != 0 {
		s.moveHome(&b, columns)
	}
	at := s.drawn.row
	moveTo := func(row int) {
		switch {
		case row < at:
			fmt.Fprintf(&b, "\x1b[%dA", at-row)
		case row > at:
			b.WriteString(strings.Repeat("\r\n", row-at))
		}
		at = row
	}
	for i, text := range v.rows {
		is := i < len(s.drawn.rows)
		if is && s.drawn.rows[i] == text {
			continue
		}
		moveTo(i)
		if rest, ok := s.appended(i, text); is && ok {
			fmt.Fprintf(&b, "\x1b[%dG%s", s.drawn.widths[i]+1, rest)
		} else {
			b.WriteString("\r" + text + "\x1b[K")
		}
	}
	if n := len(v.rows); n < len(s.drawn.rows) {
		moveTo(n)
		b.WriteString("\r\x1b[J")
	}
	if b.Len() == 0 && at == v.row && s.drawn.column == v.column && s.columns == columns {
		return
	}
	moveTo(v.row)
	fmt.Fprintf(&b, "\x1b[%dG", v.column+1)
	s.drawn, s.columns = v, columns
	io.WriteString(s.out, hideCursor+b.String()+showCursor)
}

const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
)

// appended returns what a row has after what it had, if each terminal draws that where it
// belongs.
func (s *screen) appended(i int, text string) (rest string, ok bool) {
	if i >= len(s.drawn.rows) || s.drawn.widths[i] == unknown {
		return "", false
	}
	rest, ok = strings.CutPrefix(text, s.drawn.rows[i])
	for _, cluster := range term.Clusters(rest) {
		ok = ok && cluster != "\t" && look(cluster).certain
	}
	return rest, ok
}

// moveHome moves to the first row and erases all, after the window has got another width.
// Terminals wrap the rows anew that are too long then.
func (s *screen) moveHome(b *strings.Builder, columns int) {
	up := s.drawn.column / columns
	for _, width := range s.drawn.widths[:min(s.drawn.row, len(s.drawn.widths))] {
		up += max(1, (width+columns-1)/columns)
	}
	if up > 0 {
		fmt.Fprintf(b, "\x1b[%dA", up)
	}
	b.WriteString("\r\x1b[J")
	s.drawn = view{}
}

// end moves below what is drawn, and forgets it.
func (s *screen) end() {
	if len(s.drawn.rows) > 0 {
		io.WriteString(s.out, strings.Repeat("\r\n", len(s.drawn.rows)-s.drawn.row))
	}
	s.forget()
}

// forget makes the cursor's row the first one of the next view.
func (s *screen) forget() { s.drawn, s.columns = view{}, 0 }

// clear clears the whole terminal.
func (s *screen) clear() {
	io.WriteString(s.out, "\x1b[H\x1b[2J")
	s.forget()
}

// view returns what is to be on a screen of this size: the text, or the rows of it around
// the cursor, and below it what there is to tell.
func (e *Editor) view(columns, height int) view {
	indent := term.Width(e.o.Prompt)
	extra := e.extra(columns-1, max(0, height-minRows))
	height = max(1, height-len(extra))
	l := newLayout(e.text, e.at, columns-indent-1, height)
	first := l.scroll(e.top, height)
	last := min(len(l.rows), first+height) - 1
	e.top = l.rows[first].from
	var v view
	for i := first; i <= last; i++ {
		r := l.rows[i]
		prefix := strings.Repeat(" ", indent)
		switch {
		case r.from == 0:
			prefix = e.o.mark()
		case i == first, i == last && (i+1 < len(l.rows) || r.to < len(e.text)):
			prefix = "⋮" + prefix[1:]
		}
		v.add(prefix+l.draw(r, indent), indent+l.width(r.from, r.to))
	}
	v.row, v.column = l.cursor-first, indent+l.column
	for _, line := range extra {
		v.add(line, unknown)
	}
	return v
}

// minRows is how many rows of the text are in view at least, where something is below it.
const minRows = 3

// scroll returns which row is the first in view: the one at top, an offset in the text, if
// the cursor is in view then.
func (l *layout) scroll(top, height int) int {
	first := 0
	for first+1 < len(l.rows) && l.rows[first+1].from <= top {
		first++
	}
	first = max(first, l.cursor-height+1)
	return max(0, min(first, l.cursor, len(l.rows)-height))
}
