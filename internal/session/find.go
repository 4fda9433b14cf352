package session

import (
	"strconv"
	"strings"
)

// Find returns the session that ref names: "@" the newest, "@2" the one before
// it, or the beginning of an ID. Errors are BadIDError, NotFoundError,
// AmbiguousError, or that of a directory that cannot be read.
func (st *Store) Find(ref string) (Entry, error) {
	if count, ok := strings.CutPrefix(ref, "@"); ok {
		return st.findNth(ref, count)
	}
	if !isRef(ref) {
		return Entry{}, &BadIDError{ref}
	}
	return st.findID(ref)
}

func (st *Store) findNth(ref, count string) (Entry, error) {
	n, err := 1, error(nil)
	if count != "" {
		n, err = strconv.Atoi(count)
	}
	if err != nil || n < 1 || strings.HasPrefix(count, "+") {
		return Entry{}, &BadIDError{ref}
	}
	for e, err := range st.Newest() {
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
	const enough = 5
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
		if len(found) == enough || len(found) == 1 && len(ref) == idLen {
			break
		}
	}
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
