package converse

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"oax/internal/chat"
	"oax/internal/report"
	"oax/internal/session"
)

// Commands about the session: where the next message goes on.

func (c *conversation) title(_ context.Context, text string) error {
	if c.session.ID == "" || text == "" {
		return report.Usage("/title needs a text and a saved session", "/title a few words")
	}
	if err := c.o.Store.Retitle(c.session.Entry(), text); err != nil {
		return err
	}
	c.session.Title = text
	c.log.Line("the title of this session is now: " + text)
	return nil
}

// turnNumber returns the number of a turn that a command got.
func (c *conversation) turnNumber(command, text string) (int, error) {
	turns := c.session.Turns()
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > turns {
		hint := ""
		if turns > 0 {
			hint = command + " 1"
		}
		return 0, report.Usage(fmt.Sprintf("%s %s: this session has %s", command, text, report.Count(turns, "turn")), hint)
	}
	return n, nil
}

// forkAt makes the next turn the first of a new session.
func (c *conversation) forkAt(_ context.Context, args string) error {
	n := c.session.Turns()
	if args != "" {
		var err error
		if n, err = c.turnNumber("/fork", args); err != nil {
			return err
		}
	}
	if c.session.ID == "" {
		return report.Nothing("nothing is saved yet that could be forked", "")
	}
	c.session, c.fork = c.session.Until(n), true
	c.log.Line(fmt.Sprintf("the next message begins a new session with %s of %s", report.Count(n, "turn"), c.session.ID))
	return nil
}

// undo takes the last turn back.
func (c *conversation) undo(ctx context.Context, _ string) error {
	turns := c.session.Turns()
	if turns == 0 {
		return report.Nothing("nothing was asked yet", "")
	}
	return c.editTurn(ctx, turns)
}

// editTurn makes the next turn the first of a branch that ends before the nth turn, and
// the prompt of that turn the text of the next message.
func (c *conversation) editTurn(ctx context.Context, n int) error {
	c.text = c.prompts()[n-1]
	if strings.HasPrefix(c.text, "/") {
		c.text = "/" + c.text // no command
	}
	switch {
	case n == 1:
		return c.newSession(ctx, "")
	case c.session.ID != "":
		return c.forkAt(ctx, strconv.Itoa(n-1))
	}
	c.session = c.session.Until(n - 1)
	if c.unsaved != nil {
		c.unsaved = c.session.Messages
	}
	c.log.Line("the next message goes on after " + report.Count(n-1, "turn"))
	return nil
}

// prompts returns the texts of the prompts of this session.
func (c *conversation) prompts() []string {
	var texts []string
	for _, m := range c.session.Messages {
		if m.Role == chat.User {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// newSession makes the next turn the first of a new session.
func (c *conversation) newSession(context.Context, string) error {
	c.session, c.fork, c.unsaved, c.times = new(session.Session), false, nil, report.Times{}
	c.log.Line("the next message begins a new session")
	return nil
}

// sessions continues another session.
func (c *conversation) sessions(ctx context.Context, query string) error {
	var picked *session.Session
	var err error
	c.reader.Lend(func() { picked, err = c.o.Pick(ctx, c.log, query) })
	if err != nil {
		return err
	}
	c.session, c.fork, c.unsaved, c.times = picked, false, nil, report.Times{}
	c.disconnect()
	return c.greet()
}
