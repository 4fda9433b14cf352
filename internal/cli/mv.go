package cli

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"oax/internal/session"
)

// mvCommand gives sessions titles.
type mvCommand struct {
	Recall bool `short:"r" help:"Pick the session with the fuzzy finder; all words are the title."`

	ID    string   `arg:"" optional:"" help:"Session: its ID or the start of it, @ the newest, @2 the one before. - reads lines from standard input, each an ID and a title."`
	Title []string `arg:"" optional:"" help:"What it is called from now on. An empty one gives it back the first words of its chat."`
}

// retitling is a session and what it is to be called.
type retitling struct{ ref, title string }

// Run gives each session its title, or none if one of them is not there.
func (c *mvCommand) Run(ctx context.Context, env *Env) error {
	all, err := c.read(ctx, env)
	if err != nil {
		return err
	}
	store, err := env.openStore()
	if err != nil {
		return err
	}
	entries, err := c.find(ctx, env, store, all)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		if err := store.Retitle(entry, all[i].title); err != nil {
			return cannot("rename session "+entry.ID, err)
		}
	}
	return nil
}

// read returns what the words ask for, and what standard input does for "-".
func (c *mvCommand) read(ctx context.Context, env *Env) ([]retitling, error) {
	words := c.Title
	if c.Recall && c.ID != "" {
		words = append([]string{c.ID}, words...)
	}
	title, err := cleanTitle(strings.Join(words, " "))
	switch {
	case err != nil:
		return nil, err
	case c.ID == "-" && !c.Recall:
		return c.readLines(ctx, env, title)
	case c.ID == "" && len(words) == 0 && !c.Recall:
		return nil, &report{what: "no session and no title given", hint: `oax mv @ "new title"`, kind: "usage", code: exitUsage}
	case len(words) == 0:
		return nil, noTitle(c.ID)
	}
	return []retitling{{c.ID, title}}, nil
}

// readLines reads an ID and a title from each line, or an ID for the title given.
func (c *mvCommand) readLines(ctx context.Context, env *Env, title string) ([]retitling, error) {
	text, err := await(ctx, func() ([]byte, error) { return io.ReadAll(env.Stdin) })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, &report{what: "cannot read standard input: " + plainError(err), kind: "input", code: exitUsage}
	}
	var all []retitling
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
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
	if len(all) == 0 {
		return nil, &report{what: "standard input names no session", hint: `echo "@ new title" | oax mv -`, kind: "nothing", code: exitNothing}
	}
	return all, nil
}

// find returns the sessions, in the order of all.
func (c *mvCommand) find(ctx context.Context, env *Env, store *session.Store, all []retitling) ([]session.Entry, error) {
	if c.Recall {
		return env.chosen(ctx, store, which{Recall: true})
	}
	var refs []string
	for _, r := range all {
		refs = append(refs, r.ref)
	}
	entries, errs := store.FindAll(refs)
	for _, err := range errs {
		if err != nil && c.ID == "-" {
			return nil, err
		}
		if err != nil {
			return nil, mistyped(err, "mv", append([]string{c.ID}, c.Title...))
		}
	}
	return entries, nil
}

func noTitle(ref string) error {
	return &report{what: "no title given", hint: fmt.Sprintf(`oax mv %s "new title"; an empty one ("") takes a title away`, shellQuote(ref)), kind: "usage", code: exitUsage}
}

// cleanTitle makes one line of a title.
func cleanTitle(text string) (string, error) {
	const longest = 1000 // bytes
	title := strings.Join(strings.Fields(text), " ")
	if len(title) > longest {
		return "", &report{what: fmt.Sprintf("a title of %d bytes is too long", len(title)), hint: fmt.Sprintf("%d bytes at most", longest), kind: "usage", code: exitUsage}
	}
	return title, nil
}
