package term

import "unicode/utf8"

// Invisible returns how many characters of s a person cannot see and a model reads,
// those that turn the reading direction among them, and the first of them. Flags that
// are made of tag characters are none.
func Invisible(s string) (n int, first rune) {
	eachInvisible(s, func(r rune, _, _ int) {
		if n++; n == 1 {
			first = r
		}
	})
	return n, first
}

// WithoutInvisible returns s without them.
func WithoutInvisible(s string) string {
	var kept []byte
	from := 0
	eachInvisible(s, func(_ rune, at, size int) {
		kept = append(kept, s[from:at]...)
		from = at + size
	})
	if from == 0 {
		return s
	}
	return string(append(kept, s[from:]...))
}

func eachInvisible(s string, do func(r rune, at, size int)) {
	var before rune
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		class := passed
		if size > 1 {
			class = classOf(r)
		}
		switch {
		case class == flagged:
			size, _ = flag([]byte(s[at:min(at+4*(maxTags+2), len(s))]))
		case class == removed, class == turning, class == selecting && !selects(r, before):
			do(r, at, size)
		}
		before, _ = utf8.DecodeLastRuneInString(s[at : at+size])
		at += size
	}
}
