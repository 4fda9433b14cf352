package session

import (
	"strconv"
	"strings"
)

// mostNamed is how many sessions an AmbiguousError names.
const mostNamed = 5

// Find returns the session that ref names: "@" the newest, "@2" the one before
// it, as Numbered counts them, or the beginning of an ID. Errors are BadIDError,
// NotFoundError, AmbiguousError, or that of a directory that cannot be read.
func (st *Store) Find(ref string) (Entry, error) {
	if strings.HasPrefix(ref, "@") {
		return st.findNth(ref)
	}
	if !isRef(ref) {
		return Entry{}, &BadIDError{ref}
	}
	return st.findID(ref)
}

// nth returns the number in a reference like @2.
func nth(ref string) (int, error) {
	count := strings.TrimPrefix(ref, "@")
	if count == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 || strings.HasPrefix(count, "+") {
		return 0, &BadIDError{ref}
	}
	return n, nil
}

func (st *Store) findNth(ref string) (Entry, error) {
	n, err := nth(ref)
	if err != nil {
		return Entry{}, err
	}
	for e, err := range st.Numbered() {
		if err != nil {
			return Entry{}, err
		}
		if n--; n == 0 {
			return e, nil
		}
	}
	return Entry{}, &NotFoundError{ref}
}

func (st *Store) findID(ref string) (Entry, error) {
	var found []Entry
	var unread error
	for e, err := range st.Newest() {
		if err != nil {
			unread = err
			continue
		}
		if strings.HasPrefix(e.ID, ref) {
			found = append(found, e)
		}
		if len(found) == mostNamed || len(found) == 1 && len(ref) == idLen {
			break
		}
	}
	return oneOf(found, ref, unread)
}

// oneOf returns the only session found for a reference, or why it is none.
func oneOf(found []Entry, ref string, unread error) (Entry, error) {
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		ambiguous := &AmbiguousError{Ref: ref}
		for _, e := range found {
			ambiguous.IDs = append(ambiguous.IDs, e.ID)
		}
		return Entry{}, ambiguous
	case unread != nil:
		return Entry{}, unread
	}
	return Entry{}, &NotFoundError{ref}
}
