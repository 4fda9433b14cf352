package export

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/search"
	"oax/internal/session"
	"oax/internal/term"
)

// HitOptions say what is printed of a search, and in which form.
type HitOptions struct {
	Pattern    *regexp.Regexp // what was searched for: all its matches in a line are marked
	IDs        bool           // print only the IDs of the sessions
	Counts     bool           // print only how many lines of each session match
	JSON       bool
	Raw        bool // print the same on a terminal as into a pipe
	Stdout     *os.File
	Color      string // auto, always or never; always also prints as for a terminal
	Getenv     func(string) string
	Store      *session.Store // has the titles
	TimeFormat string         // as term.Clock takes it
}

// Hits prints what a search finds. The forms: paragraphs fitted to a terminal, one for each
// session; into a pipe a line for each hit, with tabs; JSON objects; and only IDs or counts.
type Hits struct {
	HitOptions
	out     io.Writer
	buffer  bytes.Buffer // what is printed of one session
	printed int          // sessions
	screen  *hitScreen   // nil: not for a terminal
}

// NewHits returns Hits that are written to out.
func NewHits(out io.Writer, o HitOptions) *Hits {
	h := &Hits{HitOptions: o, out: out}
	if !o.Raw && (term.IsTerminal(o.Stdout) || o.Color == "always") {
		columns, _ := term.Size(o.Stdout)
		h.screen = &hitScreen{columns: columns, colour: term.Colour(o.Color, true, o.Getenv)}
	}
	return h
}

// Add prints what was found in one session. The error is that of writing.
func (o *Hits) Add(f search.Found) error {
	o.buffer.Reset()
	to := &o.buffer
	switch {
	case o.JSON:
		if err := o.objects(f); err != nil {
			return err
		}
	case o.IDs:
		fmt.Fprintln(to, f.ID)
	case o.Counts && o.screen != nil:
		fmt.Fprintln(to, term.Cut(fmt.Sprintf("%s  %4d  %s", f.ID, len(f.Hits), o.title(f)), o.screen.columns))
	case o.Counts:
		fmt.Fprintf(to, "%s\t%d\n", f.ID, len(f.Hits))
	case o.screen != nil:
		if o.printed > 0 {
			to.WriteByte('\n')
		}
		fmt.Fprintln(to, o.screen.styled(headingStyle, term.Cut(f.ID+"  "+o.title(f), o.screen.columns)))
		for _, h := range f.Hits {
			o.screen.line(to, h, o.Pattern)
		}
	default:
		o.fields(f)
	}
	o.printed++
	_, err := o.out.Write(to.Bytes())
	return err
}

// fields prints the lines for other programs: ID, turn, role and the line as it is. There
// may be millions of them.
func (o *Hits) fields(f search.Found) {
	to := &o.buffer
	var role chat.Role
	var shown string
	for _, h := range f.Hits {
		if h.Role != role {
			role, shown = h.Role, term.Line(string(h.Role))
		}
		to.WriteString(f.ID)
		to.WriteByte('\t')
		to.Write(strconv.AppendInt(to.AvailableBuffer(), int64(h.Turn), 10))
		to.WriteByte('\t')
		to.WriteString(shown)
		to.WriteByte('\t')
		to.WriteString(h.Line)
		to.WriteByte('\n')
	}
}

// objects prints one for each hit, or one for the session if its hits are not asked for.
func (o *Hits) objects(f search.Found) error {
	terminal := term.IsTerminal(o.Stdout)
	if o.IDs || o.Counts {
		found := struct {
			Session string `json:"session"`
			Count   int    `json:"count,omitempty"`
		}{Session: f.ID}
		if o.Counts {
			found.Count = len(f.Hits)
		}
		return writeJSON(&o.buffer, found, terminal)
	}
	for _, h := range f.Hits {
		err := writeJSON(&o.buffer, struct {
			Session string    `json:"session"`
			Turn    int       `json:"turn"`
			Role    chat.Role `json:"role"`
			Line    string    `json:"line"`
			Match   string    `json:"match"` // the first in the line
		}{f.ID, h.Turn, h.Role, h.Line, h.Line[h.Start:h.End]}, terminal)
		if err != nil {
			return err
		}
	}
	return nil
}

// title returns when a session was used last, and its title.
func (o *Hits) title(f search.Found) string {
	s, err := o.Store.Summary(f.Entry)
	if err != nil {
		return "(damaged)"
	}
	return term.Clock(s.Used, o.TimeFormat) + "  " + term.Line(s.Title)
}

// hitScreen prints what is found for a terminal: each hit takes one line of it, with the
// first match in view.
type hitScreen struct {
	columns int
	colour  bool
}

// The styles, as SGR parameters.
const (
	headingStyle = "1"    // bold
	labelStyle   = "2"    // dim
	matchStyle   = "1;31" // bold red
)

func (g *hitScreen) styled(style, text string) string {
	if !g.colour || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// line prints a hit behind its turn, or behind the role of a text that is not part of a
// turn. All its matches are marked, or only the first one if the line is very long.
func (g *hitScreen) line(to io.Writer, h search.Hit, pattern *regexp.Regexp) {
	label := fmt.Sprintf("%3d", h.Turn)
	if h.Role != chat.User && h.Role != chat.Assistant {
		label = term.Line(string(h.Role))
	}
	label = term.Cut(label+": ", g.columns)
	text, match := around(h, 32*g.columns)
	matches := [][]int{match}
	if text == h.Line {
		matches = pattern.FindAllStringIndex(text, -1)
	}
	mark := func(match string) string { return g.styled(matchStyle, match) }
	fmt.Fprintln(to, g.styled(labelStyle, label)+term.CutToMatch(text, matches, g.columns-term.Width(label), mark))
}

// around returns a line from reach bytes before its first match to reach bytes after the
// match begins, and where the match is in that.
func around(h search.Hit, reach int) (text string, match []int) {
	from, to := max(0, h.Start-reach), min(len(h.Line), h.Start+reach)
	for from > 0 && !utf8.RuneStart(h.Line[from]) {
		from--
	}
	for to < len(h.Line) && !utf8.RuneStart(h.Line[to]) {
		to++
	}
	return h.Line[from:to], []int{h.Start - from, min(h.End, to) - from}
}
