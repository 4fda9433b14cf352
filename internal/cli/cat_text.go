package cli

import (
	"fmt"
	"strings"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/term"
)

// conversation is a session as a person reads it: every message under a line that
// byline makes of it, the texts as view makes them.
func conversation(s *session.Session, byline func(session.Message) string, view func(string) string) string {
	var b strings.Builder
	for i, m := range s.Messages {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "--- %s\n", byline(m))
		b.WriteString(whole(view(m.Shown())))
	}
	return b.String()
}

// whole ends text with its line.
func whole(text string) string {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

// transcript is a session as standard output gets it, under a line that names it if
// it is to be headed. v is what the texts pass, or nil.
func (env *Env) transcript(s *session.Session, headed bool, v viewer) string {
	byline := env.byline
	bold := func(line string) string { return line }
	if v != nil && env.stylesMarkdown() {
		bold = func(line string) string { return "\x1b[1m" + line + "\x1b[0m" }
		byline = func(m session.Message) string { return bold(env.byline(m)) }
	}
	text := conversation(s, byline, func(text string) string { return view(text, v) })
	if headed {
		text = "=== " + bold(heading(s)) + "\n" + text
	}
	return text
}

// view returns a text as it is after v.
func view(text string, v viewer) string {
	if v == nil {
		return text
	}
	return string(v.Flush(v.Append(nil, []byte(text))))
}

// texts are the messages and nothing added; on a terminal each on lines of its own.
func (env *Env) texts(s *session.Session, v viewer) string {
	var b strings.Builder
	for _, m := range s.Messages {
		text := view(m.Shown(), v)
		if term.IsTerminal(env.Stdout) {
			text = whole(text)
		}
		b.WriteString(text)
	}
	return b.String()
}

// heading names a session: its ID, its title, and what it is a copy of.
func heading(s *session.Session) string {
	line := strings.TrimRight(s.ID+"  "+term.Line(s.Title), " ")
	if s.ForkOf != nil {
		line += fmt.Sprintf(" (fork of %s at turn %d)", term.Line(s.ForkOf.ID), s.ForkOf.Turn)
	}
	return line
}

// byline says whose a message is, of when, and what it lacks.
func (env *Env) byline(m session.Message) string {
	parts := []string{term.Line(string(m.Role)), env.clock(m.Time)}
	if m.Role == chat.Assistant && m.Model != "" {
		parts = append(parts, term.Line(m.Model))
	}
	if m.State == chat.Incomplete {
		parts = append(parts, fmt.Sprintf("incomplete (%s)", term.Line(string(m.Why))))
	}
	return strings.Join(parts, ", ")
}

// lastAnswer returns what was last answered, or "".
func lastAnswer(s *session.Session) string {
	for i := len(s.Messages) - 1; i >= 0; i-- {
		if s.Messages[i].Role == chat.Assistant {
			return s.Messages[i].Shown()
		}
	}
	return ""
}
