package finder

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"oax/internal/markdown"
	"oax/internal/term"
)

// Passage is one of the texts that a preview shows: a heading, cut where there is no
// room, and foreign text. Own means that the person wrote it, which has another colour.
type Passage struct {
	Heading, Text string
	Own           bool
}

// window is the preview window. The finder calls draw at every redraw, so window keeps
// what it has drawn last.
type window struct {
	items    []Item
	passages func(id string) []Passage
	sought   *search
	last     pane
	text     string // of last
}

// pane is the room for the preview of an item; item -1 is none.
type pane struct{ item, columns, rows int }

// draw returns what the window shows beside item i, or beside none (-1). Width and height
// are those of the screen, in columns and rows.
func (w *window) draw(i, width, height int) string {
	// The finder takes the right half, a frame, a space inside it, and two columns for
	// the dots that it puts where a line is cut.
	p := pane{i, width - width/2 - 5, height - 2}
	if p.columns < 2 || p.rows < 1 {
		return ""
	}
	if p != w.last {
		w.last, w.text = p, w.fill(p)
	}
	return w.text
}

// fill returns the text of a pane: the lines of the item, and the keys in the last row.
func (w *window) fill(p pane) string {
	rows := max(p.rows-1, 1)
	lines := make([]string, 0, p.rows)
	if p.item >= 0 {
		lines = append(lines, w.sought.view(w.passages(w.items[p.item].ID), p.columns, rows)...)
	}
	for len(lines) < rows {
		lines = append(lines, "")
	}
	if p.rows > 1 {
		keys := "Enter takes it, Esc leaves"
		if len(keys) > p.columns {
			keys = term.Cut("Esc leaves", p.columns)
		}
		lines = append(lines, "\x1b[2m"+keys+"\x1b[0m")
	}
	return strings.Join(lines, "\n")
}

// Marks before text of another style. They take no room, and cells removes them from all
// other text, so they pass through wrapping unharmed.
const (
	markFound      = "\u2061"
	markPlain      = "\u2062"
	markHeading    = "\u2063"
	markOwnHeading = "\u2064"
)

// Limits of the text that is looked at for one pane, in bytes.
const (
	maxBefore = 4 << 10 // before what is sought
	maxText   = 64 << 10
)

// search looks for words in passages: for all of them in order, or else for any of them.
// A nil search finds nothing.
type search struct{ phrase, words *regexp.Regexp }

// newSearch returns the search for words, which ignores case, or nil if there are none.
func newSearch(sought string) *search {
	words := strings.Fields(sought)
	if len(words) == 0 {
		return nil
	}
	for i, word := range words {
		words[i] = regexp.QuoteMeta(strings.ToValidUTF8(word, "\ufffd"))
	}
	phrase := strings.Join(words, `\s+`)
	slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return &search{
		regexp.MustCompile("(?i)" + phrase),
		regexp.MustCompile("(?i)" + phrase + "|" + strings.Join(words, "|")),
	}
}

// view returns the rows around the first match, or the first rows if nothing matches. There
// are at most rows of them, none wider than columns.
func (s *search) view(passages []Passage, columns, rows int) []string {
	near, passage, at := s.around(passages)
	text, end := s.compose(near, passage, at, columns)
	lines := term.Wrap(text, columns)
	top := 0
	if end >= 0 {
		top = len(term.Wrap(text[:end], columns)) - 1 - rows/3
	}
	top = max(min(top, len(lines)-rows), 0)
	lines = lines[top:min(top+rows, len(lines))]
	style := strings.NewReplacer(markFound, "\x1b[7m", markPlain, "\x1b[0m", markHeading, "\x1b[1;32m", markOwnHeading, "\x1b[1;36m")
	for i := range lines {
		lines[i] = style.Replace(lines[i])
	}
	return lines
}

// first returns the passage with the first match and the offset of it, or -1.
func (s *search) first(passages []Passage) (passage, at int) {
	if s == nil {
		return -1, 0
	}
	for _, re := range []*regexp.Regexp{s.phrase, s.words} {
		for i, p := range passages {
			if m := re.FindStringIndex(p.Text); m != nil {
				return i, m[0]
			}
		}
	}
	return -1, 0
}

// around returns the passages from shortly before the first match, and the passage and
// offset of the match in them, or -1.
func (s *search) around(passages []Passage) (near []Passage, passage, at int) {
	passage, at = s.first(passages)
	if passage < 0 {
		return passages, -1, 0
	}
	first, room := passage, maxBefore-at
	for first > 0 && room > 0 {
		first--
		room -= len(passages[first].Text)
	}
	near = slices.Clone(passages[first:])
	if room < 0 { // the first passage is longer than there is room before the match
		cut := min(-room, len(near[0].Text))
		for cut < len(near[0].Text) && !utf8.RuneStart(near[0].Text[cut]) {
			cut++
		}
		near[0].Text = near[0].Text[cut:]
		if first == passage {
			at -= cut
		}
	}
	return near, passage - first, at
}

// compose joins the passages into visible text with marks, at most as much as a pane can
// need. end is the offset in it where the match in a passage ends, or -1.
func (s *search) compose(passages []Passage, passage, at, columns int) (text string, end int) {
	var b strings.Builder
	end = -1
	for i, p := range passages {
		room := maxText - b.Len()
		if room <= 0 {
			break
		}
		if i > 0 {
			b.WriteString("\n")
		}
		mark := markHeading
		if p.Own {
			mark = markOwnHeading
		}
		b.WriteString(mark + term.Cut(cells(term.Line(p.Heading)), columns) + markPlain + "\n")
		if i == passage {
			room += at
		}
		shown := laidOut(p.Text[:min(len(p.Text), room)], columns)
		if i == passage {
			end = b.Len() + len(s.marked(shown[:s.end(shown)]))
		}
		b.WriteString(s.marked(shown))
		if !strings.HasSuffix(shown, "\n") {
			b.WriteString("\n")
		}
	}
	return b.String(), end
}

// laidOut returns foreign text in Markdown as it can be shown.
func laidOut(text string, columns int) string {
	t := markdown.NewTerminal(markdown.Options{Window: func() int { return columns }, Wrap: columns})
	return string(t.Flush(t.Append(nil, []byte(cells(term.Visible(text))))))
}

// end returns where the first match ends in a text that has been laid out, or 0.
func (s *search) end(shown string) int {
	for _, re := range []*regexp.Regexp{s.phrase, s.words} {
		if m := re.FindStringIndex(shown); m != nil {
			return m[1]
		}
	}
	return 0
}

// marked returns text with marks around what is sought.
func (s *search) marked(text string) string {
	if s == nil {
		return text
	}
	return s.words.ReplaceAllString(text, markFound+"$0"+markPlain)
}
