package term

import (
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Cluster returns how many bytes the first grapheme cluster of s takes: what a person
// takes for one character, such as an emoji of several parts or a letter with its marks.
func Cluster(s string) int {
	if s != "" && s[0] < 0x80 && (len(s) == 1 || s[1] < 0x80) {
		return 1
	}
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	return len(cluster)
}

// MayBreak reports whether a line may end between a grapheme cluster and the character
// behind it, by the rules of UAX 14. Korean is broken at its spaces only, as Latin text is.
func MayBreak(cluster string, next rune) bool {
	before, _ := utf8.DecodeRuneInString(cluster)
	if isIdeograph(before) && isIdeograph(next) {
		return true
	}
	if isWordLetter(before) && isWordLetter(next) {
		return false
	}
	both := cluster + string(next)
	first, _, _, _ := uniseg.FirstLineSegmentInString(both, -1)
	return len(first) == len(cluster)
}

// isIdeograph reports whether r is a common Chinese character. Between two of them a line
// may be broken.
func isIdeograph(r rune) bool { return 0x4e00 <= r && r <= 0x9fff }

// isWordLetter reports whether r is of a script that is broken at spaces.
func isWordLetter(r rune) bool {
	switch {
	case r < 0x80:
		return true
	case 0x2e80 <= r && r <= 0xa4cf, 0xf900 <= r && r <= 0xfaff, 0xff00 <= r && r <= 0xffef, 0x0e00 <= r && r <= 0x0eff, 0x1000 <= r && r <= 0x109f, 0x1780 <= r && r <= 0x17ff, r >= 0x20000:
		return false
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
