package term

import (
	"strings"
	"unicode/utf8"
)

// CutToMatch returns a piece of a line as a terminal shows it in so many columns. The
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

// lastColumns returns s if it fits into so many columns, and else its end after a …
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
