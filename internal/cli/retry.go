package cli

import (
	"context"

	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/turn"
)

// retryCommand asks the last question of a session again.
type retryCommand struct {
	requestFlags
	outputFlags
	Recall bool    `short:"r" help:"Pick the session with the fuzzy finder; ID is then what to search for."`
	ID     *string `arg:"" optional:"" help:"Session. Default: the session used last."`
}

// Run sends the last prompt once more. The new answer counts; the old one stays in the
// file.
func (c *retryCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	if err := c.requestFlags.check(c.outputFlags); err != nil {
		return err
	}
	lib, err := p.openLibrary(log, c.NoSave)
	if err != nil {
		return err
	}
	entry, err := c.find(ctx, p, lib, log)
	if err != nil {
		return err
	}
	s, err := p.picker(lib, log).Load(entry)
	if err != nil {
		return err
	}
	asked, before, ok := s.LastPrompt()
	if !ok {
		return report.Nothing("session "+s.ID+" has no question to ask again", "oax --session "+s.ID+` "question"`)
	}
	ask := asker{p: p, lib: lib, log: log, flags: c.requestFlags, out: c.outputFlags}
	e, err := ask.resolve(ctx, target{c.Profile, c.Model, c.System}, s)
	defer func() { e.Close() }() // there is one beside an error too
	if err != nil {
		return err
	}
	request, err := e.Request(session.LastTurns(before, c.Last), c.System, asked.Message)
	if err != nil {
		return err
	}
	return ask.send(ctx, e, request, func() (turn.Saver, error) {
		return turn.Begin(ask.store(), s, log)
	})
}

// find returns the session: by itself the newest, also if it was never answered, since
// that is what a person would ask again.
func (c *retryCommand) find(ctx context.Context, p *Process, lib *library, log *report.Writer) (session.Entry, error) {
	which := sessionArgs{Recall: c.Recall}
	if c.ID != nil {
		which.IDs = []string{*c.ID}
	} else if !c.Recall {
		for entry, err := range lib.store.Newest() {
			return entry, err
		}
	}
	entries, err := which.find(ctx, p, lib, log, "retry")
	if err != nil {
		return session.Entry{}, err
	}
	return entries[0], nil
}
