package term

import (
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// narrow measures as a terminal outside East Asia does, whatever the locale:
// characters of ambiguous width take one column.
var narrow = runewidth.Condition{StrictEmojiNeutral: true}

// Width returns how many columns s takes on a terminal. A combining mark takes
// none, a CJK character or an emoji two. s must be visible text of one line.
func Width(s string) int {
	n, joined := 0, false
	for _, r := range s {
		columns := columnsOf(r)
		if columns == 0 {
			if columns, joined = partOfEmoji(r); !joined {
				return narrow.StringWidth(s)
			}
		}
		n += columns
	}
	switch first, _ := utf8.DecodeRuneInString(s); {
	case !joined:
		return n
	case Cluster(s) < len(s):
	case n <= 2:
		return n
	case first >= 0x1f1e6 && !isSkin(first): // an emoji or a flag
		return 2
	default:
		return narrow.StringWidth(s)
	}
	n = 0
	for _, cluster := range Clusters(s) {
		n += Width(cluster)
	}
	return n
}

// columnsOf returns how many columns a character takes that is always by itself, and 0 for
// any other. For the first character above U+0300 that it meets, runewidth makes tables of
// 2 MiB, which takes milliseconds: most texts have only these.
func columnsOf(r rune) int {
	switch {
	case r <= 0x2ff:
		if ' ' <= r && r <= '~' || 0xae <= r {
			return 1 // Latin
		}
	case 0x3000 <= r && r <= 0x3029, 0x3041 <= r && r <= 0x3096, 0x309b <= r && r <= 0x30ff, // Japanese
		0x4e00 <= r && r <= 0x9fff, 0xac00 <= r && r <= 0xd7a3, 0xff01 <= r && r <= 0xff60: // Chinese, Korean
		return 2
	case 0x370 <= r && r <= 0x482, 0x48a <= r && r <= 0x52f, 0x1e00 <= r && r <= 0x1eff, // Greek, Cyrillic, Vietnamese
		0x2010 <= r && r <= 0x2027, 0x2030 <= r && r <= 0x205e, 0x2070 <= r && r <= 0x209c, // punctuation
		0x20a0 <= r && r <= 0x20c0, 0x2100 <= r && r <= 0x2319, 0x2500 <= r && r <= 0x25fc, // money, arrows, mathematics, lines
		r == '☐', r == '☑', r == '★', r == '✓', r == '✗', r == '✔', r == '⚠', r == '❤':
		return 1
	case 0x1f300 <= r && r <= 0x1f320, 0x1f337 <= r && r <= 0x1f37c, 0x1f37e <= r && r <= 0x1f393, 0x1f3a0 <= r && r <= 0x1f3ca, 0x1f400 <= r && r <= 0x1f43e, // emoji
		0x1f442 <= r && r <= 0x1f4fc, 0x1f4ff <= r && r <= 0x1f53d, 0x1f5fb <= r && r <= 0x1f64f, 0x1f680 <= r && r <= 0x1f6c5,
		0x1f90c <= r && r <= 0x1f93a, 0x1f947 <= r && r <= 0x1f9ff, r == '✅', r == '❌', r == '⭐', r == '✨':
		return 2
	}
	return 0
}

// partOfEmoji returns how many columns by itself a character takes that makes one emoji of
// several characters.
func partOfEmoji(r rune) (columns int, ok bool) {
	switch {
	case r == '\u200d', r == '\ufe0f': // zero width joiner, variation selector
		return 0, true
	case 0x1f1e6 <= r && r <= 0x1f1ff: // the letters of flags
		return 1, true
	case isSkin(r):
		return 2, true
	}
	return 0, false
}

// isSkin reports whether r gives the emoji before it a colour of the skin.
func isSkin(r rune) bool { return 0x1f3fb <= r && r <= 0x1f3ff }

// runeWidth returns the columns of a character by itself.
func runeWidth(r rune) int {
	if columns := columnsOf(r); columns > 0 {
		return columns
	}
	if columns, ok := partOfEmoji(r); ok {
		return columns
	}
	return narrow.RuneWidth(r)
}

// Widths returns how many columns s takes, and how many at most, whatever a terminal does
// with emoji: those of its parts where it joins none, and one more for a character that
// becomes an emoji by a variation selector. s must be visible text of one line.
func Widths(s string) (width, apart int) {
	width = Width(s)
	for _, r := range s {
		apart += runeWidth(r)
		if r == '\ufe0f' {
			apart++
		}
	}
	return width, max(width, apart)
}

// Cut returns s if it is no wider than columns. Otherwise it returns the beginning of s with
// … at its end, together no wider than columns. It never takes half a wide character
// or parts a mark from its base. s must be visible text of one line.
func Cut(s string, columns int) string {
	if columns < 1 {
		return ""
	}
	if Width(s) <= columns {
		return s
	}
	return narrow.Truncate(s, columns, "…")
}

// Column returns the column of the cursor after a line was written to a terminal that is
// columns wide. The line may hold visible text, styles and hyperlinks. Column is columns if
// the row is full.
func Column(line string, columns int) int {
	const tabStop = 8
	column := 0
	for _, cluster := range Clusters(withoutSequences(line)) {
		if cluster == "\t" {
			column = min((column/tabStop+1)*tabStop, columns-1)
			continue
		}
		width := Width(cluster)
		if column += width; column > columns {
			column = width
		}
	}
	return column
}

// withoutSequences returns text without styles (CSI) and hyperlinks (OSC).
func withoutSequences(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "\x1b")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' && r != '[' })
		if strings.HasPrefix(rest, "]") {
			end = strings.Index(rest, "\x1b\\") + 1
		}
		if end < 0 {
			return b.String()
		}
		text = rest[end+1:]
	}
}

