package cli

import (
	"context"
	"fmt"
	"strings"

	"oax/internal/report"
	"oax/internal/session"
)

// cpCommand copies sessions.
type cpCommand struct {
	Recall bool `short:"r" help:"Pick the session with the fuzzy finder; all words are the title."`
	At     *int `placeholder:"N" help:"Copy only up to turn N and its answer. Default: all turns."`
	listFlags

	ID    string   `arg:"" optional:"" help:"Session: its ID or the beginning of it, @ for the one used last, @2 for the one before. - reads IDs, one a line, from standard input. Default: the one used last."`
	Title []string `arg:"" optional:"" help:"The title of the copy. Default: that of the original."`
}

// Run prints the ID of each copy.
func (c *cpCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	words := c.Title
	var ids []string
	switch {
	case c.Recall && c.ID != "":
		words = append([]string{c.ID}, words...)
	case c.ID != "":
		ids = []string{c.ID}
	}
	title, err := cleanTitle(strings.Join(words, " "))
	if err != nil {
		return err
	}
	lib, err := p.openLibrary(ctx, log, false)
	if err != nil {
		return err
	}
	entries, err := lib.picker().Choose(ctx, c.Recall, ids)
	if err != nil {
		return orPrompt(err, append([]string{"cp", c.ID}, c.Title...))
	}
	turns := make([]int, len(entries))
	for i, entry := range entries {
		if turns[i], err = c.lastTurn(lib, entry); err != nil {
			return err
		}
	}
	for i, entry := range entries {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		copied, err := lib.store.Copy(entry, turns[i], title)
		if err != nil {
			return report.Cannot("copy session "+entry.ID, err)
		}
		if c.JSON {
			err = lib.printAll(c.JSON, []session.Entry{copied})
		} else {
			err = p.print(copied.ID + "\n")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lastTurn returns the last turn to copy, 0 for all. It notes what is damaged in the
// session.
func (c *cpCommand) lastTurn(lib *library, entry session.Entry) (int, error) {
	s, err := lib.load(entry)
	if err != nil {
		return 0, err
	}
	if s.Open {
		lib.log.Note("session " + s.ID + " is open in another oax; the answer that arrives there is not copied")
	}
	switch n := s.Turns(); {
	case c.At == nil:
		return 0, nil
	case *c.At < 1 || *c.At > n:
		return 0, report.Usage(fmt.Sprintf("session %s has no turn %d; it has %d", s.ID, *c.At, n), "oax cat "+s.ID)
	}
	return *c.At, nil
}
