package session

import (
	"slices"
	"strings"
)

// FindAll finds many sessions and reads the names in the store only once for it. Both
// results are those that Find has, in the order of refs.
func (st *Store) FindAll(refs []string) ([]Entry, []error) {
	const few = 8
	find := st.Find
	if len(refs) > few {
		find = st.names().find
	}
	entries, errs := make([]Entry, len(refs)), make([]error, len(refs))
	for i, ref := range refs {
		entries[i], errs[i] = find(ref)
	}
	return entries, errs
}

// names are those of all sessions.
type names struct {
	newest   []Entry
	numbered []Entry // the same, as Numbered counts them; nil until it is needed
	byID     []int   // places in newest
	unread   error   // of a directory
}

func (st *Store) names() *names {
	n := &names{}
	for e, err := range st.Newest() {
		if err != nil {
			n.unread = err
			continue
		}
		n.byID = append(n.byID, len(n.newest))
		n.newest = append(n.newest, e)
	}
	slices.SortStableFunc(n.byID, func(a, b int) int { return strings.Compare(n.newest[a].ID, n.newest[b].ID) })
	return n
}

func (n *names) find(ref string) (Entry, error) {
	if strings.HasPrefix(ref, "@") {
		return n.nth(ref)
	}
	if !isRef(ref) {
		return Entry{}, &BadIDError{ref}
	}
	var places []int
	first, _ := slices.BinarySearchFunc(n.byID, ref, func(i int, ref string) int { return strings.Compare(n.newest[i].ID, ref) })
	for _, i := range n.byID[first:] {
		if !strings.HasPrefix(n.newest[i].ID, ref) || len(places) > 0 && len(ref) == idLen {
			break
		}
		places = append(places, i)
	}
	slices.Sort(places)
	var found []Entry
	for _, i := range places[:min(len(places), mostNamed)] {
		found = append(found, n.newest[i])
	}
	return oneOf(found, ref, n.unread)
}

func (n *names) nth(ref string) (Entry, error) {
	place, err := nth(ref)
	switch {
	case err != nil:
		return Entry{}, err
	case n.unread != nil:
		return Entry{}, n.unread
	}
	if n.numbered == nil {
		skip := skipper{}
		var failed []Entry
		for _, e := range n.newest {
			if skip.skips(e) {
				failed = append(failed, e)
			} else {
				n.numbered = append(n.numbered, e)
			}
		}
		n.numbered = append(n.numbered, failed...)
	}
	if place > len(n.numbered) {
		return Entry{}, &NotFoundError{ref}
	}
	return n.numbered[place-1], nil
}
