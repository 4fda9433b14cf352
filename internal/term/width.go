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
func Width(s string) int { return narrow.StringWidth(s) }

// Cut returns s if it fits into so many columns, and else its beginning with …
// at the end, together no wider than that. It never takes half a wide character
// or parts a mark from its base. s must be visible text of one line.
func Cut(s string, columns int) string {
	if columns < 1 {
		return ""
	}
	return narrow.Truncate(s, columns, "…")
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

// Wrap breaks visible text into lines of at most so many columns (at least 2):
// at its line ends, and where a line is too long after a space or next to a wide
// character, or inside a word that is too long by itself. Spaces at the end of
// a line are dropped, a TAB is four spaces. Joined emoji count as wide as their
// parts are, which is what a terminal that cannot join them needs.
func Wrap(s string, columns int) []string {
	s = strings.ReplaceAll(s, "\t", "    ")
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		lines = wrapLine(lines, line, max(columns, 2))
	}
	return lines
}

// wrapLine appends the pieces of one line. brk is the last place where the line
// that begins at start may end, and brkWidth the columns from start to there.
func wrapLine(lines []string, s string, columns int) []string {
	start, brk, width, brkWidth := 0, 0, 0, 0
	word := false
	for i, r := range s {
		w := narrow.RuneWidth(r)
		if w == 2 && word {
			brk, brkWidth = i, width
		}
		if r != ' ' && width+w > columns {
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
