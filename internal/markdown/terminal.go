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
	in      inline
	words   words

	frames []frame
	limit  int   // columns of prose in this line, 0 for any number
	column int   // columns written in this line
	indent int   // of them before the text
	begun  bool  // something has been written
	last   int   // the last line of the text that is not blank
	free   bool  // a free line is to follow
	lists  []int // the next number of each open list

	code      highlighter
	source    []byte // of code, not decided yet
	lineStart bool   // of a paragraph
	row       []byte // that may be the header of a table
	held      *tableText
	cell      *cellText // which takes the segments, while a row is read
}

// frame is what stands before the lines of a container.
type frame struct {
	bar    bool   // of a quote
	marker string // of an item, once; then as many columns of space
	width  int
	marked bool
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
	t.in = inline{t: t, left: -1}
	t.words.emit = t.writeSegment
	t.measure()
}

// Append appends what can be shown of src to dst and returns it.
func (t *Terminal) Append(dst, src []byte) []byte {
	t.out = dst
	t.visible = t.filter.Append(t.visible[:0], src)
	t.p.write(t.visible)
	dst, t.out = t.out, nil
	return dst
}

// Flush appends what is held back, takes the last style off, and makes the Terminal ready
// for another text.
func (t *Terminal) Flush(dst []byte) []byte {
	t.out = dst
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

// measure takes over the width of the window, for the next line: to ask for it with each
// piece of the text would take longer than all else.
func (t *Terminal) measure() {
	t.limit = t.o.Wrap
	if window := t.window(); window > 0 && t.limit > 0 {
		t.limit = min(t.limit, window)
	}
	if t.limit > 0 {
		t.limit = max(t.limit, 8)
	}
}

// window returns the columns of the terminal, or 0 if it has no edge.
func (t *Terminal) window() int {
	if t.o.Window == nil {
		return 0
	}
	return t.o.Window()
}

// prefix returns the columns that the open containers take.
func (t *Terminal) prefix() int {
	n := 0
	for i := range t.frames {
		n += t.frames[i].width
	}
	return n
}

// beginLine writes what stands before the text of a line.
func (t *Terminal) beginLine() {
	if t.column > 0 {
		return
	}
	t.begun = true
	for i := range t.frames {
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
	t.column = max(t.column, 0)
	t.setWidest(t.indent)
}

// setWidest says which words are too wide for a line that is indented so far.
func (t *Terminal) setWidest(indent int) {
	t.words.widest = 0
	if t.limit > 0 {
		t.words.widest = max(t.limit-indent, 8)
	}
}

// spaces returns n spaces.
func spaces(n int) []byte { return bytes.Repeat([]byte{' '}, max(n, 0)) }

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

// blankLine leaves a line free, but for the bars of quotes.
func (t *Terminal) blankLine() {
	t.endLine()
	bars := 0
	for i, f := range t.frames {
		if f.bar {
			bars = i + 1
		}
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

// writeSegment writes a segment in the line, or in the next one if it does not fit.
func (t *Terminal) writeSegment(s *segment) {
	t.beginLine()
	if t.limit > 0 && t.column > t.indent && t.column+s.spaces+s.width > t.limit {
		t.newLine()
		t.beginLine()
	}
	n := 0
	if t.column > t.indent {
		n = s.spaces
	}
	t.column += n + s.width
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

// open begins a block, below a free line where the text has one.
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
			width = t.limit - t.indent
		}
		t.line(dim, strings.Repeat("─", max(width, 3)))
	case fenced, indented:
		t.beginCode(b)
	}
	if b.kind == paragraph || b.kind == note {
		t.in.begin(0)
		t.lineStart = true
	}
	t.setWidest(t.prefix())
}

// line writes a line of one style.
func (t *Terminal) line(s style, text string) {
	t.beginLine()
	t.out = t.pen.put(t.out, s, []byte(text))
	t.column++
	t.newLine()
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

func (t *Terminal) table(b, tab *block, whole bool) {
	if t.o.Source {
		t.in.end()
		return
	}
	header := bytes.TrimSuffix(t.row, []byte("\n"))
	t.row = nil
	t.in.end()
	t.held = &tableText{t: t, aligns: tab.aligns}
	if len(header) > 0 {
		t.held.header = t.tableRow(header, tab.aligns, bold)
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

// beginCode begins a block of code, which no indentation and no bar is put before: what
// is copied from the terminal is the code.
func (t *Terminal) beginCode(b *block) {
	t.code = newHighlighter(b.info)
	for i := range t.frames {
		if f := &t.frames[i]; !f.marked && !f.bar {
			t.beginLine()
		}
	}
	t.endLine()
	t.begun = true
	if b.kind == fenced {
		t.out = t.pen.put(t.out, dim, []byte(t.codeLine(b.info)))
		t.newLine()
	}
}

// codeLine is the line above a block of code, with its language, and the one below it.
func (t *Terminal) codeLine(info string) string {
	language, columns := "", 24
	if words := strings.Fields(info); len(words) > 0 {
		language = " " + words[0] + " "
	}
	if window := t.window(); window > 0 {
		columns = min(columns, window)
		language = term.Cut(language, columns-4)
	}
	return "──" + language + strings.Repeat("─", max(columns-2-term.Width(language), 2))
}

func (t *Terminal) endCode(b *block) {
	t.codeText(nil, true)
	t.endLine()
	if b.kind == fenced {
		t.out = t.pen.put(t.out, dim, []byte(t.codeLine("")))
		t.newLine()
		t.free = true
	}
}

// codeText highlights code.
func (t *Terminal) codeText(src []byte, end bool) {
	t.source = append(t.source, src...)
	done := 0
	for done < len(t.source) {
		rest := t.source[done:]
		if rest[0] == '\n' {
			t.code.newLine()
			t.newLine()
			done++
			continue
		}
		look := rest[:untilLine(rest[:min(len(rest), maxToken)])]
		n, s := t.code.next(look, end || len(look) < len(rest))
		if n == 0 {
			break
		}
		t.code.last = rest[n-1]
		t.out = t.pen.put(t.out, s, rest[:n])
		t.column = 1
		done += n
	}
	t.source = t.source[:copy(t.source, t.source[done:])]
}

// maxToken is how many bytes of code are held back at most.
const maxToken = 64

// untilLine returns how many bytes src has before its first line end.
func untilLine(src []byte) int {
	if n := bytes.IndexByte(src, '\n'); n >= 0 {
		return n
	}
	return len(src)
}
