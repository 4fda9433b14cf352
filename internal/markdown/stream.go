package markdown

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// inline reads the text of a paragraph, heading or cell of a Terminal while it arrives.
// What opens is taken to be closed later, and ends at the latest with the text. Where that
// would often be wrong it does not open: * between two Latin letters or digits, as in
// 2*3*4, or before punctuation that begins no words, as in *.go, or before a name, as in
// *args, **kwargs (see isParameter); one ~ is "about".
type inline struct {
	t    *Terminal
	text []byte // not decided yet

	base  style        // of all of it
	open  [16]emphasis // what has been opened and not closed
	depth int
	ticks int  // how many backticks the code began with; 0 outside code
	fresh bool // nothing of the code has come
	prev  rune // the last character, 0 at the start

	left   int // bytes of the text of a link that are left, -1 outside a link
	outer  int // depth outside of the link
	target int // bytes behind the text of the link, with its brackets
	ref    reference
	link   string // where a terminal is to be led
	label  []byte // what the link shows

	spaces  int // at the end of what has been shown
	columns int // of the line of the source
	pending lineBreak
}

// lineBreak is what a line end in the source becomes if more text follows.
type lineBreak uint8

const (
	noBreak lineBreak = iota
	joined
	broken
)

// longest is how many bytes of one thing are held back at most, but for links and formulas.
const longest = 64

// begin begins a text.
func (in *inline) begin(base style) {
	*in = inline{t: in.t, text: in.text[:0], label: in.label[:0], base: base, left: -1}
}

// write reads more of the text.
func (in *inline) write(src []byte) {
	if len(in.text) == 0 {
		n := in.run(src, false)
		in.text = append(in.text, src[n:]...)
		return
	}
	in.text = append(in.text, src...)
	n := in.run(in.text, false)
	in.text = in.text[:copy(in.text, in.text[n:])]
}

// end ends the text.
func (in *inline) end() {
	in.run(in.text, true)
	in.text = in.text[:0]
	in.t.words.end()
	in.t.words.spaces = 0
	in.pending = noBreak
}

// run reads as much of src as is decided and returns how much that is.
func (in *inline) run(src []byte, end bool) int {
	done := 0
	for done < len(src) {
		rest, whole := src[done:], end
		if in.t.o.Source {
			if n := untilLine(rest); n > 0 && n < len(rest) {
				rest, whole = rest[:n], true
			}
		}
		n := in.step(rest, whole)
		if n == 0 {
			break
		}
		done += n
		if in.left >= 0 {
			in.left -= n
		}
	}
	return done
}

// step shows the next few bytes of src, and returns how many; none if it depends on what
// follows what they are.
func (in *inline) step(src []byte, end bool) int {
	if in.left == 0 {
		return in.endLink(src)
	}
	if in.left > 0 {
		src, end = src[:min(len(src), in.left)], true
	}
	if in.ticks > 0 {
		return in.inCode(src, end)
	}
	if n := plainText(src, byteOf(in.prev)); n > 0 {
		return in.show(src[:n])
	}
	look := src[:min(len(src), longest)]
	lookEnd := end || len(look) == longest
	switch c := src[0]; c {
	case '\n':
		return in.lineEnd(src)
	case '\\', '$':
		if n, mark := scanMath(src, end); n == more {
			return 0
		} else if n > 0 {
			return in.math(src[:n], mark)
		}
		return in.escape(look, lookEnd)
	case '`':
		return in.backticks(src, end)
	case '*', '_', '~':
		return in.delimiters(src, end)
	case '!', '[':
		return in.bracket(src, end)
	case '<':
		return in.angle(src, end)
	case '&':
		n, text := scanEntity(look)
		if n == more && !lookEnd {
			return 0
		}
		if n > 0 {
			if text == "\n" || text == "\t" {
				text = " "
			}
			return in.as(src[:n], []byte(text))
		}
	case 'h', 'H', 'w', 'W':
		n := scanURL(src, end)
		if n == more {
			return 0
		}
		if n > 0 && in.left < 0 && in.prev != '<' {
			return in.bare(src[:n])
		}
	}
	return in.show(src[:1])
}

func byteOf(r rune) byte {
	if r < utf8.RuneSelf {
		return byte(r)
	}
	return ' '
}

// style is that of the next character.
func (in *inline) style() style {
	s := in.base
	for _, e := range in.open[:in.depth] {
		s |= e.style()
	}
	if in.left >= 0 {
		s |= underline
	}
	if in.ticks > 0 {
		s = s&^colour | cyan
	}
	return s
}

