package cli

import (
	"context"

	"oax/internal/prompt"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/turn"
)

// retryCommand asks the last question of a session again.
type retryCommand struct {
	requestFlags
	outputFlags
	Rerun  bool    `xor:"again" help:"Run tool calls again that the session has a record of. Default: none of them runs twice." group:"Request:"`
	Replay bool    `xor:"again" help:"When the model asks for a recorded tool call again, send its recorded result." group:"Request:"`
	Recall bool    `short:"r" help:"Pick the session with the fuzzy finder; ID is then what to search for."`
	ID     *string `arg:"" optional:"" help:"Session. Default: the session used last."`
}

// Run sends the last prompt once more. The new answer counts; the old one stays in the
// file.
func (c *retryCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	if err := c.requestFlags.check(c.outputFlags); err != nil {
		return err
	}
	lib, err := p.openLibrary(ctx, log, c.NoSave)
	if err != nil {
		return err
	}
	entry, err := c.find(ctx, lib)
	if err != nil {
		return err
	}
	s, err := lib.load(entry)
	if err != nil {
		return err
	}
	asked, before, ok := s.LastPrompt()
	if !ok {
		return report.Nothing("session "+s.ID+" has no question to ask again", "oax --session "+s.ID+` "question"`)
	}
	ask := asker{library: lib, flags: c.requestFlags, out: c.outputFlags, again: true, tools: lib.offer(c.requestFlags)}
	ask.retry = turn.Retry{Earlier: s.Recorded(), Rerun: c.Rerun, Replay: c.Replay}
	defer ask.tools.Close()
	again := prompt.Prompt{Text: asked.Text, Parts: asked.Parts}
	return ask.send(ctx, target{c.Profile, c.Model, c.System}, s, before, again)
}

// find returns the session: by itself the one used last, also if it was never answered, since
// that is what a person would ask again.
func (c *retryCommand) find(ctx context.Context, lib *library) (session.Entry, error) {
	which := sessionArgs{Recall: c.Recall}
	if c.ID != nil {
		which.IDs = []string{*c.ID}
	} else if !c.Recall {
		for entry, err := range lib.store.List(session.Filter{}) {
			return entry, err
		}
	}
	entries, err := which.find(ctx, lib, "retry")
	if err != nil {
		return session.Entry{}, err
	}
	return entries[0], nil
}
