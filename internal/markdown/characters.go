package markdown

import (
	"bytes"
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"oax/internal/term"
)

// Characters: what kind each is, and those that are written as escapes and references.

// scanEntity reads a character reference of HTML and returns what it stands for, as a
// term.Filter shows it.
func scanEntity(src []byte) (int, string) {
	end := 1
	for end < len(src) && end < 34 && (isLetter(src[end]) || isDigit(src[end]) || end == 1 && src[end] == '#') {
		end++
	}
	switch {
	case end == len(src):
		return more, ""
	case src[end] != ';' || end < 2:
		return 0, ""
	case src[1] != '#':
		name := string(src[:end+1])
		if text := html.UnescapeString(name); text != name && !strings.HasSuffix(text, ";") {
			return end + 1, term.Visible(text)
		} else if name == "&semi;" {
			return end + 1, ";"
		}
		return 0, ""
	}
	digits, base, longest := string(src[2:end]), 10, 7
	if digits != "" && digits[0]|0x20 == 'x' {
		digits, base, longest = digits[1:], 16, 6
	}
	code, err := strconv.ParseUint(digits, base, 32)
	if err != nil || len(digits) > longest {
		return 0, ""
	}
	if code == 0 || code > unicode.MaxRune {
		code = utf8.RuneError
	}
	return end + 1, term.Visible(string(rune(code)))
}

// unescape returns text without its backslash escapes and character references.
func unescape(src []byte) string {
	if bytes.IndexByte(src, '\\') < 0 && bytes.IndexByte(src, '&') < 0 {
		return string(src)
	}
	var b strings.Builder
	for i := 0; i < len(src); i++ {
		if src[i] == '\\' && i+1 < len(src) && isPunctuation(src[i+1]) {
			i++
		} else if src[i] == '&' {
			if n, text := scanEntity(src[i:]); n > 0 {
				b.WriteString(text)
				i += n - 1
				continue
			}
		}
		b.WriteByte(src[i])
	}
	return b.String()
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlnum(r rune) bool { return r < 0x80 && (isLetter(byte(r)) || isDigit(byte(r))) }

func isPunctuation(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}

func isSpace(r rune) bool { return r == 0 || unicode.IsSpace(r) }

func isMark(r rune) bool {
	return r > 0 && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// isWide reports whether r is Chinese, Japanese or Korean, which are written
// without the spaces that CommonMark looks for.
func isWide(r rune) bool {
	return 0x1100 <= r && r <= 0x11ff || 0x2e80 <= r && r <= 0xa4cf || 0xac00 <= r && r <= 0xd7ff ||
		0xf900 <= r && r <= 0xfaff || 0xfe30 <= r && r <= 0xfe4f || 0xff00 <= r && r <= 0xffef ||
		0x20000 <= r && r <= 0x3ffff
}

// run returns how many bytes c src begins with.
func run(src []byte, c byte) int {
	n := 0
	for n < len(src) && src[n] == c {
		n++
	}
	return n
}

// span returns how many bytes at the start of src are one of set.
func span(src []byte, set string) int {
	for i, c := range src {
		if indexByte(set, c) < 0 {
			return i
		}
	}
	return len(src)
}

func indexByte(set string, c byte) int {
	for i := range len(set) {
		if set[i] == c {
			return i
		}
	}
	return -1
}

func isSpaceOrTab(c byte) bool { return c == ' ' || c == '\t' }

func isBlank(src []byte) bool { return span(src, " \t\n\r") == len(src) }
