package jsontext

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns the text of a valid JSON string, and "" for any other value.
func Text(raw []byte) string {
	if !HasText(raw) {
		return ""
	}
	inside := raw[1 : len(raw)-1]
	if bytes.IndexByte(inside, '\\') < 0 && utf8.Valid(inside) {
		return string(inside)
	}
	var short [64]byte
	text := short[:0]
	if len(inside) > len(short) { // which can have megabytes: no room is made more than once
		text = make([]byte, 0, len(inside))
	}
	return string(new(Repair).Piece(AppendUnquote(text, raw), true))
}

// IsText reports whether raw is a JSON string with the given text.
func IsText(raw []byte, want string) bool {
	if !HasText(raw) {
		return false
	}
	return string(raw[1:len(raw)-1]) == want || bytes.IndexByte(raw, '\\') >= 0 && Text(raw) == want
}

// HasText reports whether raw is a JSON string that is not empty.
func HasText(raw []byte) bool { return len(raw) > 2 && raw[0] == '"' }

// SetText sets a field to the text of raw, unless that is empty or no string.
func SetText(field *string, raw []byte) {
	if !HasText(raw) {
		return
	}
	inside := raw[1 : len(raw)-1]
	if string(inside) != *field || bytes.IndexByte(inside, '\\') >= 0 {
		*field = Text(raw)
	}
}

// AppendUnquote appends the text of a valid JSON string, and nothing for any other
// value. Bytes that are not UTF-8 stay, and half of a surrogate pair is written as if
// it were a character (three bytes that UTF-8 does not allow), since the rest of
// either may come with the next chunk; Repair handles them.
func AppendUnquote(dst, value []byte) []byte {
	if len(value) < 2 || value[0] != '"' {
		return dst
	}
	value = value[1 : len(value)-1]
	for i := 0; ; {
		next := bytes.IndexByte(value[i:], '\\')
		if next < 0 {
			return append(dst, value[i:]...)
		}
		dst = append(dst, value[i:i+next]...)
		i += next + 2
		switch c := value[i-1]; c {
		case 'u':
			var r rune
			r, i = unquoteRune(value, i)
			dst = appendRune(dst, r)
		case 'b', 'f', 'n', 'r', 't':
			dst = append(dst, controls[c-'b'])
		default: // a quote, a backslash or a slash
			dst = append(dst, c)
		}
	}
}

// controls are the escapes with a letter, from b to t.
const controls = "\b\000\000\000\f\000\000\000\000\000\000\000\n\000\000\000\r\000\t"

// unquoteRune reads the four digits at i, and a second escape if the two are a
// surrogate pair. It returns where it ended.
func unquoteRune(s []byte, i int) (rune, int) {
	r := hex4(s[i:])
	i += 4
	if utf16.IsSurrogate(r) && bytes.HasPrefix(s[i:], []byte(`\u`)) {
		if pair := utf16.DecodeRune(r, hex4(s[i+2:])); pair != utf8.RuneError {
			return pair, i + 6
		}
	}
	return r, i
}

func appendRune(dst []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(dst, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0xBF, 0x80|byte(r)&0xBF)
	}
	return utf8.AppendRune(dst, r)
}

// Repair makes well-formed UTF-8 of text that arrives in pieces, and joins what an
// endpoint tore apart between two chunks: the bytes of a character, or the halves
// of a surrogate pair. What stays broken becomes U+FFFD.
type Repair struct {
	held []byte // the end of the last piece, which the next may complete
}

// Piece returns the well-formed form of the next piece, valid until the next call.
// last says that no piece follows.
func (r *Repair) Piece(p []byte, last bool) []byte {
	if len(r.held) == 0 && utf8.Valid(p) {
		return p
	}
	rest := append(r.held, p...)
	whole := make([]byte, 0, len(rest)+8)
	for len(rest) > 0 && (last || !isUnfinished(rest)) {
		c, size := decodeRune(rest)
		whole = utf8.AppendRune(whole, c)
		rest = rest[size:]
	}
	r.held = bytes.Clone(rest)
	return whole
}

// isUnfinished reports whether b is the start of a character or of a surrogate pair.
func isUnfinished(b []byte) bool {
	if isHalf(b, 0xA0, 0xAF) {
		b = b[3:]
		return len(b) == 0 || b[0] == 0xED && (len(b) == 1 || len(b) == 2 && b[1] >= 0xB0)
	}
	return !utf8.FullRune(b) || len(b) == 2 && b[0] == 0xED && b[1] >= 0xA0 && b[1] <= 0xBF
}

// decodeRune returns the first character of b and its size in bytes. The halves of a
// surrogate pair are one character. U+FFFD stands for a half alone, and for as many
// bytes as could have begun a character, at least one.
func decodeRune(b []byte) (rune, int) {
	c, size := utf8.DecodeRune(b)
	switch {
	case c != utf8.RuneError || size > 1:
		return c, size
	case isHalf(b, 0xA0, 0xAF) && isHalf(b[3:], 0xB0, 0xBF):
		return utf16.DecodeRune(surrogate(b), surrogate(b[3:])), 6
	case isHalf(b, 0xA0, 0xBF):
		return utf8.RuneError, 3
	}
	for size < len(b) && !utf8.FullRune(b[:size+1]) {
		size++
	}
	return utf8.RuneError, size
}

// isHalf reports whether b begins with a surrogate whose second byte is in the given
// range: A0 to AF for the first half of a pair, B0 to BF for the second.
func isHalf(b []byte, low, high byte) bool {
	return len(b) >= 3 && b[0] == 0xED && b[1] >= low && b[1] <= high && b[2]&0xC0 == 0x80
}

func surrogate(b []byte) rune {
	return rune(b[0]&0x0F)<<12 | rune(b[1]&0x3F)<<6 | rune(b[2]&0x3F)
}
