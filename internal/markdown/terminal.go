package markdown

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"oax/internal/term"
)

// Options say how a Terminal shows a text.
type Options struct {
	Window func() int // the columns of the terminal; nil: it has no edge
	Wrap   int        // the columns of prose at most; 0: lines are as long as they come
	Styles bool       // colours and the like may be written
	Links  bool       // the terminal takes OSC 8 hyperlinks
	Source bool       // the text stays as it is written, with styles
}

// Terminal shows a text in Markdown on a terminal while it arrives in pieces. It is a
// term.Filter first: nothing of the text acts on the terminal. What has been printed is
// never printed again, and what comes out does not depend on how the text was cut.
//
// Held back is at most one word, one link or formula, or one table; Status tells of that.
type Terminal struct {
	filter  term.Filter
	visible []byte
	o       Options
	p       *parser
	out     []byte
	pen     pen
	in      *inline
	words   *words

	asked         bool // for the window, since the text before this piece of it
	windowColumns int

	frames []frame
	limit  int   // columns of prose in this line, 0 for any number
	column int   // columns written in this line
	indent int   // of them before the text
	begun  bool  // something has been written
	last   int   // the last line of the text that is not blank
	free   bool  // a blank line is to follow
	lists  []int // the next number of each open list

	code      highlighter
	source    []byte // of code, not decided yet
	lineStart bool   // of a paragraph
	row       []byte // that may be the header of a table
	tables    *tableText
	held      *tableText // tables, while one is open
	cell      *[]segment // which takes the segments, while a row is read
}

// NewTerminal returns a Terminal that is ready for a text.
func NewTerminal(o Options) *Terminal {
	t := &Terminal{o: o}
	t.reset()
	return t
}

func (t *Terminal) reset() {
	*t = Terminal{filter: t.filter, visible: t.visible, o: t.o, source: t.source[:0], frames: t.frames[:0]}
	t.p = newParser(t, false)
	t.pen.plain = !t.o.Styles
	t.in = &inline{t: t, left: -1}
	t.words = &words{emit: t.writeSegment}
	t.tables = newTableText(t)
	t.measure()
}

// Append appends what can be shown of src to dst and returns it.
func (t *Terminal) Append(dst, src []byte) []byte {
	t.out, t.asked = dst, false
	t.visible = t.filter.Append(t.visible[:0], src)
	t.p.write(t.visible)
	dst, t.out = t.out, nil
	return dst
}

// Flush appends what is held back, takes the last style off, and makes the Terminal ready
// for another text.
func (t *Terminal) Flush(dst []byte) []byte {
	t.out, t.asked = dst, false
	t.p.write(t.filter.Flush(t.visible[:0]))
	t.p.finish()
	dst = t.pen.lift(t.out)
	t.reset()
	return dst
}

// Hidden returns what the Filter has met so far.
func (t *Terminal) Hidden() term.Hidden { return t.filter.Hidden() }

// Status says what is held back, such as "table, 12 rows". It is empty if that is no more
// than a word.
func (t *Terminal) Status() string {
	switch {
	case t.held == nil:
		return ""
	case t.held.count == 1:
		return "table, 1 row"
	}
	return fmt.Sprintf("table, %d rows", t.held.count)
}

// open begins a block, below a blank line where the text has one.
func (t *Terminal) open(b *block) {
	if t.o.Source {
		t.openSource(b)
		return
	}
	t.endLine()
	if t.begun && (t.free || b.kind == fenced || t.last > 0 && b.from > t.last+1) {
		t.blankLine()
		t.free = false
	}
	t.last = max(t.last, b.from)
	switch b.kind {
	case quote:
		t.frames = append(t.frames, frame{bar: true, width: 2})
	case list:
		t.lists = append(t.lists, b.start)
	case item:
		last := len(t.lists) - 1
		marker := [...]string{"•", "◦", "▪"}[min(last, 2)]
		if b.marker == '.' || b.marker == ')' {
			marker = strconv.Itoa(t.lists[last]) + string(b.marker)
		}
		t.lists[last]++
		t.frames = append(t.frames, frame{marker: marker, width: term.Width(marker) + 1})
	case note:
		marker := "[" + b.info + "]"
		t.frames = append(t.frames, frame{marker: marker, width: term.Width(marker) + 1})
	case heading:
		t.in.begin(headingStyle(b.level))
	case rule:
		t.beginLine()
		width := 40
		if t.limit > 0 {
			width = t.limit - t.column
		}
		t.line(dim, strings.Repeat("─", max(width, 1)))
	case fenced, indented:
		t.beginCode(b)
	}
	if b.kind == paragraph || b.kind == note {
		t.in.begin(0)
		t.lineStart = true
	}
	t.setWidest()
}

