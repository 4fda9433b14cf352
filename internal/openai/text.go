package openai

import (
	"bytes"
	"encoding/json"
	"unicode/utf16"
	"unicode/utf8"

	"oax/internal/sse"
)

// appendString appends the value of a JSON string, if raw is one. Bytes that are
// not UTF-8 stay, and half of a surrogate pair is written as if it were a
// character (three bytes that UTF-8 does not allow), since the rest of either may
// come with the next chunk; repair deals with them.
func appendString(dst []byte, raw json.RawMessage) []byte {
	if len(raw) < 2 || raw[0] != '"' {
		return dst
	}
	return unquote(dst, raw[1:len(raw)-1])
}

// unquote undoes the escapes of RFC 8259, section 7, in the inside of a valid string.
func unquote(dst, inside []byte) []byte {
	for i := 0; ; {
		next := bytes.IndexByte(inside[i:], '\\')
		if next < 0 {
			return append(dst, inside[i:]...)
		}
		dst = append(dst, inside[i:i+next]...)
		i += next + 1
		switch c := inside[i]; c {
		case 'u':
			var r rune
			r, i = hexRune(inside, i+1)
			dst = appendRune(dst, r)
		case 'b', 'f', 'n', 'r', 't':
			dst = append(dst, controls[c-'b'])
			i++
		default: // a quote, a backslash or a slash
			dst = append(dst, c)
			i++
		}
	}
}

// controls are the escapes with a letter, from b to t.
const controls = "\b\000\000\000\f\000\000\000\000\000\000\000\n\000\000\000\r\000\t"

// hexRune reads the four digits at i, and a second escape if the two are a
// surrogate pair. It returns where it ended.
func hexRune(s []byte, i int) (rune, int) {
	r := hex4(s[i:])
	i += 4
	if utf16.IsSurrogate(r) && len(s) >= i+6 && s[i] == '\\' && s[i+1] == 'u' {
		if whole := utf16.DecodeRune(r, hex4(s[i+2:])); whole != utf8.RuneError {
			return whole, i + 6
		}
	}
	return r, i
}

func hex4(s []byte) rune {
	var r rune
	for _, c := range s[:4] {
		switch {
		case c <= '9':
			c -= '0'
		default:
			c = c&^0x20 - 'A' + 10
		}
		r = r<<4 | rune(c)
	}
	return r
}

func appendRune(dst []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(dst, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0xBF, 0x80|byte(r)&0xBF)
	}
	return utf8.AppendRune(dst, r)
}

// repair makes well-formed UTF-8 of text that arrives in pieces, and joins what an
// endpoint tore apart between two chunks: the bytes of a character, or the halves
// of a surrogate pair. What stays broken becomes U+FFFD.
type repair struct {
	held []byte // the end of the last piece, which the next may complete
}

// piece returns the well-formed form of the next piece, valid until the next call.
// last says that no piece follows.
func (r *repair) piece(p []byte, last bool) []byte {
	if len(r.held) == 0 && utf8.Valid(p) {
		return p
	}
	joined := append(r.held, p...)
	keep := 0
	if !last {
		keep = unfinished(joined)
	}
	cut := len(joined) - keep
	whole := wellFormed(joined[:cut])
	r.held = append([]byte(nil), joined[cut:]...)
	return whole
}

// unfinished returns how many bytes at the end of b may be the start of a character
// or the first half of a pair.
func unfinished(b []byte) int {
	n := unfinishedRune(b)
	before := len(b) - n - 3
	if before >= 0 && isHalf(b[before:], 0xA0, 0xAF) && (n == 0 || b[before+3] == 0xED) {
		return n + 3
	}
	return n
}

// unfinishedRune is unfinished for a single character, or half of a pair.
func unfinishedRune(b []byte) int {
	for n := 1; n <= min(3, len(b)); n++ {
		end := b[len(b)-n:]
		if end[0] < 0xC0 {
			continue
		}
		if !utf8.FullRune(end) || n == 2 && end[0] == 0xED && end[1] >= 0xA0 && end[1] <= 0xBF {
			return n
		}
		return 0
	}
	return 0
}

// isHalf reports whether b is a surrogate with its second byte in the given range:
// A0 to AF for the first half of a pair, B0 to BF for the second.
func isHalf(b []byte, low, high byte) bool {
	return len(b) >= 3 && b[0] == 0xED && b[1] >= low && b[1] <= high && b[2]&0xC0 == 0x80
}

// wellFormed joins halves that meet, and replaces what is ill-formed: a half by one
// U+FFFD, as it was one escape, all else by the rule for subparts.
func wellFormed(b []byte) []byte {
	out := make([]byte, 0, len(b)+8)
	from := 0
	for i := 0; i < len(b); i++ {
		if !isHalf(b[i:], 0xA0, 0xBF) {
			continue
		}
		out = sse.AppendValid(out, b[from:i])
		r := utf8.RuneError
		if isHalf(b[i:], 0xA0, 0xAF) && isHalf(b[i+3:], 0xB0, 0xBF) {
			r = utf16.DecodeRune(surrogate(b[i:]), surrogate(b[i+3:]))
			i += 3
		}
		out = utf8.AppendRune(out, r)
		i += 2
		from = i + 1
	}
	return sse.AppendValid(out, b[from:])
}

func surrogate(b []byte) rune {
	return rune(b[0]&0x0F)<<12 | rune(b[1]&0x3F)<<6 | rune(b[2]&0x3F)
}
