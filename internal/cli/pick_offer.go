package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"oax/internal/picker"
	"oax/internal/session"
	"oax/internal/term"
)

// mostItems is how many sessions the finder gets: each key costs it time for each,
// and before the first one all have to be read.
const mostItems = 1000

// offer returns the newest sessions; with a query those whose text has all its
// words, and the newest, as if the query had been typed there, if none has.
func (env *Env) offer(ctx context.Context, store *session.Store, query string) (picker.Offer, error) {
	if strings.TrimSpace(query) == "" {
		return picker.Offer{Items: env.items(store, env.newest(store))}, nil
	}
	found, err := env.holding(ctx, store, query)
	if err != nil || len(found) > 0 {
		return picker.Offer{Items: titledFirst(env.items(store, found), query), Sought: query}, err
	}
	return picker.Offer{Items: env.items(store, env.newest(store)), Query: query}, nil
}

// newest returns the newest sessions, no more than the finder is to get.
func (env *Env) newest(store *session.Store) []session.Entry {
	var all []session.Entry
	for entry, err := range store.Newest() {
		if err != nil {
			env.said.line("cannot list sessions: " + plainError(err))
			continue
		}
		if all = append(all, entry); len(all) == mostItems {
			break
		}
	}
	return all
}

// holding returns the newest sessions whose text has all words of a query, wherever
// they stand. A person who waits is told for what.
func (env *Env) holding(ctx context.Context, store *session.Store, query string) ([]session.Entry, error) {
	waiting := time.AfterFunc(patience, func() {
		env.said.note("searching the text of all sessions (Ctrl-C ends it)")
	})
	defer waiting.Stop()
	var found []session.Entry
	for entry, err := range store.Holding(ctx, strings.Fields(query), mostItems) {
		if err == nil {
			found = append(found, entry)
		}
	}
	return found, context.Cause(ctx)
}

// items describes sessions, in the same order. One that cannot be read is left out.
func (env *Env) items(store *session.Store, entries []session.Entry) []picker.Item {
	open := store.Open()
	var items []picker.Item
	for _, s := range store.Glances(entries) {
		items = append(items, picker.Item{ID: itemOf(s.Entry), Label: label(s, open[s.ID], env.Now())})
	}
	return items
}

// label is the line of a session in the finder: whether another process has it open,
// how old it is, its title and how it begins.
func label(s session.Glance, open bool, now time.Time) string {
	const markup = "#>` " // is not in a title that was made of what is behind it
	mark := " "
	if open {
		mark = "●"
	}
	title := term.Line(s.Title)
	text := strings.TrimLeft(term.Line(s.Opening), markup)
	if !strings.HasPrefix(text, strings.TrimLeft(strings.TrimSuffix(title, "…"), markup)) {
		text = title + "  " + text
	}
	return fmt.Sprintf("%s%3s %s", mark, age(s.Time, now), term.Cut(text, 64))
}

// age is how long ago a time was, in at most three characters.
func age(at, now time.Time) string {
	const day = 24 * time.Hour
	passed := now.Sub(at)
	switch {
	case at.IsZero():
		return "?"
	case passed < time.Minute:
		return "now"
	case passed < time.Hour:
		return fmt.Sprintf("%dm", passed/time.Minute)
	case passed < day:
		return fmt.Sprintf("%dh", passed/time.Hour)
	case passed < 100*day:
		return fmt.Sprintf("%dd", passed/day)
	case passed < 2*365*day:
		return fmt.Sprintf("%dw", min(passed/(7*day), 99))
	}
	return fmt.Sprintf("%dy", passed/(365*day))
}

// titledFirst moves those that have the words in their line to the front.
func titledFirst(items []picker.Item, query string) []picker.Item {
	var titled, others []picker.Item
	for _, item := range items {
		if hasWords(item.Label, query) {
			titled = append(titled, item)
		} else {
			others = append(others, item)
		}
	}
	return append(titled, others...)
}

// hasWords reports whether text has every word of query, large letters or small.
func hasWords(text, query string) bool {
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// itemOf makes one string of a session, for the child to find it without a search.
func itemOf(e session.Entry) string { return e.ID + " " + e.Path }

func entryOf(item string) session.Entry {
	id, path, _ := strings.Cut(item, " ")
	return session.Entry{ID: id, Path: path}
}
