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

// The scanners below return how many bytes at the start of src are what they look for:
// none if they are something else, and more if src ends too early to tell.
const more = -1

// scanTag reads a tag, comment, processing instruction, declaration or CDATA section of
// HTML.
func scanTag(src []byte) int {
	if len(src) < 2 {
		return more
	}
	switch c := src[1]; {
	case c == '!' || c == '?':
		return scanDeclaration(src)
	case c == '/':
		n := 2 + tagName(src[2:])
		if n == 2 && len(src) > 2 {
			return 0
		}
		n += span(src[n:], " \t\n")
		return closeTag(src, n, ">")
	case !isLetter(c):
		return 0
	}
	n := 1 + tagName(src[1:])
	for {
		space := span(src[n:], " \t\n")
		n += space
		if n == len(src) {
			return more
		}
		if c := src[n]; !isLetter(c) && c != '_' && c != ':' || space == 0 {
			return closeTag(src, n, "/>")
		}
		size := scanAttribute(src[n:])
		if size <= 0 {
			return size
		}
		n += size
	}
}

// closeTag wants the end of a tag at n, perhaps without what comes before >.
func closeTag(src []byte, n int, end string) int {
	for i := range len(end) {
		switch {
		case n == len(src):
			return more
		case src[n] == end[i]:
			n++
		case i+1 == len(end):
			return 0
		}
	}
	return n
}

func tagName(src []byte) int {
	for i, c := range src {
		if !isLetter(c) && (i == 0 || !isDigit(c) && c != '-') {
			return i
		}
	}
	return len(src)
}

// scanAttribute reads the name of an attribute and its value, if it has one.
func scanAttribute(src []byte) int {
	n := 0
	for n < len(src) && (isLetter(src[n]) || isDigit(src[n]) || indexByte("_.:-", src[n]) >= 0) {
		n++
	}
	value := n + span(src[n:], " \t\n")
	if value == len(src) || src[value] != '=' {
		return n
	}
	value++
	value += span(src[value:], " \t\n")
	if value == len(src) {
		return more
	}
	if c := src[value]; c == '"' || c == '\'' {
		end := bytes.IndexByte(src[value+1:], c)
		if end < 0 {
			return more
		}
		return value + end + 2
	}
	end := value
	for end < len(src) && indexByte(" \t\n\"'=<>`", src[end]) < 0 {
		end++
	}
	if end == value {
		return 0
	}
	return end
}

// declarations are what begins and ends what is no tag. A comment may be <!--> or <!--->.
var declarations = [4]struct{ open, close string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}}

func scanDeclaration(src []byte) int {
	for i, d := range declarations {
		if n := min(len(src), len(d.open)); string(src[:n]) != d.open[:n] {
			continue
		} else if n < len(d.open) {
			return more
		}
		from := len(d.open)
		switch {
		case i == 0:
			from = 2
		case i == 3 && len(src) == 2:
			return more
		case i == 3 && !isLetter(src[2]):
			return 0
		}
		end := bytes.Index(src[from:], []byte(d.close))
		if end < 0 {
			return more
		}
		return from + end + len(d.close)
	}
	return 0
}

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

// scanDestination reads the address of a link.
func scanDestination(src []byte) int {
	if len(src) == 0 {
		return more
	}
	if src[0] == '<' {
		for i := 1; i < len(src); i++ {
			switch src[i] {
			case '>':
				return i + 1
			case '\n', '<':
				return 0
			case '\\':
				i++
			}
		}
		return more
	}
	depth := 0
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\\' && i+1 < len(src) && isPunctuation(src[i+1]):
			i++
		case c == '(':
			if depth++; depth > 32 {
				return 0
			}
		case c == ')':
			if depth--; depth < 0 {
				return i
			}
		case c <= ' ' || c == 0x7f:
			if depth > 0 {
				return 0
			}
			return i
		}
	}
	return more
}

// destination returns an address without < and > and what is escaped in it.
func destination(src []byte) string {
	if len(src) > 1 && src[0] == '<' {
		src = src[1 : len(src)-1]
	}
	return unescape(src)
}

// scanTitle reads the title of a link, in its quotes.
func scanTitle(src []byte) int {
	if len(src) == 0 {
		return more
	}
	end := src[0]
	switch end {
	case '"', '\'':
	case '(':
		end = ')'
	default:
		return 0
	}
	for i := 1; i < len(src); i++ {
		switch c := src[i]; {
		case c == end:
			return i + 1
		case c == '\\':
			i++
		case c == '(' && end == ')':
			return 0
		}
	}
	return more
}

// scanTarget reads (address "title") behind the text of a link.
func scanTarget(src []byte) (n int, r reference) {
	if len(src) == 0 {
		return more, r
	}
	if src[0] != '(' {
		return 0, r
	}
	n = 1 + span(src[1:], " \t\n")
	if n < len(src) && src[n] == ')' {
		return n + 1, r
	}
	size := scanDestination(src[n:])
	if size <= 0 {
		return size, r
	}
	r.url = destination(src[n : n+size])
	n += size
	space := span(src[n:], " \t\n")
	n += space
	if space > 0 && n < len(src) && src[n] != ')' {
		size = scanTitle(src[n:])
		if size <= 0 {
			return size, r
		}
		r.title = unescape(src[n+1 : n+size-1])
		n += size
		n += span(src[n:], " \t\n")
	}
	switch {
	case n == len(src):
		return more, r
	case src[n] != ')':
		return 0, r
	}
	return n + 1, r
}