// headingStyle tells headings apart by their level.
func headingStyle(level int) style {
	return [...]style{bold | underline | magenta, bold | magenta, magenta, bold, bold | italic, italic}[level-1]
}

func (t *Terminal) mark(src []byte, of kind) {
	if t.o.Source {
		t.markSource(src, of)
	}
}

func (t *Terminal) text(b *block, src []byte) {
	t.last = t.p.number
	if t.o.Source {
		t.textSource(b, src)
		return
	}
	switch b.kind {
	case fenced, indented:
		t.codeText(src, false)
	case heading:
		t.in.write(src)
	case paragraph, note:
		t.paragraph(src)
	case rawHTML:
		t.rawText(src)
	case mathBlock:
		t.formula(src)
	case table:
		t.held.add(src)
	}
}

// paragraph reads text of a paragraph. A line that begins with a bar, which comes whole,
// may be the header of a table: it waits for the next line.
func (t *Terminal) paragraph(src []byte) {
	if len(t.row) > 0 && (src[0] != '\n' || t.row[len(t.row)-1] == '\n') {
		t.releaseRow()
	}
	switch {
	case t.lineStart && src[0] == '|', len(t.row) > 0:
		t.row = append(t.row, src...)
	default:
		t.in.write(src)
	}
	t.lineStart = src[len(src)-1] == '\n'
}

// releaseRow takes the row that waits for text.
func (t *Terminal) releaseRow() {
	row := t.row
	t.row = nil
	if len(row) > 0 {
		t.in.write(row)
	}
}

// rawText shows text as it is, its lines apart.
func (t *Terminal) rawText(src []byte) {
	for len(src) > 0 {
		n := bytes.IndexByte(src, '\n')
		if n < 0 {
			t.words.put(src, 0, "")
			return
		}
		t.words.put(src[:n], 0, "")
		t.words.end()
		t.words.spaces = 0
		t.endLine()
		src = src[n+1:]
	}
}

// formula shows a line of a formula, indented.
func (t *Terminal) formula(src []byte) {
	text, _ := readMath(string(src))
	t.frames = append(t.frames, frame{width: 2, marked: true})
	t.beginLine()
	t.words.put([]byte(text), 0, "")
	t.words.end()
	t.endLine()
	t.frames = t.frames[:len(t.frames)-1]
}

func (t *Terminal) extra(b *block, src []byte) {
	if !t.o.Source && (b.kind == fenced || b.kind == indented) {
		t.codeText(src, false)
	}
}

func (t *Terminal) task(b *block) {
	if t.o.Source {
		return
	}
	box := "☐"
	if b.task == 'x' {
		box = "☑"
	}
	f := &t.frames[len(t.frames)-1]
	if b.marker != '.' && b.marker != ')' {
		f.marker = ""
	} else {
		f.marker += " "
	}
	f.marker += box
	f.width = term.Width(f.marker) + 1
}

// setext underlines a paragraph, which has been written before it is known that it is a
// heading.
func (t *Terminal) setext(b *block) {
	if t.o.Source {
		return
	}
	t.releaseRow()
	t.in.end()
	width := max(t.column-t.indent, 3)
	t.endLine()
	t.line(magenta, strings.Repeat([]string{"═", "─"}[b.level-1], width))
}

func (t *Terminal) table(b *block, columns []align, whole bool) {
	if t.o.Source {
		t.in.end()
		return
	}
	header := bytes.TrimSuffix(t.row, []byte("\n"))
	t.row = nil
	t.in.end()
	t.held = t.tables
	t.held.begin(columns)
	if len(header) > 0 {
		t.held.header = t.held.cells(t.held.header, header, bold)
	}
	if whole {
		t.endLine()
	}
}

func (t *Terminal) close(b *block) {
	if t.o.Source {
		t.closeSource(b)
		return
	}
	switch b.kind {
	case paragraph, note, heading:
		t.releaseRow()
		t.in.end()
		t.endLine()
	case fenced, indented:
		t.endCode(b)
	case rawHTML:
		t.words.end()
		t.endLine()
	case table:
		t.held.draw()
		t.held = nil
	case list:
		t.lists = t.lists[:len(t.lists)-1]
	}
	switch b.kind {
	case quote, item, note:
		if b.kind == item && !t.frames[len(t.frames)-1].marked {
			t.beginLine()
		}
		t.endLine()
		t.frames = t.frames[:len(t.frames)-1]
	}
	if b.kind > item {
		t.last = max(t.last, b.to)
	}
}
