package markdown

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Addresses of the web and of mail, in angle brackets or bare in a text, and which of them a
// link may lead to.

// scanAutolink reads <scheme:…> or <name@host>. The address is what is between.
func scanAutolink(src []byte) (n int, mail bool) {
	end := 1
	for end < len(src) && src[end] > ' ' && src[end] != '<' && src[end] != '>' {
		end++
	}
	scheme := 1
	for scheme < end && (isLetter(src[scheme]) || scheme > 1 && (isDigit(src[scheme]) || indexByte("+.-", src[scheme]) >= 0)) {
		scheme++
	}
	isURL := scheme < end && src[scheme] == ':' && scheme >= 3 && scheme <= 33
	switch {
	case end == len(src):
		return more, false
	case src[end] != '>':
		return 0, false
	case isURL:
		return end + 1, false
	case isMail(src[1:end]):
		return end + 1, true
	}
	return 0, false
}

// isMail reports whether text is an address as browsers accept it.
func isMail(text []byte) bool {
	at := bytes.IndexByte(text, '@')
	if at <= 0 || mailName(text[:at]) < at {
		return false
	}
	for label := range bytes.SplitSeq(text[at+1:], []byte{'.'}) {
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || hostLabel(label) < len(label) {
			return false
		}
	}
	return true
}

// mailName returns how many bytes at the start of src can be in the name of an address.
func mailName(src []byte) int {
	for i, c := range src {
		if !isLetter(c) && !isDigit(c) && indexByte(".!#$%&'*+/=?^_`{|}~-", c) < 0 {
			return i
		}
	}
	return len(src)
}

func hostLabel(src []byte) int {
	for i, c := range src {
		if !isLetter(c) && !isDigit(c) && c != '-' {
			return i
		}
	}
	return len(src)
}

// scanURL reads a bare web address, which begins with http://, https:// or www. It ends
// before what rather belongs to the sentence.
func scanURL(src []byte, whole bool) int {
	start := 0
	for _, prefix := range []string{"https://", "http://", "www."} {
		n := min(len(src), len(prefix))
		if !strings.EqualFold(string(src[:n]), prefix[:n]) {
			continue
		}
		if n < len(prefix) {
			if whole {
				return 0
			}
			return more
		}
		start = n
		break
	}
	if start == 0 {
		return 0
	}
	end := start
	for end < len(src) && src[end] > ' ' && src[end] != '<' && src[end] != 0x7f {
		if src[end] >= utf8.RuneSelf {
			if r, _ := utf8.DecodeRune(src[end:]); endsURL(r) {
				break
			}
		}
		end++
	}
	if end == len(src) && !whole && end < maxURL {
		return more
	}
	host := start
	for host < end && (isLetter(src[host]) || isDigit(src[host]) || src[host] >= utf8.RuneSelf || indexByte("-_.:@[]", src[host]) >= 0) {
		host++
	}
	if host == start || src[0]|0x20 == 'w' && bytes.IndexByte(src[start:host], '.') < 0 {
		return 0
	}
	end = trimURL(src[:end])
	if end <= start {
		return 0
	}
	return end
}

// maxURL is how many bytes of an address are looked at.
const maxURL = 4096

// endsURL reports whether an East Asian text goes on behind a bare address.
func endsURL(r rune) bool {
	return unicode.IsSpace(r) || 0x3000 <= r && r <= 0x303f || 0xff01 <= r && r <= 0xff0f || 0xff1a <= r && r <= 0xff20 || r == '”' || r == '’' || r == '»'
}

// trimURL returns where an address ends: before punctuation, marks of emphasis, brackets
// that do not begin in it, and character references.
func trimURL(src []byte) int {
	for n := len(src); n > 0; {
		switch c := src[n-1]; c {
		case '?', '!', '.', ',', ':', '*', '_', '~', '\'', '"', '`', '|', ']', '}':
			n--
		case ')':
			if bytes.Count(src[:n], []byte{')'}) <= bytes.Count(src[:n], []byte{'('}) {
				return n
			}
			n--
		case ';':
			at := bytes.LastIndexByte(src[:n], '&')
			if at >= 0 && n-at < 32 && hostLabel(src[at+1:n-1]) == n-at-2 && n-at > 2 {
				n = at
				continue
			}
			n--
		default:
			return n
		}
	}
	return 0
}

// mailAt returns the length of the bare mail address at the start of src, or 0.
func mailAt(src []byte) int {
	n := mailName(src[:min(len(src), 65)])
	if n == 0 || n == len(src) || src[n] != '@' {
		return 0
	}
	end := n + 1
	for end < len(src) && (isLetter(src[end]) || isDigit(src[end]) || indexByte(".-_", src[end]) >= 0) {
		end++
	}
	dots := len(bytes.TrimRight(src[n+1:end], "."))
	end = n + 1 + dots
	if host := src[n+1 : end]; dots == 0 || src[end-1] == '-' || src[end-1] == '_' || bytes.IndexByte(host, '.') <= 0 {
		return 0
	}
	return end
}

// isAllowed reports whether a link may lead to url.
func isAllowed(url string) bool {
	scheme, rest, found := strings.Cut(url, ":")
	switch strings.ToLower(scheme) {
	case "http", "https":
		return found && strings.HasPrefix(rest, "//")
	case "mailto":
		return found
	}
	return false
}

// escapeURL returns an address with everything escaped that has no place in one.
func escapeURL(url string) string {
	var b strings.Builder
	for i := range len(url) {
		switch c := url[i]; {
		case c == '%' && i+2 < len(url) && isHex(url[i+1]) && isHex(url[i+2]):
			b.WriteByte(c)
		case isLetter(c) || isDigit(c) || indexByte(";/?:@&=+$,-_.!~*'()#", c) >= 0:
			b.WriteByte(c)
		default:
			const digits = "0123456789ABCDEF"
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