// Pad returns s as wide as a column: cut, or with spaces behind it. s must be visible text
// of one line.
func Pad(s string, columns int) string {
	s = Cut(s, columns)
	return s + strings.Repeat(" ", columns-Width(s))
}

// Align returns rows of visible text as lines in which the cells of a column stand below
// each other, two spaces behind the widest cell of the column before.
func Align(rows [][]string) []string {
	var widths []int
	for _, row := range rows {
		widths = append(widths, make([]int, max(0, len(row)-len(widths)))...)
		for i, cell := range row {
			widths[i] = max(widths[i], Width(cell))
		}
	}
	var lines []string
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += Pad(cell, widths[i]) + "  "
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// Wrap breaks visible text into lines no wider than columns (at least 2):
// at its line ends, and where a line is too long after a space or next to a wide
// character, or inside a word that is too long by itself. Spaces at the end of
// a line are dropped, a TAB is four spaces. Joined emoji count as wide as their
// parts are, which is what a terminal that cannot join them needs.
func Wrap(s string, columns int) []string { return wrap(s, columns, false) }

// WrapWords is Wrap, but a word that is too long by itself stays whole: the terminal
// breaks it, so that it can be copied.
func WrapWords(s string, columns int) []string { return wrap(s, columns, true) }

func wrap(s string, columns int, whole bool) []string {
	s = strings.ReplaceAll(s, "\t", "    ")
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		lines = wrapLine(lines, line, max(columns, 2), whole)
	}
	return lines
}

// wrapLine appends the pieces of one line. brk is the last place where the line
// that begins at start may end, and brkWidth the columns from start to there.
func wrapLine(lines []string, s string, columns int, whole bool) []string {
	start, brk, width, brkWidth := 0, 0, 0, 0
	word := false
	for i, r := range s {
		w := runeWidth(r)
		if w == 2 && word {
			brk, brkWidth = i, width
		}
		if r != ' ' && width+w > columns {
			if brk <= start && whole {
				width += w
				continue
			}
			if brk <= start {
				brk, brkWidth = i, width
			}
			lines = append(lines, strings.TrimRight(s[start:brk], " "))
			start, width = brk, width-brkWidth
		}
		width += w
		word = word || r != ' '
		if w == 2 || w == 0 && brk == i && i > start || r == ' ' && word {
			brk, brkWidth = i+utf8.RuneLen(r), width
		}
	}
	return append(lines, strings.TrimRight(s[start:], " "))
}

// CutToMatch returns a piece of a line, no wider than columns, as a terminal shows it. The
// matches, as of regexp.FindAllStringIndex, are marked by mark, and the first one is in
// view. What is cut off at an end is replaced by an ellipsis.
func CutToMatch(text string, matches [][]int, columns int, mark func(string) string) string {
	var b strings.Builder
	put := func(piece string, mark func(string) string) {
		piece = Cut(piece, columns)
		columns -= Width(piece)
		b.WriteString(mark(piece))
	}
	plain := func(piece string) string { return piece }
	rest := Width(onLine(text[matches[0][0]:]))
	put(lastColumns(onLine(text[:matches[0][0]]), max(columns/3, columns-rest)), plain)
	for i, match := range matches {
		put(onLine(text[match[0]:match[1]]), mark)
		end := len(text)
		if i+1 < len(matches) {
			end = matches[i+1][0]
		}
		put(onLine(text[match[1]:end]), plain)
	}
	return b.String()
}

// onLine returns a piece of a line as a terminal shows it.
func onLine(piece string) string { return strings.ReplaceAll(Visible(piece), "\t", "    ") }

// lastColumns returns s if it is no wider than columns. Otherwise it returns … and the end
// of s, together no wider than columns.
func lastColumns(s string, columns int) string {
	if Width(s) <= columns {
		return s
	}
	from := len(s)
	for from > 0 {
		_, size := utf8.DecodeLastRuneInString(s[:from])
		if Width(s[from-size:]) >= columns {
			break
		}
		from -= size
	}
	return "…" + s[from:]
}
