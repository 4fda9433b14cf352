package markdown

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"oax/internal/term"
)

// HTML turns a text in Markdown that arrives in pieces into HTML. Each block of the
// document, such as a paragraph or a whole list, is final once it has ended, so that a page
// can append it. Only links whose labels are defined after the block are put in at the end.
//
// Nothing of the text becomes a tag: raw HTML is shown as it is written, but for <br>.
// Links lead to http, https and mailto addresses alone, and an image is a link that shows
// the text of the image. Controls of a terminal are shown, as a term.Filter does.
type HTML struct {
	filter  term.Filter
	visible []byte
	p       *parser
	in      inlines
	final   []string
	waiting map[int]*block // those of which a label was missing
}

// NewHTML returns an HTML that is ready for a text.
func NewHTML() *HTML {
	h := &HTML{waiting: map[int]*block{}}
	h.p = newParser(h, true)
	h.in = inlines{refs: h.p.refs, allowed: isAllowed}
	return h
}

// ToHTML returns a whole text as HTML.
func ToHTML(text string) string {
	h := NewHTML()
	h.Write([]byte(text))
	h.Close()
	return strings.Join(h.final, "")
}

// Write reads more of the text. The error is always nil.
func (h *HTML) Write(text []byte) (int, error) {
	h.visible = h.filter.Append(h.visible[:0], text)
	h.p.write(h.visible)
	return len(text), nil
}

// Final returns the blocks that have ended, each as HTML.
func (h *HTML) Final() []string { return h.final }

// Open returns the HTML of the block that has not ended, as it looks if nothing follows.
// It is empty if there is none.
func (h *HTML) Open() string {
	switch {
	case len(h.p.containers) > 1:
		return h.block(h.p.containers[1])
	case h.p.leaf != nil:
		return h.block(h.p.leaf)
	}
	return ""
}

// Close ends the text. It returns which of the blocks have changed since they were final,
// since a label has been defined after them.
func (h *HTML) Close() (changed []int) {
	h.p.write(h.filter.Flush(h.visible[:0]))
	h.p.finish()
	for i := range h.final {
		b, ok := h.waiting[i]
		if !ok {
			continue
		}
		if text := h.block(b); text != h.final[i] {
			h.final[i] = text
			changed = append(changed, i)
		}
	}
	h.waiting = nil
	return changed
}

func (h *HTML) open(*block)                 {}
func (h *HTML) mark([]byte, kind)           {}
func (h *HTML) text(*block, []byte)         {}
func (h *HTML) extra(*block, []byte)        {}
func (h *HTML) task(*block)                 {}
func (h *HTML) setext(*block)               {}
func (h *HTML) table(*block, []align, bool) {}

// close makes a block of the document final.
func (h *HTML) close(b *block) {
	if b.parent == nil || b.parent.kind != document || b.kind == paragraph && len(b.text) == 0 {
		return
	}
	h.in.missing = false
	text := h.block(b)
	if h.in.missing {
		h.waiting[len(h.final)] = b
	}
	h.final = append(h.final, text)
	b.parent.children = nil
}

// block returns a block as HTML, with a line end.
func (h *HTML) block(b *block) string {
	switch b.kind {
	case quote:
		return "<blockquote>\n" + h.children(b, false) + "</blockquote>\n"
	case list:
		return h.list(b)
	case paragraph:
		return "<p dir=\"auto\">" + h.inline(b.text) + "</p>\n"
	case note:
		return "<p dir=\"auto\" class=\"footnote\"><sup>" + html.EscapeString(b.info) + "</sup> " + h.inline(b.text) + "</p>\n"
	case heading:
		return fmt.Sprintf("<h%d dir=\"auto\">%s</h%d>\n", b.level, h.inline(b.text), b.level)
	case rule:
		return "<hr />\n"
	case fenced, indented:
		return codeHTML(b)
	case rawHTML:
		return "<p dir=\"auto\" class=\"html\">" + html.EscapeString(strings.TrimRight(string(b.text), "\n")) + "</p>\n"
	case mathBlock:
		return "<p class=\"math display\"" + mathHTML(strings.TrimRight(string(b.text), "\n")) + "</p>\n"
	case table:
		return h.rows(b)
	}
	return ""
}

