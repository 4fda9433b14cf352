package cli

import (
	"cmp"
	"strconv"
	"strings"

	"oax/internal/session"
)

// mostSuggested is how many sessions Tab offers, of the newest mostPlaces if they are
// named by their places.
const (
	mostSuggested = 50
	mostPlaces    = 1000
)

// sessions are the newest that can be called so, with their titles; after --undo
// those in the trash.
func (env *Env) sessions(l *line, begin string) suggestions {
	env.flags.NoSave = true // what a dead process left is for the next command to put right
	store, err := env.openStore()
	if err != nil {
		return suggestions{}
	}
	_, undo := l.given["undo"]
	var found []session.Entry
	called := map[string]string{}
	switch {
	case undo:
		found = inTrash(store, begin)
	case strings.HasPrefix(begin, "@"):
		found = byPlace(store, begin, called)
	default:
		for entry := range store.Beginning(begin) {
			if found = append(found, entry); len(found) == mostSuggested {
				break
			}
		}
	}
	var s suggestions
	for _, g := range store.Glances(found) {
		s.all = append(s.all, suggestion{cmp.Or(called[g.ID], g.ID), g.Title})
	}
	return s
}

// byPlace returns the sessions whose place from the newest begins so, and puts down
// what they are called by it.
func byPlace(store *session.Store, begin string, called map[string]string) []session.Entry {
	var found []session.Entry
	n := 0
	for entry := range store.Beginning("") {
		if n++; len(found) == mostSuggested || n > mostPlaces {
			break
		}
		if place := nth(n); strings.HasPrefix(place, begin) {
			called[entry.ID] = place
			found = append(found, entry)
		}
	}
	return found
}

// inTrash returns what was removed last and begins so.
func inTrash(store *session.Store, begin string) []session.Entry {
	var found []session.Entry
	all, _ := store.Trash().All()
	for _, x := range all {
		if strings.HasPrefix(x.ID, begin) && len(found) < mostSuggested {
			found = append(found, x.Entry)
		}
	}
	return found
}

// nth names a session by its place from the newest.
func nth(n int) string {
	if n == 1 {
		return "@"
	}
	return "@" + strconv.Itoa(n)
}
