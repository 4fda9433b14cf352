package cli

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/export"
	"oax/internal/search"
	"oax/internal/term"
)

// grepOutput prints what a search finds. The forms: paragraphs fitted to a terminal, one
// for each session; into a pipe a line for each hit, with tabs; JSON objects; and only
// IDs or counts.
type grepOutput struct {
	*library
	*grepCommand
	pattern *regexp.Regexp
	out     io.Writer
	buffer  bytes.Buffer // what is printed of one session
	printed int          // sessions
	screen  *grepScreen  // nil: not for a terminal
}

func newGrepOutput(lib *library, c *grepCommand, pattern *regexp.Regexp, out io.Writer) *grepOutput {
	o := &grepOutput{library: lib, grepCommand: c, pattern: pattern, out: out}
	if !c.Raw && (term.IsTerminal(lib.Stdout) || c.Color == "always") {
		columns, _ := term.Size(lib.Stdout)
		o.screen = &grepScreen{columns: columns, colour: term.Colour(c.Color, true, lib.Getenv)}
	}
	return o
}

// session prints what was found in one session.
func (o *grepOutput) session(f search.Found) error {
	o.buffer.Reset()
	to := &o.buffer
	switch {
	case o.JSON:
		if err := o.objects(f); err != nil {
			return err
		}
	case o.List:
		fmt.Fprintln(to, f.ID)
	case o.Count && o.screen != nil:
		fmt.Fprintln(to, o.screen.fit(fmt.Sprintf("%s  %4d  %s", f.ID, len(f.Hits), o.title(f))))
	case o.Count:
		fmt.Fprintf(to, "%s\t%d\n", f.ID, len(f.Hits))
	case o.screen != nil:
		if o.printed > 0 {
			to.WriteByte('\n')
		}
		o.screen.heading(to, f.ID+"  "+o.title(f))
		for _, h := range f.Hits {
			o.screen.line(to, h, o.pattern)
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
func (o *grepOutput) fields(f search.Found) {
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
func (o *grepOutput) objects(f search.Found) error {
	terminal := term.IsTerminal(o.Stdout)
	if o.List || o.Count {
		found := struct {
			Session string `json:"session"`
			Count   int    `json:"count,omitempty"`
		}{Session: f.ID}
		if o.Count {
			found.Count = len(f.Hits)
		}
		return export.WriteJSON(&o.buffer, found, terminal)
	}
	for _, h := range f.Hits {
		err := export.WriteJSON(&o.buffer, struct {
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

// title returns when a session began, and its title.
func (o *grepOutput) title(f search.Found) string {
	s, err := o.store.Summary(f.Entry)
	if err != nil {
		return "(damaged)"
	}
	return term.Clock(s.Time, o.file.TimeFormat) + "  " + term.Line(s.Title)
}

// grepScreen prints what is found for a terminal: each hit takes one line of it, with the
// first match in view.
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
	if !g.colour || style == "" || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// label returns the turn of a hit, or the role of a text that is not part of a turn.
func (g *grepScreen) label(h search.Hit) string {
	where := fmt.Sprintf("%3d", h.Turn)
	if h.Role != chat.User && h.Role != chat.Assistant {
		where = term.Line(string(h.Role))
	}
	return term.Cut(where+": ", g.columns)
}

// line prints a hit with all its matches marked, or only the first one if the line is very
// long.
func (g *grepScreen) line(to io.Writer, h search.Hit, pattern *regexp.Regexp) {
	label := g.label(h)
	room := g.columns - term.Width(label)
	text, match := around(h, 32*g.columns)
	matches := [][]int{match}
	if text == h.Line {
		matches = pattern.FindAllStringIndex(text, -1)
	}
	mark := func(match string) string { return g.styled(matchStyle, match) }
	fmt.Fprintln(to, g.styled(labelStyle, label)+term.CutToMatch(text, matches, room, mark))
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
