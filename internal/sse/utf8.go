package sse

import "unicode/utf8"

// AppendValid appends src to dst with each maximal subpart of an ill-formed
// sequence replaced by U+FFFD (Encoding Standard, section 8.1.1; Unicode 3.9,
// "U+FFFD Substitution of Maximal Subparts").
func AppendValid(dst, src []byte) []byte {
	for len(src) > 0 {
		r, size := utf8.DecodeRune(src)
		if r == utf8.RuneError && size <= 1 {
			dst = utf8.AppendRune(dst, utf8.RuneError)
			size = subpart(src)
		} else {
			dst = append(dst, src[:size]...)
		}
		src = src[size:]
	}
	return dst
}

// subpart returns the length of the maximal subpart at the start of b, which
// does not start with a well-formed sequence.
func subpart(b []byte) int {
	need, low, high := 0, byte(0x80), byte(0xBF)
	switch c := b[0]; {
	case c >= 0xC2 && c <= 0xDF:
		need = 1
	case c >= 0xE0 && c <= 0xEF:
		need = 2
		if c == 0xE0 {
			low = 0xA0
		}
		if c == 0xED {
			high = 0x9F
		}
	case c >= 0xF0 && c <= 0xF4:
		need = 3
		if c == 0xF0 {
			low = 0x90
		}
		if c == 0xF4 {
			high = 0x8F
		}
	}
	n := 1
	for n <= need && n < len(b) && b[n] >= low && b[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}

// validUTF8 returns b itself if it is well-formed.
func validUTF8(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	return AppendValid(make([]byte, 0, len(b)+8), b)
}
