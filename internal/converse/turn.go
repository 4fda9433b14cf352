package converse

import (
	"context"
	"errors"
	"slices"

	"oax/internal/chat"
	"oax/internal/endpoint"
	"oax/internal/openai"
	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/turn"
)

// target is where the next message goes. An empty profile or model is left to the command
// line, the session and the configuration.
type target struct {
	profile, model string
	system         string // goes before the next message, and is part of the session then
}

// resolve makes an endpoint for a target.
func (c *conversation) resolve(ctx context.Context, t target) (*endpoint.Endpoint, error) {
	var e *endpoint.Endpoint
	var err error
	c.reader.Lend(func() { e, err = c.o.Resolve(ctx, c.log, t.profile, t.model, c.session) }) // key_command may ask
	if err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// ask sends a prompt. started is false if nothing of it was saved or sent.
func (c *conversation) ask(ctx context.Context, p prompt.Prompt) (started bool, err error) {
	p, err = c.promptReader().Check(p)
	if err != nil {
		return false, err
	}
	ctx, done := c.o.Interrupts.Turn(ctx)
	defer done()
	message := p.Message()
	request, err := c.request(ctx, c.session.History(), message)
	if err != nil {
		return false, err
	}
	records := turn.Records(c.target.system, message, c.endpoint.Model, c.endpoint.SavedProfile, p.Replaced)
	saver, err := c.begin(records)
	if err != nil {
		return false, err
	}
	c.target.system = "" // it is part of the session now
	return true, c.answer(ctx, request, saver, records)
}

// retry sends the last prompt again. The new answer counts.
func (c *conversation) retry(ctx context.Context, _ string) error {
	last, before, ok := c.session.LastPrompt()
	if !ok {
		return report.Nothing("nothing was asked yet", "")
	}
	ctx, done := c.o.Interrupts.Turn(ctx)
	defer done()
	request, err := c.request(ctx, before, last.Message)
	if err != nil {
		return err
	}
	saver, err := c.begin(nil)
	if err != nil {
		return err
	}
	return c.answer(ctx, request, saver, nil)
}

// request resolves the endpoint, one for many turns, and makes the request.
func (c *conversation) request(ctx context.Context, history []chat.Message, m chat.Message) (r openai.Request, err error) {
	if c.endpoint == nil {
		if c.endpoint, err = c.resolve(ctx, c.target); err != nil {
			return r, err
		}
	}
	if r, err = c.endpoint.Request(chat.LastTurns(history, c.o.Last), c.target.system, m); err == nil {
		r.Tools, err = turn.Offer(ctx, c.o.Tools, c.log, report.SpinOptions{Getenv: c.o.Getenv, Now: c.o.Now})
	}
	return r, err
}

// begin saves what a turn adds to the session, with what could not be saved before. A
// full or broken disk does not end the conversation: the turn is run all the same, and
// each turn tries again.
func (c *conversation) begin(records []record.Message) (turn.Saver, error) {
	saver, err := c.newSaver(slices.Concat(c.unsaved, records))
	if missing, ok := errors.AsType[*session.NotFoundError](err); ok {
		c.log.Line("session " + missing.Ref + " was removed elsewhere; the chat goes on in a new one")
		c.session.ID, c.unsaved = "", c.session.Messages
		saver, err = c.newSaver(slices.Concat(c.unsaved, records))
	}
	if failed, ok := errors.AsType[*session.SaveError](err); ok {
		c.lost = failed
		return turn.Unsaved{}, nil
	}
	if err == nil {
		c.unsaved, c.lost = nil, nil
	}
	return saver, err
}

func (c *conversation) newSaver(records []record.Message) (turn.Saver, error) {
	switch {
	case c.o.NoSave:
		return turn.Unsaved{}, nil
	case c.session.ID == "":
		return turn.Begin(c.o.Store, nil, c.log, records...)
	case c.fork:
		w, err := c.o.Store.Fork(c.session, c.session.Turns(), records...)
		if err != nil {
			return nil, err
		}
		return w, nil
	}
	return turn.Begin(c.o.Store, c.session, c.log, records...)
}

// answer runs a turn of which begin saved these records, and takes it into the
// conversation.
func (c *conversation) answer(ctx context.Context, r openai.Request, saver turn.Saver, records []record.Message) error {
	c.reader.Collect()
	c.apart = true
	result := c.o.Turn(ctx, c.log, c.endpoint, r, saver, c.session, c.reader.Lend)
	if c.o.Notifies && !c.reader.Focused() {
		c.o.Notify(result)
	}
	records = append(records, result.Before...)
	if result.Answered {
		records = append(records, record.Message{Message: result.Message, Turn: result.Turn, Time: c.o.Now(), Profile: c.endpoint.SavedProfile})
		c.times = result.Times
	}
	c.session.Messages = append(c.session.Messages, records...)
	writer, saved := saver.(*session.Writer)
	switch {
	case !saved && c.lost != nil:
		c.unsaved = append(c.unsaved, records...)
	case saved:
		c.session.ID, c.session.Path, c.fork = writer.ID(), writer.Path(), false // a busy session was branched
		if result.SaveErr != nil && len(records) > 0 {
			c.lost = result.SaveErr
			if result.Answered || len(result.Before) == 0 { // else what was lost has no record here
				c.unsaved = records[len(records)-1:]
			}
		}
	}
	if result.Err == nil {
		return nil
	}
	return c.endpoint.Explain(ctx, result.Err)
}
