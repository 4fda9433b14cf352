package markdown

import (
	"bytes"
	"html"
	"strings"
)

// inlines turns the text of a leaf that has ended into HTML, by the algorithm of the
// appendix of CommonMark: delimiters and brackets are pieces until they are matched.
type inlines struct {
	refs    map[string]reference
	allowed func(url string) bool
	missing bool // a label was not defined yet

	text     []byte
	from, at int // of what is not a piece yet, and of what is read
	pieces   []piece
	last     int // the last open delimiter, 0 if none
	brackets []bracket
	ticks    map[int]int             // where the last run of so many backticks begins
	none     [len(declarations)]bool // no further end of such a declaration
}

// piece is a part of the output. Tags stand around what is left of a delimiter.
type piece struct {
	html          string
	before, after string
	image         string // where the image was whose text this is

	char       byte // of a delimiter
	n, all     int
	opens      bool
	closes     bool
	prev, next int // the neighbours among the open delimiters
}

// render returns text as HTML.
func (in *inlines) render(text []byte) string {
	*in = inlines{refs: in.refs, allowed: in.allowed, missing: in.missing, text: text, pieces: in.pieces[:0]}
	in.pieces = append(in.pieces, piece{})
	plain := plainText
	if bytes.IndexByte(text, '@') >= 0 {
		plain = plainMail
	}
	for in.at < len(text) {
		if n := plain(text[in.at:], in.before()); n > 0 {
			in.at += n
			continue
		}
		in.step()
	}
	in.flush(in.at)
	in.emphasis(0)
	return in.output(1)
}

// before returns the byte before what comes next.
func (in *inlines) before() byte {
	if in.at == 0 {
		return 0
	}
	return in.text[in.at-1]
}

// special are the bytes that can be more than themselves.
var special = func() (set [256]bool) {
	for _, c := range []byte("\n\\`*_~[]!<&$") {
		set[c] = true
	}
	return set
}()

// plainText returns how many bytes at the start of src, behind the byte prev, can mean
// nothing but themselves. A letter at the start of a word can begin an address.
func plainText(src []byte, prev byte) int {
	for i, c := range src {
		if special[c] || (c|0x20 == 'h' || c|0x20 == 'w') && !isLetter(prev) && !isDigit(prev) {
			return i
		}
		prev = c
	}
	return len(src)
}

// plainMail is plainText where a mail address may begin, which is at each word.
func plainMail(src []byte, prev byte) int {
	for i, c := range src {
		if special[c] || (isLetter(c) || isDigit(c)) && !isLetter(prev) && !isDigit(prev) && indexByte(".+-_@/", prev) < 0 {
			return i
		}
		prev = c
	}
	return len(src)
}

// flush makes a piece of the text before end.
func (in *inlines) flush(end int) {
	if end > in.from {
		in.add(piece{html: html.EscapeString(string(in.text[in.from:end]))})
	}
	in.from = end
}

func (in *inlines) add(p piece) int {
	in.pieces = append(in.pieces, p)
	return len(in.pieces) - 1
}

// put makes a piece of the next n bytes.
func (in *inlines) put(n int, p piece) {
	in.flush(in.at)
	in.at += n
	in.from = in.at
	in.add(p)
}

func (in *inlines) step() {
	src := in.text[in.at:]
	switch c := src[0]; c {
	case '\n':
		in.lineEnd()
	case '\\':
		in.escape(src)
	case '`':
		in.code(src)
	case '*', '_', '~':
		in.delimiter(src)
	case '[':
		if n, v := noteLabel(src, true); v == yes {
			label := html.EscapeString(string(src[2 : n-1]))
			in.put(n, piece{html: `<sup class="footnote">` + label + `</sup>`})
			return
		}
		in.open(1)
	case ']':
		in.close(src)
	case '!':
		if len(src) > 1 && src[1] == '[' {
			in.open(2)
			return
		}
		in.at++
	case '<':
		in.angle(src)
	case '&':
		if n, text := scanEntity(src); n > 0 {
			in.put(n, piece{html: html.EscapeString(text)})
			return
		}
		in.at++
	case '$':
		if n, mark := scanMath(src, true); n > 0 {
			in.math(n, mark)
			return
		}
		in.at++
	default:
		in.address(src)
	}
}

// lineEnd reads a line end. It is a break behind two spaces.
func (in *inlines) lineEnd() {
	end := in.at
	for end > in.from && in.text[end-1] == ' ' {
		end--
	}
	spaces := in.at - end
	in.flush(end)
	text := "\n"
	if spaces >= 2 {
		text = "<br />\n"
	}
	in.put(1, piece{html: text})
	in.at += span(in.text[in.at:], " \t")
	in.from = in.at
}

func (in *inlines) escape(src []byte) {
	if n, mark := scanMath(src, true); n > 0 {
		in.math(n, mark)
		return
	}
	switch {
	case len(src) > 1 && src[1] == '\n':
		in.put(2, piece{html: "<br />\n"})
	case len(src) > 1 && isPunctuation(src[1]):
		in.put(2, piece{html: html.EscapeString(string(src[1:2]))})
	default:
		in.at++
	}
}

// math makes a piece of a formula of n bytes. At both ends it has a mark of mark bytes.
func (in *inlines) math(n, mark int) {
	class := "math"
	if m := string(in.text[in.at : in.at+mark]); m == "$$" || m == `\[` {
		class = "math display"
	}
	formula := string(in.text[in.at+mark : in.at+n-mark])
	in.put(n, piece{html: `<span class="` + class + `"` + mathHTML(formula) + `</span>`})
}

func (in *inlines) code(src []byte) {
	n := run(src, '`')
	if in.ticks == nil {
		in.ticks = map[int]int{}
		for i := in.at; i < len(in.text); i++ {
			if ticks := run(in.text[i:], '`'); ticks > 0 {
				in.ticks[ticks] = i
				i += ticks - 1
			}
		}
	}
	if in.ticks[n] > in.at {
		for i := n; i < len(src); i++ {
			ticks := run(src[i:], '`')
			if ticks == n {
				in.put(i+n, piece{html: "<code>" + html.EscapeString(codeText(src[n:i])) + "</code>"})
				return
			}
			i += max(ticks-1, 0)
		}
	}
	in.at += n
}

// codeText returns what a code span shows of its source.
func codeText(src []byte) string {
	text := strings.ReplaceAll(string(src), "\n", " ")
	if len(text) > 1 && text[0] == ' ' && text[len(text)-1] == ' ' && strings.Trim(text, " ") != "" {
		text = text[1 : len(text)-1]
	}
	return text
}

// output returns the pieces from one on. A link in the text of a link is none.
func (in *inlines) output(from int) string {
	var b strings.Builder
	linked := false
	for i := range in.pieces[from:] {
		p := &in.pieces[from+i]
		b.WriteString(p.before)
		for range p.n {
			b.WriteByte(p.char)
		}
		switch {
		case p.image != "" && !linked:
			b.WriteString(in.anchor(reference{url: p.image}) + p.html + "</a>")
		case strings.HasPrefix(p.html, "<a") && !strings.HasSuffix(p.html, "</a>"):
			linked = true
			b.WriteString(p.html)
		case linked && strings.HasPrefix(p.html, "<a"):
			b.WriteString(stripTags(p.html))
		default:
			linked = linked && p.html != "</a>"
			b.WriteString(p.html)
		}
		b.WriteString(p.after)
	}
	return b.String()
}

// stripTags returns HTML without its tags. No < and > but theirs is in it unescaped.
func stripTags(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, text, _ = strings.Cut(rest, ">")
	}
}
