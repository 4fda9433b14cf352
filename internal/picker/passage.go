package picker

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"oax/internal/term"
)

// Passage is a part of what a preview shows: a line that says what it is, cut where
// there is no room, and text from elsewhere. Own is whether the person wrote it, which has another colour.
type Passage struct {
	Heading, Text string
	Own           bool
}

// Bounds of what is looked at for one pane, in bytes: before what is sought, and in
// all.
const (
	maxBefore = 4 << 10
	maxText   = 64 << 10
)

// Marks of what is to be in another style. They are characters that take no room
// and that cells removes from all other text, so they go through wrapping unharmed.
const (
	found      = "\u2061"
	plain      = "\u2062"
	heading    = "\u2063"
	ownHeading = "\u2064"
)

// search is what is sought in a preview: all the words behind each other if they
// are anywhere, else any of them.
type search struct{ phrase, words *regexp.Regexp }

// pattern returns the search for words, or nil if there are none. Large and small
// letters are the same.
func pattern(sought string) *search {
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

// view returns lines of at most so many columns, not more than rows of them, from
// around the place of what is sought, or else from the start.
func (s *search) view(passages []Passage, columns, rows int) []string {
	near, passage, at := s.around(passages)
	text, at := s.compose(near, passage, at, columns)
	lines := term.Wrap(text, columns)
	top := 0
	if at >= 0 {
		top = len(term.Wrap(text[:at], columns)) - 1 - rows/3
	}
	top = max(min(top, len(lines)-rows), 0)
	lines = lines[top:min(top+rows, len(lines))]
	style := strings.NewReplacer(found, "\x1b[7m", plain, "\x1b[0m", heading, "\x1b[1;32m", ownHeading, "\x1b[1;36m")
	for i := range lines {
		lines[i] = style.Replace(lines[i])
	}
	return lines
}

// place returns in which passage, and where in it, the sought begins; -1 if nowhere.
func (s *search) place(passages []Passage) (passage, at int) {
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

// around returns the passages from shortly before the sought, and where in which of
// them that is.
func (s *search) around(passages []Passage) (near []Passage, passage, at int) {
	passage, at = s.place(passages)
	if passage < 0 {
		return passages, -1, 0
	}
	first, room := passage, maxBefore-at
	for first > 0 && room > 0 {
		first--
		room -= len(passages[first].Text)
	}
	near = slices.Clone(passages[first:])
	if room < 0 { // the first one is too long by so much
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

// compose joins the passages into visible text with marks, no more than a pane can
// need. at is where in it the sought ends, or -1.
func (s *search) compose(passages []Passage, passage, offset, columns int) (text string, at int) {
	var b strings.Builder
	at = -1
	for i, p := range passages {
		room := maxText - b.Len()
		if room <= 0 {
			break
		}
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(mark(p.Own) + term.Cut(cells(term.Line(p.Heading)), columns) + plain + "\n")
		rest := p.Text
		if i == passage {
			b.WriteString(s.marked(rest[:offset]))
			rest = rest[offset:]
		}
		shown := s.marked(rest[:min(len(rest), room)])
		if i == passage {
			at = b.Len() + max(strings.Index(shown, plain), 0)
		}
		b.WriteString(shown)
		if !strings.HasSuffix(rest, "\n") {
			b.WriteString("\n")
		}
	}
	return b.String(), at
}

func mark(own bool) string {
	if own {
		return ownHeading
	}
	return heading
}

// marked returns foreign text as it can be shown, with what is sought marked.
func (s *search) marked(text string) string {
	text = visible(text)
	if s == nil {
		return text
	}
	return s.words.ReplaceAllString(text, found+"$0"+plain)
}

func visible(text string) string { return cells(term.Visible(text)) }
