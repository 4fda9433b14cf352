package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"oax/internal/report"
	"oax/internal/session"
)

// What the commands share that take session IDs.

// find returns the sessions that the arguments of a command name, or the one picked with
// -r. Without arguments it is the session used last.
func (a sessionArgs) find(ctx context.Context, p *Process, lib *library, log *report.Writer, command string) ([]session.Entry, error) {
	entries, err := p.picker(lib, log).Choose(ctx, a.Recall, a.IDs)
	return entries, orPrompt(err, append([]string{command}, a.IDs...))
}

// orPrompt adds to the error of finding a session how to send the command line as a
// prompt, if that is what its words look like: `oax cat videos of cats`. The first word is
// the command. An ID nearly always has a digit.
func orPrompt(err error, words []string) error {
	unfound, _ := errors.AsType[*session.NotFoundError](err)
	badID, _ := errors.AsType[*session.BadIDError](err)
	if len(words) < 3 || slices.Contains(words, "-") || unfound == nil && badID == nil || unfound != nil && strings.ContainsAny(unfound.Ref, "0123456789@") {
		return err
	}
	hint := "to ask it: oax --"
	for _, word := range words {
		hint += " " + report.Quote(word)
	}
	const maxHint = 200 // bytes
	if len(hint) > maxHint {
		return err
	}
	r := *report.Of(err)
	r.Hint = hint
	return &r
}

// summaryOf returns what a list shows of a session; of one that cannot be read, its name.
func summaryOf(store *session.Store, entry session.Entry) session.Summary {
	s, err := store.Summary(entry)
	if err != nil {
		return session.Summary{Entry: entry, Damaged: true}
	}
	return s
}
