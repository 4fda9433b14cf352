package term

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// class says what a Filter does with a character.
type class uint8

const (
	passed    class = iota // printed as it is
	shown                  // printed as its code point
	turning                // the same, and counted: it would turn the reading direction
	removed                // not printed, and counted: nobody could see it
	flagged                // U+1F3F4: tag characters behind it may belong to a flag
	selecting              // passed directly behind a character it can select a form of, else removed
)

// classOf returns the class of a character that is not ASCII:
//
//   - C1 controls and U+2028 and U+2029 act on a terminal;
//   - the bidi controls of UAX 9 act on the order of a line;
//   - these hide text that a person does not see and a model reads: the tag block,
//     zero-width space, word joiner, the invisible operators U+2061 to U+2064, the
//     deprecated controls U+206A to U+206F, the byte order mark, the annotation
//     controls U+FFF9 to U+FFFB and the Hangul fillers. ZWJ and ZWNJ stay: emoji and
//     Persian need them;
//   - a variation selector selects the form of one character; a second one hides text.
func classOf(r rune) class {
	switch {
	case r < 0xa0:
		return shown
	case r < 0x2000:
		return classOfLetter(r)
	case r < 0x2070:
		return classOfPunctuation(r)
	case 0xfe00 <= r && r <= 0xfe0f, 0xe0100 <= r && r <= 0xe01ef:
		return selecting
	case r == 0x3164, r == 0xfeff, r == 0xffa0, 0xfff9 <= r && r <= 0xfffb, 0xe0000 <= r && r <= 0xe00ff:
		return removed
	case r == 0x1f3f4:
		return flagged
	}
	return passed
}

// classOfLetter is classOf from U+00A0 to U+1FFF.
func classOfLetter(r rune) class {
	switch {
	case r == 0x061c:
		return turning
	case r == 0x115f, r == 0x1160:
		return removed
	case 0x180b <= r && r <= 0x180f:
		return selecting
	}
	return passed
}

// classOfPunctuation is classOf from U+2000 to U+206F.
func classOfPunctuation(r rune) class {
	switch {
	case r == 0x200b, 0x2060 <= r && r <= 0x2064, 0x206a <= r:
		return removed
	case r == 0x2028, r == 0x2029:
		return shown
	case r == 0x200e, r == 0x200f, 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069:
		return turning
	}
	return passed
}

// selects reports whether a selector can select a form of the character directly before
// it. Those from U+180B to U+180F can do so with Mongolian letters only.
func selects(selector, before rune) bool {
	if selector < 0x2000 {
		return unicode.Is(unicode.Mongolian, before) && unicode.IsLetter(before)
	}
	if before < utf8.RuneSelf {
		return before > ' ' && before != 0x7f
	}
	const joiners = "\u034f\u200c\u200d" // CGJ, ZWNJ, ZWJ
	class := classOf(before)
	return (class == passed || class == flagged) && !unicode.IsSpace(before) && !strings.ContainsRune(joiners, before)
}

// maxTags is how many tag characters a flag may have. The code of a region has
// six at most; the last one ends the sequence.
const maxTags = 8

// flag returns how many bytes the flag at the start of src takes, U+1F3F4, tags
// and U+E007F, or those of U+1F3F4 alone. It is not whole if more bytes could
// make it longer.
func flag(src []byte) (n int, whole bool) {
	n = len("🏴")
	at := n
	for tags := 0; tags < maxTags; tags++ {
		if !utf8.FullRune(src[at:]) {
			return n, false
		}
		r, size := utf8.DecodeRune(src[at:])
		at += size
		switch {
		case r == 0xe007f && tags > 0:
			return at, true
		case r < 0xe0020 || r > 0xe007e:
			return n, true
		}
	}
	return n, true
}