// scanLabel reads [label], in which no bracket stands unescaped.
func scanLabel(src []byte) int {
	for i := 0; i < len(src) && i <= 1000; i++ {
		switch c := src[i]; {
		case i == 0 && c != '[':
			return 0
		case c == '\\':
			i++
		case c == ']':
			return i + 1
		case c == '[' && i > 0:
			return 0
		}
	}
	if len(src) > 1000 {
		return 0
	}
	return more
}

// reference is where a link leads.
type reference struct{ url, title string }

// normalLabel returns a label as labels are compared; it is empty if there is none.
func normalLabel(label []byte) string {
	s := strings.Join(strings.Fields(string(label)), " ")
	return strings.ReplaceAll(strings.ToLower(strings.ToUpper(s)), "ß", "ss")
}

// definitions takes the definitions of links off the beginning of a paragraph.
func (p *parser) definitions(text []byte) []byte {
	for len(text) > 0 && text[0] == '[' {
		n, label, r := scanDefinition(text)
		if n <= 0 {
			break
		}
		if _, defined := p.refs[label]; !defined {
			p.refs[label] = r
		}
		text = text[n:]
	}
	return text
}

// scanDefinition reads one definition with its line end.
func scanDefinition(src []byte) (n int, label string, r reference) {
	n = scanLabel(src)
	if n <= 0 || n >= len(src) || src[n] != ':' {
		return 0, "", r
	}
	if label = normalLabel(src[1 : n-1]); label == "" {
		return 0, "", r
	}
	n++
	n += spaceAndLine(src[n:])
	size := scanDestination(src[n:])
	if size == more {
		size = len(src) - n
		if size > 0 && src[n] == '<' {
			return 0, "", r
		}
	}
	if size <= 0 {
		return 0, "", r
	}
	r.url = destination(src[n : n+size])
	n += size
	end := n + span(src[n:], " \t")
	title := n + spaceAndLine(src[n:])
	if title > n {
		if size = scanTitle(src[title:]); size > 0 {
			after := title + size + span(src[title+size:], " \t")
			if after == len(src) || src[after] == '\n' {
				r.title = unescape(src[title+1 : title+size-1])
				return min(after+1, len(src)), label, r
			}
		}
	}
	if end < len(src) && src[end] != '\n' {
		return 0, "", r
	}
	return min(end+1, len(src)), label, r
}

// spaceAndLine returns how much space src begins with, in which one line may end.
func spaceAndLine(src []byte) int {
	n := span(src, " \t")
	if n < len(src) && src[n] == '\n' {
		n++
		n += span(src[n:], " \t")
	}
	return n
}

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

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlnum(r rune) bool { return r < 0x80 && (isLetter(byte(r)) || isDigit(byte(r))) }

func isPunctuation(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}

// htmlBlocks are the names that begin a block of HTML by the sixth condition.
const htmlBlocks = " address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option p param search section summary table tbody td tfoot th thead title tr track ul "

// htmlVerbatim are those that begin one by the first condition.
const htmlVerbatim = " script pre style textarea "

// htmlStart tells by which of the seven conditions of CommonMark a block of HTML begins.
func htmlStart(src []byte, whole, inText bool) (condition int, v verdict) {
	if len(src) < 2 {
		return 0, ends(whole)
	}
	for i, d := range []int{2, 5, 3, 4} {
		open := declarations[i].open
		n := min(len(src), len(open))
		switch {
		case string(src[:n]) != open[:n]:
			continue
		case n < len(open) && !whole:
			return 0, unknown
		case n < len(open):
			continue
		case i == 3 && len(src) == 2:
			return 0, ends(whole)
		case i == 3 && !isLetter(src[2]):
			return 0, no
		}
		return d, yes
	}
	closing := src[1] == '/'
	from := 1
	if closing {
		from = 2
	}
	n := from + tagName(src[from:])
	if n == from && n < len(src) {
		return 0, no
	}
	if n == len(src) && !whole {
		return 0, unknown
	}
	name := " " + strings.ToLower(string(src[from:n])) + " "
	after := src[n:]
	if len(after) == 1 && after[0] == '/' && !whole {
		return 0, unknown
	}
	bounded := len(after) == 0 || indexByte(" \t>", after[0]) >= 0
	switch {
	case !closing && bounded && strings.Contains(htmlVerbatim, name):
		return 1, yes
	case (bounded || bytes.HasPrefix(after, []byte("/>"))) && strings.Contains(htmlBlocks, name):
		return 6, yes
	case inText:
		return 0, no
	}
	switch size := scanTag(src); {
	case size == more:
		return 0, ends(whole)
	case size == 0 || !isBlank(src[size:]):
		return 0, no
	case !whole:
		return 0, unknown
	}
	return 7, yes
}

// htmlEnds reports whether a line ends a block of HTML that began by one of the first five
// conditions.
func htmlEnds(condition int, line []byte) bool {
	if condition > 1 {
		return bytes.Contains(line, []byte([]string{"-->", "?>", ">", "]]>"}[condition-2]))
	}
	line = bytes.ToLower(line)
	for name := range strings.FieldsSeq(htmlVerbatim) {
		if bytes.Contains(line, []byte("</"+name+">")) {
			return true
		}
	}
	return false
}
