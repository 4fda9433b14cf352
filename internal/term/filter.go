// Package term knows what a terminal may see and what it is.
//
// Text from elsewhere (answers, titles, model names, server errors, file
// names) can carry sequences that move the cursor, set the clipboard, ask the
// terminal to type, or turn the reading direction of a line around. The package
// shows such characters instead of letting the terminal obey them, and promises
// two things: nothing that comes out of it is a control the terminal acts on
// besides TAB and LF, and nothing that could be seen is swallowed. What nobody
// could see is left out and counted.
//
// The package also measures text in columns, and asks the terminal itself its
// size and state. Widths are those of a terminal that draws characters of
// ambiguous width in one column.
//
// Next to that it holds what talking with a person at a terminal takes: reads and writes
// that can be left behind (Await), a line that is typed (ReadLine), and times as a person
// writes and reads them (ParseSpan, Clock, Relative, Age, Duration).
package term

import (
	"encoding/binary"
	"unicode/utf8"
)

// Filter makes the control characters of a text that arrives in pieces visible.
// The zero Filter is ready for use. What comes out does not depend on how the
// text was cut. The rules:
//
//   - TAB, LF and everything else that is no control pass as they are;
//   - CR LF becomes LF; other C0 controls and DEL become ^X: a lone CR is ^M,
//     ESC is ^[, NUL is ^@, DEL is ^?;
//   - C1 controls, line and paragraph separators and the controls of writing
//     direction become their code point, ‹U+202E›;
//   - characters that take no room and hide text are left out: the tag block,
//     zero-width space, word joiner, invisible operators, Hangul fillers, variation
//     selectors that have nothing to select. What emoji and scripts are joined by
//     stays, and the tags of a flag;
//   - a byte that is not UTF-8 becomes U+FFFD, one for each byte.
type Filter struct {
	held  [40]byte // the start of a rune or of a flag, or a CR
	n     int
	last  rune // the character before what comes next
	notes Hidden
}

// Hidden counts characters of a text that a person would not have seen.
type Hidden struct {
	Turning int // controls of writing direction, shown as their code points
	Removed int // characters of no width, left out
}

// Hidden returns what the Filter has met so far, in all its texts.
func (f *Filter) Hidden() Hidden { return f.notes }

// Append appends the visible form of src to dst and returns it. It holds back
// only what the next bytes can still change: an unfinished UTF-8 sequence of at
// most three bytes, a CR, or an unfinished flag.
func (f *Filter) Append(dst, src []byte) []byte {
	for f.n > 0 && len(src) > 0 {
		again := f.held
		again[f.n] = src[0]
		whole := again[:f.n+1]
		f.n, src = 0, src[1:]
		dst = f.pass(dst, whole)
	}
	return f.pass(dst, src)
}

// Flush appends what is held back, as it looks if nothing follows, and makes the
// Filter ready for another text.
func (f *Filter) Flush(dst []byte) []byte {
	held := f.held[:f.n]
	f.n, f.last = 0, 0
	for len(held) > 0 {
		var n int
		dst, n = f.show(dst, held)
		held = held[n:]
	}
	return dst
}

func (f *Filter) pass(dst, src []byte) []byte {
	for len(src) > 0 {
		n := clean(src, f.last)
		dst = append(dst, src[:n]...)
		src = f.drop(src, n)
		if len(src) == 0 {
			break
		}
		if unfinished(src) {
			f.n = copy(f.held[:], src)
			break
		}
		dst, n = f.show(dst, src)
		src = f.drop(src, n)
	}
	return dst
}

// drop returns src without its first n bytes, and remembers the last character in them.
func (f *Filter) drop(src []byte, n int) []byte {
	if n > 0 {
		f.last, _ = utf8.DecodeLastRune(src[:n])
	}
	return src[n:]
}

// unfinished reports whether src is the beginning of something that one more
// byte could make something else.
func unfinished(src []byte) bool {
	if !utf8.FullRune(src) || len(src) == 1 && src[0] == '\r' {
		return true
	}
	if r, _ := utf8.DecodeRune(src); r != '🏴' {
		return false
	}
	_, whole := flag(src)
	return !whole
}

// show appends the visible form of the one character at the start of src, which
// clean stopped at, and returns how many bytes it took.
func (f *Filter) show(dst, src []byte) ([]byte, int) {
	b := src[0]
	switch {
	case b == '\r' && len(src) > 1 && src[1] == '\n':
		return append(dst, '\n'), 2
	case b < utf8.RuneSelf:
		return append(dst, '^', b^0x40), 1
	}
	r, n := utf8.DecodeRune(src)
	if n == 1 {
		return utf8.AppendRune(dst, utf8.RuneError), 1
	}
	switch classOf(r) {
	case removed, selecting:
		f.notes.Removed++
		return dst, n
	case flagged:
		n, _ = flag(src)
		return append(dst, src[:n]...), n
	case turning:
		f.notes.Turning++
	}
	return codePoint(dst, r), n
}

// codePoint appends ‹U+202E› for r, which is no larger than U+FFFF.
func codePoint(dst []byte, r rune) []byte {
	const hex = "0123456789ABCDEF"
	dst = append(dst, "‹U+"...)
	dst = append(dst, hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
	return append(dst, "›"...)
}

// clean returns how many bytes at the start of src, behind the character before, may pass
// as they are.
func clean(src []byte, before rune) int {
	i := 0
	for i < len(src) {
		if i+8 <= len(src) && plain(binary.LittleEndian.Uint64(src[i:])) {
			i += 8
			continue
		}
		if b := src[i]; b < utf8.RuneSelf {
			if (b < 0x20 || b == 0x7f) && b != '\n' && b != '\t' {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(src[i:])
		if n == 1 {
			return i
		}
		switch classOf(r) {
		case passed:
		case selecting:
			if i > 0 {
				before, _ = utf8.DecodeLastRune(src[:i])
			}
			if !selects(r, before) {
				return i
			}
		default:
			return i
		}
		i += n
	}
	return i
}

// plain reports whether all eight bytes of w are printable ASCII. It looks at
// the high bit of each byte: set in b itself above 0x7f, in b+1 at 0x7f, and in
// b-0x20 below 0x20. A carry or borrow out of a byte begins only at one that is
// not printable, so it can spoil its neighbours but not the answer.
func plain(w uint64) bool {
	const ones = 0x0101010101010101
	return (w|(w+ones)|(w-0x20*ones))&(0x80*ones) == 0
}
