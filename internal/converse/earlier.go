package converse

import (
	"fmt"
	"os"
	"slices"

	"oax/internal/chat"
	"oax/internal/export"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/term"
)

// What was said before this conversation.

// greet shows the session that goes on, with the end of it, or how to get help.
func (c *conversation) greet() error {
	if c.session.ID == "" {
		c.log.Note("/help shows the commands, Ctrl-D leaves")
		return nil
	}
	c.apart = true
	columns, _ := term.Size(c.o.Stderr)
	title := fmt.Sprintf("%s (%s)", term.Line(c.session.Title), report.Count(c.session.Turns(), "turn"))
	fmt.Fprintln(c.o.Stderr, term.Cut(title, columns))
	return report.Print(c.o.Stdout, export.Transcript(lastTurn(c.session), false, c.o.Style))
}

// lastTurn returns a session that holds only the last prompt and what followed it.
func lastTurn(s *session.Session) *session.Session {
	last := *s
	for i, m := range slices.Backward(s.Messages) {
		if last.Messages = s.Messages[i:]; m.Role == chat.User {
			break
		}
	}
	return &last
}

// earlierPrompts returns the prompts of this session and of those used before it, oldest
// first, for the arrow keys.
func (c *conversation) earlierPrompts() []string {
	const maxSessions, maxPrompts, maxFile = 20, 200, 1 << 20 // a huge file would hold up the first prompt
	var newest []string
	seen := map[string]bool{}
	add := func(s *session.Session) {
		for _, m := range slices.Backward(s.Messages) {
			if m.Role == chat.User && len(newest) < maxPrompts && !seen[m.Text] && len(m.Text) < 4096 {
				seen[m.Text] = true
				newest = append(newest, m.Text)
			}
		}
	}
	add(c.session)
	n := 0
	for entry, err := range c.o.Store.List(session.Filter{}) {
		if n++; n > maxSessions || err != nil {
			break
		}
		if info, err := os.Stat(entry.Path); err != nil || info.Size() > maxFile {
			continue
		}
		if s, err := c.o.Store.Load(entry); err == nil {
			add(s)
		}
	}
	slices.Reverse(newest)
	return newest
}
