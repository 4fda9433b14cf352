// Package term knows what a terminal may see and what it is.
//
// Text from elsewhere (answers, titles, model names, server errors, file
// names) can carry sequences that move the cursor, set the clipboard, ask the
// terminal to type, or turn the reading direction of a line around. The package
// shows such characters instead of letting the terminal obey them, and promises
// two things: nothing that comes out of it is a control the terminal acts on
// besides TAB and LF, and nothing that goes in is swallowed.
//
// It also measures text in columns, and asks the terminal itself its size and
// state. Widths are those of a terminal that draws characters of ambiguous width
// in one column.
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
//   - a byte that is not UTF-8 becomes U+FFFD, one for each byte.
type Filter struct {
	held [utf8.UTFMax]byte // the start of a rune, or a CR
	n    int
}

// Append appends the visible form of src to dst and returns it. It holds back
// only what the next bytes can still change: an unfinished UTF-8 sequence of at
// most three bytes, or a CR.
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
	f.n = 0
	for _, b := range held {
		dst, _ = show(dst, []byte{b})
	}
	return dst
}

func (f *Filter) pass(dst, src []byte) []byte {
	for len(src) > 0 {
		n := clean(src)
		dst = append(dst, src[:n]...)
		src = src[n:]
		if len(src) == 0 {
			break
		}
		if unfinished(src) {
			f.n = copy(f.held[:], src)
			break
		}
		dst, n = show(dst, src)
		src = src[n:]
	}
	return dst
}

// unfinished reports whether src is the beginning of something that one more
// byte could make something else.
func unfinished(src []byte) bool {
	return !utf8.FullRune(src) || len(src) == 1 && src[0] == '\r'
}

// show appends the visible form of the one character at the start of src, which
// clean stopped at, and returns how many bytes it took.
func show(dst, src []byte) ([]byte, int) {
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
	const hex = "0123456789ABCDEF"
	dst = append(dst, "‹U+"...)
	dst = append(dst, hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
	return append(dst, "›"...), n
}

// clean returns how many bytes at the start of src may pass as they are.
func clean(src []byte) int {
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
		if n == 1 || hidden(r) {
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

// hidden reports whether r acts on a terminal or on the order of a line without
// being seen: C1, the bidi controls of UAX 9, and U+2028 and U+2029.
func hidden(r rune) bool {
	switch {
	case r < 0xa0, r == 0x061c, r == 0x200e, r == 0x200f:
		return true
	}
	return 0x2028 <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
}
