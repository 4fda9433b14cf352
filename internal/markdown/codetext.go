package markdown

import (
	"bytes"
	"strings"

	"oax/internal/term"
)

// Code blocks of a Terminal: a line above and one below, and between them the code alone.

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

// codeLine is the line above a block of code, with its language and what else its fence says,
// and the one below it.
func (t *Terminal) codeLine(info string) string {
	columns := 24
	if info = strings.Join(strings.Fields(info), " "); info != "" {
		info = " " + info + " "
	}
	if window := t.window(); window > 0 {
		columns = min(columns, window)
		info = term.Cut(info, window-4)
	}
	return "──" + info + strings.Repeat("─", max(columns-2-term.Width(info), 2))
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
