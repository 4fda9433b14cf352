package export

import (
	"fmt"
	"strings"

	"oax/internal/chat"
	"oax/internal/markdown"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/term"
)

// Viewer turns foreign text into what a terminal may show. term.Filter and
// markdown.Terminal are Viewers.
type Viewer interface {
	Append(dst, src []byte) []byte
	Flush(dst []byte) []byte
}

// Style is how a transcript looks.
type Style struct {
	TimeFormat string // as term.Clock takes it
	Viewer     Viewer // filters each text; nil leaves texts as they are
	Bold       bool   // the lines about sessions and messages are bold
}

// Transcript returns a session as a person reads it: each message under a line that says
// whose it is. A headed one begins with a line about the session.
func Transcript(s *session.Session, headed bool, style Style) string {
	var b strings.Builder
	if headed {
		fmt.Fprintf(&b, "=== %s\n", style.bold(heading(s)))
	}
	for i, m := range s.Messages {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "--- %s\n%s", style.bold(byline(m, style.TimeFormat)), withLineEnd(style.view(m.Shown())))
		for _, line := range report.Beside(m) {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func (style Style) bold(line string) string {
	if style.Bold {
		return "\x1b[1m" + line + "\x1b[0m"
	}
	return line
}

func (style Style) view(text string) string {
	if style.Viewer == nil {
		return text
	}
	return string(style.Viewer.Flush(style.Viewer.Append(nil, []byte(text))))
}

// bare returns the texts alone, on a terminal each on lines of its own.
func (o Options) bare(s *session.Session) string {
	var b strings.Builder
	for _, m := range s.Messages {
		text := o.Style.view(m.Shown())
		if o.Terminal {
			text = withLineEnd(text)
		}
		b.WriteString(text)
	}
	return b.String()
}

// markdown returns a session as a Markdown document. The texts are unchanged, except that
// a code block which a text leaves open is closed: it would take in all that follows.
func (o Options) markdown(s *session.Session) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", term.Line(s.Title))
	for _, m := range s.Messages {
		text := withLineEnd(m.Shown())
		fmt.Fprintf(&b, "\n## %s\n\n%s%s", byline(m, o.Style.TimeFormat), text, markdown.ClosingFence(text))
		for _, line := range report.Beside(m) {
			b.WriteString("\n    " + line + "\n")
		}
	}
	return b.String()
}

// withLineEnd appends a line end to a text that lacks one.
func withLineEnd(text string) string {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

// heading returns the ID of a session, its title, and what it was forked from.
func heading(s *session.Session) string {
	line := strings.TrimRight(s.ID+"  "+term.Line(s.Title), " ")
	if s.ForkOf != nil {
		line += fmt.Sprintf(" (fork of %s at turn %d)", term.Line(s.ForkOf.ID), s.ForkOf.Turn)
	}
	return line
}

// byline returns the role, time and model of a message, and why it is incomplete.
func byline(m record.Message, timeFormat string) string {
	fields := []string{term.Line(report.Speaker(m)), term.Clock(m.Time, timeFormat)}
	if m.Role == chat.Assistant && m.Model != "" {
		fields = append(fields, term.Line(m.Model))
	}
	if m.Result != nil {
		fields = append(fields, term.Line(report.CallResult(*m.Result)))
	}
	if m.State == chat.Incomplete {
		fields = append(fields, fmt.Sprintf("incomplete (%s)", term.Line(string(m.Why))))
	}
	return strings.Join(fields, ", ")
}