// mathHTML returns the end of the tag and the text of a formula: a line of Unicode for each of
// its lines, with the TeX as a title, or the TeX if there is something that a line cannot show.
func mathHTML(tex string) string {
	lines := strings.Split(tex, "\n")
	for i, line := range lines {
		text, ok := readMath(line)
		if !ok {
			return ">" + html.EscapeString(tex)
		}
		lines[i] = html.EscapeString(text)
	}
	return ` title="` + html.EscapeString(tex) + `">` + strings.Join(lines, "\n")
}

// inline returns the text of a leaf as HTML.
func (h *HTML) inline(text []byte) string {
	return h.in.render(bytes.TrimRight(text, " \t\n"))
}

func (h *HTML) children(b *block, tight bool) string {
	var text strings.Builder
	for i, child := range b.children {
		if !tight || child.kind != paragraph {
			text.WriteString(h.block(child))
			continue
		}
		text.WriteString(h.inline(child.text))
		if i+1 < len(b.children) {
			text.WriteString("\n")
		}
	}
	return text.String()
}

func (h *HTML) list(b *block) string {
	var text strings.Builder
	name := "ul"
	if b.marker == '.' || b.marker == ')' {
		name = "ol"
	}
	text.WriteString("<" + name)
	if name == "ol" && b.start != 1 {
		fmt.Fprintf(&text, " start=\"%d\"", b.start)
	}
	text.WriteString(">\n")
	tight := !b.loose()
	for _, item := range b.children {
		text.WriteString("<li dir=\"auto\"")
		box := ""
		switch item.task {
		case ' ':
			box = `<input type="checkbox" disabled=""> `
		case 'x':
			box = `<input type="checkbox" disabled="" checked=""> `
		}
		if box != "" {
			text.WriteString(` class="task"`)
		}
		text.WriteString(">" + box)
		if !tight || len(item.children) > 0 && item.children[0].kind != paragraph {
			text.WriteString("\n")
		}
		text.WriteString(h.children(item, tight) + "</li>\n")
	}
	text.WriteString("</" + name + ">\n")
	return text.String()
}

// loose reports whether blank lines stand between the items of a list, or between the
// blocks of one.
func (b *block) loose() bool {
	for i, item := range b.children {
		if i+1 < len(b.children) && item.to < b.children[i+1].from-1 {
			return true
		}
		for j, child := range item.children {
			if j+1 < len(item.children) && child.to < item.children[j+1].from-1 {
				return true
			}
		}
	}
	return false
}

func (h *HTML) rows(b *block) string {
	var text strings.Builder
	text.WriteString("<table>\n<thead>\n")
	for i, row := range b.rows {
		if i == 1 {
			text.WriteString("<tbody>\n")
		}
		name := "td"
		if i == 0 {
			name = "th"
		}
		text.WriteString("<tr>\n")
		cells := splitRow(row)
		for j, a := range b.aligns {
			class := [...]string{"", ` class="left"`, ` class="right"`, ` class="center"`}[a]
			fmt.Fprintf(&text, "<%s dir=\"auto\"%s>", name, class)
			if j < len(cells) {
				text.WriteString(h.inline(unescapeBars(cells[j].of(row))))
			}
			text.WriteString("</" + name + ">\n")
		}
		text.WriteString("</tr>\n")
		if i == 0 {
			text.WriteString("</thead>\n")
		}
	}
	if len(b.rows) > 1 {
		text.WriteString("</tbody>\n")
	}
	text.WriteString("</table>\n")
	return text.String()
}

// unescapeBars returns the text of a cell with its bars no longer escaped.
func unescapeBars(src []byte) []byte {
	return bytes.ReplaceAll(src, []byte(`\|`), []byte("|"))
}

// codeHTML returns a block of code, highlighted by classes.
func codeHTML(b *block) string {
	attributes := ""
	language, _, _ := strings.Cut(b.info, " ")
	if language = html.EscapeString(unescape([]byte(language))); language != "" {
		attributes = ` class="language-` + language + `"`
	}
	var code strings.Builder
	highlightLines(b.info, b.text, func(s style, text []byte) {
		if class := classes[s]; class != "" {
			code.WriteString(`<span class="` + class + `">` + html.EscapeString(string(text)) + `</span>`)
		} else {
			code.WriteString(html.EscapeString(string(text)))
		}
	})
	return "<pre><code" + attributes + ">" + code.String() + "</code></pre>\n"
}

// classes are what the styles of code are called on a page.
var classes = map[style]string{magenta: "keyword", green: "string", cyan: "number", dim: "comment", red: "removed", bold: "title"}
