package session

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// Which session a reference names.

// maxNamed is how many sessions an AmbiguousError names.
const maxNamed = 5

// maxLooks is how many of the sessions used last are looked at for whether they were
// answered, so that a number costs the same however many sessions there are.
const maxLooks = 64

// Find returns the session that ref names: "@" the one used last, "@2" the one before
// it, as Numbered counts them, or the beginning of an ID. Errors are BadIDError,
// NotFoundError, AmbiguousError, or that of a directory that cannot be read.
func (st *Store) Find(ref string) (Entry, error) {
	return find(ref, st.List(Filter{Prefix: ref}), st.Numbered)
}

// FindAll finds many sessions and reads the names in the store only once for it. Both
// results are those that Find has, in the order of refs.
func (st *Store) FindAll(refs []string) ([]Entry, []error) {
	const few = 8
	findOne := st.Find
	if len(refs) > few {
		all := replay(st.List(Filter{}))
		byID := map[string][]Entry{}
		for e := range all {
			byID[e.ID] = append(byID[e.ID], e)
		}
		numbers := sync.OnceValue(func() iter.Seq2[Entry, error] { return replay(numbered(all)) })
		findOne = func(ref string) (Entry, error) {
			if found := byID[ref]; ref != "" && found != nil {
				return oneOf(found, ref, nil)
			}
			return find(ref, all, numbers)
		}
	}
	entries, errs := make([]Entry, len(refs)), make([]error, len(refs))
	for i, ref := range refs {
		entries[i], errs[i] = findOne(ref)
	}
	return entries, errs
}

// replay reads a sequence to its end and returns one that yields the same.
func replay(seq iter.Seq2[Entry, error]) iter.Seq2[Entry, error] {
	var entries []Entry
	var errs []error
	for e, err := range seq {
		entries, errs = append(entries, e), append(errs, err)
	}
	return func(yield func(Entry, error) bool) {
		for i, e := range entries {
			if !yield(e, errs[i]) {
				return
			}
		}
	}
}

func find(ref string, newest iter.Seq2[Entry, error], numbered func() iter.Seq2[Entry, error]) (Entry, error) {
	if strings.HasPrefix(ref, "@") {
		return findNumber(ref, numbered())
	}
	return findID(ref, newest)
}

// findID returns the session whose ID ref is or begins.
func findID(ref string, newest iter.Seq2[Entry, error]) (Entry, error) {
	if !record.IsRef(ref) {
		return Entry{}, &BadIDError{ref}
	}
	var found []Entry
	var unread error
	for e, err := range newest {
		if err != nil {
			unread = err
			continue
		}
		if strings.HasPrefix(e.ID, ref) {
			found = append(found, e)
		}
		if len(found) == maxNamed {
			break
		}
	}
	return oneOf(found, ref, unread)
}

// findNumber returns the session of a reference like @2.
func findNumber(ref string, numbered iter.Seq2[Entry, error]) (Entry, error) {
	n := 1
	if digits := strings.TrimPrefix(ref, "@"); digits != "" {
		var err error
		if n, err = strconv.Atoi(digits); err != nil || n < 1 || strings.HasPrefix(digits, "+") {
			return Entry{}, &BadIDError{ref}
		}
	}
	for e, err := range numbered {
		if err != nil {
			return Entry{}, err
		}
		if n--; n == 0 {
			return e, nil
		}
	}
	return Entry{}, &NotFoundError{ref}
}

// oneOf returns the only session found for a reference, or why there is no such one. The ID
// of an older session can be how a longer one begins.
func oneOf(found []Entry, ref string, unread error) (Entry, error) {
	if slices.ContainsFunc(found, func(e Entry) bool { return e.ID == ref }) {
		found = slices.DeleteFunc(found, func(e Entry) bool { return e.ID != ref })
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		ambiguous := &AmbiguousError{Ref: ref}
		for _, e := range found {
			ambiguous.IDs = append(ambiguous.IDs, e.ID)
			ambiguous.Files = append(ambiguous.Files, record.InStore(e.Path))
		}
		return Entry{}, ambiguous
	case unread != nil:
		return Entry{}, unread
	}
	return Entry{}, &NotFoundError{ref}
}

// Numbered yields the sessions that "@", "@2" and so on name, in this order: those of
// List, and after all others the ones in which nothing was ever answered and the last
// prompt failed. A person who asked with the wrong key means the chat before that. Only
// the few used last are looked at; errors are those of List.
func (st *Store) Numbered() iter.Seq2[Entry, error] { return numbered(st.List(Filter{})) }

func numbered(newest iter.Seq2[Entry, error]) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var last []Entry
		looks := 0
		for e, err := range newest {
			if looks++; err == nil && looks <= maxLooks && isUnanswered(e) {
				last = append(last, e)
			} else if !yield(e, err) {
				return
			}
		}
		for _, e := range last {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// isUnanswered reports whether a session has an error record at its end and no answer. It
// reads only the end of a session that has no such record. What it cannot read counts as
// answered.
func isUnanswered(e Entry) bool {
	f, err := disk.Open(e.Path)
	if err != nil {
		return false
	}
	defer f.Close()
	size, _, err := disk.End(f)
	if err != nil {
		return false
	}
	last, _ := (&record.Backward{File: f, At: size}).Next()
	if !bytes.HasPrefix(last.Start, []byte(record.ErrorStart)) {
		return false
	}
	o, err := record.ReadOverview(f)
	return err == nil && !o.Answered
}

// Forks returns the sessions that say they began as a copy of one, which may be in the
// trash by now, the one used last first. It reads the headers of all that began since that
// month. A session that cannot be read is left out. The error is that of ctx.
func (st *Store) Forks(ctx context.Context, of Entry) ([]Entry, error) {
	var forks []Entry
	began, _ := time.Parse(record.MonthFormat, record.MonthIn(of.Path))
	for e, err := range st.List(Filter{Since: began}) {
		if ctx.Err() != nil {
			return forks, context.Cause(ctx)
		}
		if err != nil || record.MonthIn(e.Path) < record.MonthIn(of.Path) {
			continue
		}
		if header := record.HeaderOf(e.Path); header.ForkOf != nil && header.ForkOf.ID == of.ID {
			forks = append(forks, e)
		}
	}
	return forks, nil
}
