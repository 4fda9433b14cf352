package term

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// The characters and the words of a line, as a person sees them (UAX 29), and where a line
// may be broken (UAX 14). Offsets are in bytes.

// Cluster returns how many bytes the first grapheme cluster of s takes: what a person
// takes for one character, such as an emoji of several parts or a letter with its marks.
func Cluster[T string | []byte](s T) int {
	head := string(s[:min(len(s), 2*utf8.UTFMax)])
	if n := oneRune(head); n > 0 {
		return n
	}
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(string(s), -1)
	return len(cluster)
}

// oneRune returns the length of the first character of s if that is ASCII, a character of
// Chinese or Japanese or a syllable of Korean, and is followed by another such character
// or by nothing, and else 0. Such a character is a cluster by itself.
func oneRune(s string) int {
	first, n := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[n:]); isAlone(first) && (n == len(s) || isAlone(next)) {
		return n
	}
	return 0
}

// isAlone reports whether r joins no character that isAlone reports true of.
func isAlone(r rune) bool {
	return r < utf8.RuneSelf && r != '\r' || 0x3041 <= r && r <= 0x3096 || 0x309b <= r && r <= 0x9fff || 0xac00 <= r && r <= 0xd7a3 || 0xff01 <= r && r <= 0xff60 || 0x3000 <= r && r <= 0x3029
}

// Clusters yields the grapheme clusters of a line, each with its offset. Each byte that is
// not UTF-8 is one.
func Clusters(line string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for at := 0; at < len(line); {
			n := Cluster(line[at:])
			if !yield(at, line[at:at+n]) {
				return
			}
			at += n
		}
	}
}

// Words yields the words of a line, each as the offsets where it begins and ends. What is
// between them is spaces and punctuation. UAX 29 takes each character of a script without
// spaces as a word; here characters of the same script that follow each other are one, so
// that 今日は天気です is 今日, は, 天気, です.
func Words(s string) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		var script *unicode.RangeTable // of the word that may go on, if that has no spaces
		from, to := 0, 0               // of that word
		state := -1
		for at, rest := 0, s; rest != ""; {
			segment := rest
			for more := true; more && rest != ""; { // a word ends where a cluster does
				var boundaries int
				_, rest, boundaries, state = uniseg.StepString(rest, state)
				more = boundaries&uniseg.MaskWord == 0
			}
			segment = segment[:len(segment)-len(rest)]
			next := scriptWithoutSpaces(segment)
			if script != nil && strings.HasPrefix(segment, "ー") { // it is of no script
				next = script
			}
			if next != nil && next == script {
				to += len(segment)
			} else {
				if from < to && !yield(from, to) {
					return
				}
				from, to = at, at
				if strings.ContainsFunc(segment, inWord) {
					to += len(segment)
				}
			}
			script = next
			at += len(segment)
		}
		if from < to {
			yield(from, to)
		}
	}
}

// inWord reports whether a character makes a segment a word: emoji are words too.
func inWord(r rune) bool {
	return r == '_' || unicode.In(r, unicode.L, unicode.N, unicode.So)
}

// scriptWithoutSpaces returns the script of a segment's first character, if that script
// has no spaces between words.
func scriptWithoutSpaces(segment string) *unicode.RangeTable {
	r, _ := utf8.DecodeRuneInString(segment)
	for _, script := range []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar} {
		if r >= 0x0e00 && unicode.Is(script, r) {
			return script
		}
	}
	return nil
}

// MayBreak reports whether a line may end between a grapheme cluster and the character
// behind it, by the rules of UAX 14. Korean is broken at its spaces only, as Latin text is.
func MayBreak(cluster string, next rune) bool {
	before, _ := utf8.DecodeRuneInString(cluster)
	switch from, to := japaneseOf(before), japaneseOf(next); {
	case from != noJapanese && to == anywhere:
		return true
	case from == anywhere && to == notFirst:
		return false
	}
	if isWordLetter(before) && isWordLetter(next) {
		return false
	}
	both := cluster + string(next)
	first, _, _, _ := uniseg.FirstLineSegmentInString(both, -1)
	return len(first) == len(cluster)
}

// japanese says where in a line a character of Chinese or Japanese may stand.
type japanese uint8

const (
	noJapanese japanese = iota // it is another character, or one that cannot end a line
	anywhere
	notFirst // not at the start
)

// notFirstInLine are the small kana and the punctuation of Japanese that begin no line.
const notFirstInLine = "、。〉》」』】〕〗〙〛々〻ぁぃぅぇぉっゃゅょゎゕゖゝゞァィゥェォッャュョヮヵヶ・ーヽヾ"

// kana are the characters from U+3000 to U+30FF.
var kana = func() (set [0x100]japanese) {
	for r := 'ぁ'; r <= 'ヾ'; r++ {
		if unicode.In(r, unicode.Hiragana, unicode.Katakana) {
			set[r-0x3000] = anywhere
		}
	}
	for _, r := range notFirstInLine {
		set[r-0x3000] = notFirst
	}
	return set
}()

func japaneseOf(r rune) japanese {
	switch {
	case 0x4e00 <= r && r <= 0x9fff:
		return anywhere
	case 0x3000 <= r && r <= 0x30ff:
		return kana[r-0x3000]
	}
	return noJapanese
}

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
