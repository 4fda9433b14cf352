package cli

import (
	"context"
	"errors"

	"oax/internal/chat"
	"oax/internal/session"
)

// turn asks a prompt. Ctrl-C ends the turn alone.
func (c *interactive) turn(ctx context.Context, asked prompt) error {
	if err := c.settle(ctx); err != nil {
		return err
	}
	request, err := c.env.newRequest(c.place, c.past.history(c.env.flags.Last), asked.message())
	if err != nil {
		return err
	}
	records := c.env.records(c.place, asked)
	c.env.flags.System = "" // it is part of the chat now
	return c.send(ctx, request, records)
}

// again asks the last prompt once more. The new answer counts.
func (c *interactive) again(ctx context.Context) error {
	asked, before, ok := c.past.LastPrompt()
	if !ok {
		return &report{what: "nothing was asked yet", kind: "nothing", code: exitNothing}
	}
	if err := c.settle(ctx); err != nil {
		return err
	}
	request, err := c.env.newRequest(c.place, lastTurns(before, c.env.flags.Last), asked.Message)
	if err != nil {
		return err
	}
	return c.send(ctx, request, nil)
}

// settle finds out where to send, once for many turns.
func (c *interactive) settle(ctx context.Context) error {
	if c.place != nil {
		return nil
	}
	place, err := c.env.settle(ctx, c.past)
	if err != nil {
		return err
	}
	c.place = place
	return nil
}

// send runs a turn and takes what was said into the chat.
func (c *interactive) send(ctx context.Context, request request, records []session.Message) error {
	keep, err := c.begin(records)
	if err != nil {
		return err
	}
	ctx, done := c.env.Interrupts.turn(ctx)
	defer done()
	t := &turn{env: c.env, keep: keep, client: c.place.client, request: request, cost: c.place.cost}
	err = t.run(ctx)
	c.place.rememberUsage(c.env)
	said := records
	if t.answered() {
		said = append(said, session.Message{Message: t.message, Time: c.env.Now(), Profile: c.place.chosen})
	}
	c.keptAs(keep, said, err)
	return c.place.addHints(ctx, err)
}

// begin saves the prompt, with what could not be saved before. A full or broken disk
// ends no conversation: the turn is asked all the same, and each turn tries anew.
func (c *interactive) begin(records []session.Message) (keeper, error) {
	keep, err := c.create(append(c.unsaved, records...))
	if gone, ok := errors.AsType[*session.NotFoundError](err); ok {
		c.env.said.line("session " + gone.Ref + " was removed elsewhere; the chat goes on in a new one")
		c.past.ID, c.unsaved = "", c.past.Messages
		keep, err = c.store.Create(append(c.unsaved, records...)...)
	}
	if save, ok := errors.AsType[*session.SaveError](err); ok {
		c.lost = save
		return notKept{}, nil
	}
	if err == nil {
		c.unsaved, c.lost = nil, nil
	}
	return keep, err
}

func (c *interactive) create(records []session.Message) (keeper, error) {
	switch {
	case c.env.flags.NoSave:
		return notKept{}, nil
	case c.past.ID == "":
		return create(c.store, records)
	case c.fork:
		return c.store.Fork(c.past.Session, c.past.Turns(), records...)
	}
	return c.env.begin(c.store, c.past, records)
}

// keptAs takes what was said into the chat and notes where it was saved: in another
// session than before if the turn had to become a branch.
func (c *interactive) keptAs(keep keeper, said []session.Message, err error) {
	c.past.Messages = append(c.past.Messages, said...)
	if c.past.Title == "" {
		c.past.Title = firstPrompt(c.past.Messages)
	}
	writer, ok := keep.(*session.Writer)
	if !ok {
		if c.lost != nil {
			c.unsaved = append(c.unsaved, said...)
		}
		return
	}
	c.past.ID, c.past.Path, c.fork = writer.ID(), writer.Path(), false
	if r, ok := errors.AsType[*report](err); ok && r.code == exitDisk && r.kind != "output" && len(said) > 0 {
		c.lost, c.unsaved = r, said[len(said)-1:]
	}
}

func firstPrompt(messages []session.Message) string {
	for _, m := range messages {
		if m.Role == chat.User {
			return m.Text
		}
	}
	return ""
}

// until returns the session as it was after so many turns.
func (p *past) until(turns int) *past {
	s, n := *p.Session, 0
	for i, m := range s.Messages {
		if m.Role == chat.User {
			n++
		}
		if n > turns {
			s.Messages = s.Messages[:i:i]
			break
		}
	}
	return &past{&s}
}