// show shows source as it is.
func (in *inline) show(src []byte) int { return in.as(src, src) }

// as shows text for what is in the source.
func (in *inline) as(src, text []byte) int {
	in.prev, _ = utf8.DecodeLastRune(src)
	t := in.t
	if t.o.Source {
		t.out = t.pen.put(t.out, in.style(), src)
		return len(src)
	}
	if in.pending != noBreak {
		in.resolve(text)
	}
	kept := len(bytes.TrimRight(text, " "))
	if kept > 0 {
		in.spaces = 0
	}
	in.spaces += len(text) - kept
	in.columns += columnsOf(text)
	if in.left >= 0 {
		in.label = append(in.label, text...)
	}
	t.words.put(text, in.style(), in.link)
	return len(src)
}

// resolve shows the line end before text.
func (in *inline) resolve(text []byte) {
	pending := in.pending
	in.pending = noBreak
	if pending == broken {
		in.t.breakLine()
		return
	}
	next, _ := utf8.DecodeRune(text)
	last, _ := utf8.DecodeLastRune(in.t.words.text)
	if !isWide(last) || !isWide(next) {
		in.t.words.put([]byte{' '}, in.style(), in.link)
	}
}

// columnsOf returns about how many columns text takes.
func columnsOf(text []byte) int {
	at := ascii(text)
	n := at
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		at += size
		n++
		if isWide(r) {
			n++
		}
	}
	return n
}

// hide shows nothing for a mark of the source.
func (in *inline) hide(src []byte) int {
	if in.t.o.Source {
		in.t.out = in.t.pen.put(in.t.out, dim, src)
	}
	in.prev = rune(src[len(src)-1])
	return len(src)
}

// lineEnd reads a line end. It stays one, as in poems and addresses, unless the line has
// 50 to 100 columns, which is what a text that was wrapped looks like.
func (in *inline) lineEnd(src []byte) int {
	t := in.t
	in.prev = 0
	if t.o.Source {
		t.out = append(t.pen.lift(t.out), '\n')
		return 1
	}
	if in.pending == noBreak {
		in.pending = broken
		if in.spaces < 2 && in.columns >= 50 && in.columns <= 100 {
			in.pending = joined
		}
	}
	in.spaces, in.columns = 0, 0
	return 1
}

// escape takes its meaning from the character behind a backslash.
func (in *inline) escape(src []byte, end bool) int {
	switch {
	case src[0] == '$':
	case len(src) == 1 && !end:
		return 0
	case len(src) > 1 && src[1] == '\n':
		in.pending = broken
		return in.hide(src[:1])
	case len(src) > 1 && isPunctuation(src[1]) && src[1] != '^': // ^[ is how ESC is shown
		in.hide(src[:1])
		in.show(src[1:2])
		return 2
	}
	return in.show(src[:1])
}

// math shows a formula.
func (in *inline) math(src []byte, mark int) int {
	text, ok := readMath(string(src[mark : len(src)-mark]))
	if !ok {
		text = string(src)
	}
	return in.as(src, []byte(strings.ReplaceAll(text, "\n", " ")))
}

// backticks begin code.
func (in *inline) backticks(src []byte, end bool) int {
	n := min(run(src, '`'), longest)
	if n == len(src) && !end && n < longest {
		return 0
	}
	in.hide(src[:n])
	in.ticks, in.fresh = n, true
	return n
}

// inCode reads on in code, which ends with as many backticks as it began with.
func (in *inline) inCode(src []byte, end bool) int {
	if in.fresh && src[0] == ' ' {
		if len(src) == 1 && !end {
			return 0
		}
		in.fresh = false
		if len(src) > 1 && src[1] != ' ' {
			return in.hide(src[:1]) // what separates a backtick from the marks
		}
	}
	in.fresh = false
	n := 0
	for n < len(src) && src[n] != '`' && src[n] != '\n' {
		n++
	}
	if n > 0 {
		return in.show(src[:n])
	}
	if src[0] == '\n' {
		return in.lineEnd(src)
	}
	n = min(run(src, '`'), longest)
	switch {
	case n == len(src) && !end && n < longest:
		return 0
	case n != in.ticks:
		return in.show(src[:n])
	}
	in.hide(src[:n])
	in.ticks = 0
	return n
}
