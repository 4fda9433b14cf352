package cli

import (
	"context"
	"fmt"
	"strings"

	"oax/internal/report"
	"oax/internal/session"
)

// mvCommand gives sessions titles.
type mvCommand struct {
	Recall bool `short:"r" help:"Pick the session with the fuzzy finder; all words are the title."`
	listFlags

	ID    string   `arg:"" optional:"" help:"Session: its ID or the beginning of it, @ for the one used last, @2 for the one before. - reads lines from standard input, each an ID and a title."`
	Title []string `arg:"" optional:"" help:"The new title. An empty one restores the title made of the first prompt."`
}

// retitling is a session and its new title.
type retitling struct{ ref, title string }

// Run gives each session its title, or none of them if one does not exist.
func (c *mvCommand) Run(ctx context.Context, p *Process, log *report.Writer) error {
	lib, err := p.openLibrary(ctx, log, false)
	if err != nil {
		return err
	}
	all, err := c.read(ctx, lib)
	if err != nil {
		return err
	}
	entries, err := c.find(ctx, lib, all)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		if err := lib.store.Retitle(entry, all[i].title); err != nil {
			return report.Cannot("rename session "+entry.ID, err)
		}
	}
	return nil
}

// read returns what the words, or with "-" the lines of standard input, ask for.
func (c *mvCommand) read(ctx context.Context, lib *library) ([]retitling, error) {
	words := c.Title
	if c.Recall && c.ID != "" {
		words = append([]string{c.ID}, words...)
	}
	title, err := cleanTitle(strings.Join(words, " "))
	switch {
	case err != nil:
		return nil, err
	case c.ID == "-" && !c.Recall:
		return c.readLines(ctx, lib, title)
	case c.ID == "" && len(words) == 0 && !c.Recall:
		return nil, report.Usage("no session and no title given", `oax mv @ "new title"`)
	case len(words) == 0:
		return nil, noTitle(c.ID)
	}
	return []retitling{{c.ID, title}}, nil
}

// readLines reads an ID and a title from each line, or only an ID if the command line has
// the title.
func (c *mvCommand) readLines(ctx context.Context, lib *library, title string) ([]retitling, error) {
	lines, err := lib.picker().Lines(ctx, `echo "@ new title" | oax mv -`)
	if err != nil {
		return nil, err
	}
	var all []retitling
	for _, line := range lines {
		line = strings.TrimSpace(line)
		end := strings.IndexAny(line+" ", " \t")
		r := retitling{line[:end], title}
		if len(c.Title) == 0 {
			if r.title, err = cleanTitle(line[end:]); err != nil {
				return nil, err
			}
			if r.title == "" {
				return nil, noTitle(r.ref)
			}
		}
		all = append(all, r)
	}
	return all, nil
}

// find returns the sessions, in the order of all.
func (c *mvCommand) find(ctx context.Context, lib *library, all []retitling) ([]session.Entry, error) {
	if c.Recall {
		return lib.picker().Choose(ctx, true, nil)
	}
	var refs []string
	for _, r := range all {
		refs = append(refs, r.ref)
	}
	entries, err := lib.picker().Find(ctx, refs)
	return entries, orPrompt(err, append([]string{"mv", c.ID}, c.Title...))
}

func noTitle(ref string) error {
	return report.Usage("no title given", fmt.Sprintf(`oax mv %s "new title"; an empty one ("") takes a title away`, report.Quote(ref)))
}

// cleanTitle makes one line of a title.
func cleanTitle(text string) (string, error) {
	const maxTitle = 1000 // bytes
	title := strings.Join(strings.Fields(text), " ")
	if len(title) > maxTitle {
		return "", report.Usage(fmt.Sprintf("a title of %d bytes is too long", len(title)), fmt.Sprintf("%d bytes at most", maxTitle))
	}
	return title, nil
}
