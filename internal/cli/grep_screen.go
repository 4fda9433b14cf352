package cli

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/term"
)

// grepScreen writes what is found for a terminal of so many columns: each line in one
// line of it, with the first match in view.
type grepScreen struct {
	columns int
	colour  bool
}

// The styles, as SGR parameters.
const (
	headingStyle = "1"    // bold
	labelStyle   = "2"    // dim
	matchStyle   = "1;31" // bold red
)

func (g *grepScreen) heading(to io.Writer, text string) {
	fmt.Fprintln(to, g.styled(headingStyle, g.fit(text)))
}

func (g *grepScreen) fit(text string) string { return term.Cut(text, g.columns) }

func (g *grepScreen) styled(style, text string) string {
	if !g.colour || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// label says where a hit is: in which turn, or in what that is no part of one.
func (g *grepScreen) label(h session.Hit) string {
	where := fmt.Sprintf("%3d", h.Turn)
	if h.Role != chat.User && h.Role != chat.Assistant {
		where = term.Line(string(h.Role))
	}
	return term.Cut(where+": ", g.columns)
}

// line writes a hit, all matches marked, or only the first if the line is very long.
func (g *grepScreen) line(to io.Writer, h session.Hit, pattern *regexp.Regexp) {
	label := g.label(h)
	room := g.columns - term.Width(label)
	text, match := around(h, 32*g.columns)
	matches := [][]int{match}
	if text == h.Line {
		matches = pattern.FindAllStringIndex(text, -1)
	}
	fmt.Fprintln(to, g.styled(labelStyle, label)+g.marked(text, matches, room))
}

// around returns the bytes of a line before and after its first match, so many of
// each, and where in them the match is.
func around(h session.Hit, reach int) (text string, match []int) {
	from, to := max(0, h.Start-reach), min(len(h.Line), h.Start+reach)
	for from > 0 && !utf8.RuneStart(h.Line[from]) {
		from--
	}
	for to < len(h.Line) && !utf8.RuneStart(h.Line[to]) {
		to++
	}
	return h.Line[from:to], []int{h.Start - from, min(h.End, to) - from}
}

// marked returns text in so many columns, with its matches marked and the first one
// in view.
func (g *grepScreen) marked(text string, matches [][]int, columns int) string {
	var b strings.Builder
	rest := term.Width(onLine(text[matches[0][0]:]))
	before := lastColumns(onLine(text[:matches[0][0]]), max(columns/3, columns-rest))
	put := func(piece, style string) {
		piece = term.Cut(piece, columns)
		columns -= term.Width(piece)
		if style != "" {
			piece = g.styled(style, piece)
		}
		b.WriteString(piece)
	}
	put(before, "")
	for i, match := range matches {
		put(onLine(text[match[0]:match[1]]), matchStyle)
		end := len(text)
		if i+1 < len(matches) {
			end = matches[i+1][0]
		}
		put(onLine(text[match[1]:end]), "")
	}
	return b.String()
}

// onLine is a piece of a line as a terminal shows it.
func onLine(piece string) string { return strings.ReplaceAll(term.Visible(piece), "\t", "    ") }

// lastColumns returns s if it fits into so many columns, and else its end behind a …
func lastColumns(s string, columns int) string {
	if term.Width(s) <= columns {
		return s
	}
	from := len(s)
	for from > 0 {
		_, size := utf8.DecodeLastRuneInString(s[:from])
		if term.Width(s[from-size:]) >= columns {
			break
		}
		from -= size
	}
	return "…" + s[from:]
}
