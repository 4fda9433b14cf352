package markdown

import "bytes"

// The methods below show a text as it is written: they add styles, and change, move and
// leave out no character. Marks are dimmed, so that a wrong guess costs a style and never
// a word:
//
//	headings          by their level, as elsewhere
//	strong, emphasis  bold, italic
//	strikethrough     struck
//	code in a line    cyan
//	code in a fence   keywords magenta, strings green, numbers cyan, comments dim
//	list markers      magenta
//	quotes            > green
//	links             text underlined, address dim; <https://…> underlined
//	tables            header bold, bars and the row below it dim
//	rules, fences     dim

func (t *Terminal) openSource(b *block) {
	switch b.kind {
	case heading:
		t.in.begin(headingStyle(b.level))
	case paragraph, note:
		t.in.begin(0)
		t.lineStart = true
	case fenced, indented:
		t.code = newHighlighter(b.info)
	}
}

func (t *Terminal) closeSource(b *block) {
	switch b.kind {
	case paragraph, note, heading:
		t.in.end()
	case fenced, indented:
		t.codeText(nil, true)
	}
	t.out = t.pen.lift(t.out)
}

func (t *Terminal) markSource(src []byte, of kind) {
	if of == heading || of == document {
		t.in.run(t.in.text, true)
		t.in.text = t.in.text[:0]
	}
	s := dim
	switch of {
	case item:
		s = magenta
	case quote:
		s = green
	case indented, paragraph, rawHTML:
		s = 0
	}
	for line := range bytes.Lines(src) {
		text := bytes.Trim(line, " \t\r\n")
		before, after, _ := bytes.Cut(line, text)
		t.out = t.pen.put(t.out, 0, before)
		if len(text) > 0 {
			t.out = t.pen.put(t.out, s, text)
		}
		if n := untilLine(after); len(after) > 0 {
			t.out = t.pen.put(t.out, 0, after[:n])
			t.out = append(t.pen.lift(t.out), after[n:]...)
		}
	}
}

func (t *Terminal) textSource(b *block, src []byte) {
	switch b.kind {
	case fenced, indented:
		t.codeText(src, false)
	case heading:
		t.in.write(src)
	case paragraph, note:
		if t.lineStart && src[0] == '|' {
			t.rowSource(src, bold)
			t.lineStart = false
			return
		}
		t.in.write(src)
		t.lineStart = src[len(src)-1] == '\n'
	case table:
		t.rowSource(src, 0)
	default:
		t.markSource(src, rawHTML)
	}
}

// rowSource shows a row of a table.
func (t *Terminal) rowSource(src []byte, base style) {
	at := 0
	for _, c := range splitRow(src) {
		t.markSource(src[at:c.from], table)
		t.in.begin(base)
		t.in.write(c.of(src))
		t.in.end()
		at = c.to
	}
	t.markSource(src[at:], table)
	t.in.begin(0)
}
