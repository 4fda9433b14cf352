package term

import "unicode/utf8"

// fate is what a Filter does with a character.
type fate uint8

const (
	passed  fate = iota // printed as it is
	shown               // printed as its code point
	turning             // the same, and counted: it would turn the reading direction
	removed             // not printed, and counted: nobody could see it
	flagged             // U+1F3F4: tag characters behind it may belong to a flag
)

// fateOf says what becomes of a character that is no ASCII:
//
//   - C1 controls and U+2028 and U+2029 act on a terminal;
//   - the bidi controls of UAX 9 act on the order of a line;
//   - the tag block, zero-width space, word joiner, the invisible operators
//     U+2061 to U+2064, the byte order mark and the Hangul fillers hide text
//     that a person does not see and a model reads. ZWJ and ZWNJ stay: emoji
//     and Persian need them.
func fateOf(r rune) fate {
	switch {
	case r < 0xa0:
		return shown
	case r < 0x2000:
		if r == 0x061c {
			return turning
		}
	case r < 0x2070:
		return fateOfPunctuation(r)
	case r == 0x3164, r == 0xfeff, r == 0xffa0, 0xe0000 <= r && r <= 0xe00ff:
		return removed
	case r == 0x1f3f4:
		return flagged
	}
	return passed
}

// fateOfPunctuation is fateOf from U+2000 to U+206F.
func fateOfPunctuation(r rune) fate {
	switch {
	case r == 0x200b, 0x2060 <= r && r <= 0x2064:
		return removed
	case r == 0x2028, r == 0x2029:
		return shown
	case r == 0x200e, r == 0x200f, 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069:
		return turning
	}
	return passed
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
