package session

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/itchyny/timefmt-go"
)

const (
	defaultName = "%Y-%m-%d_%H-%M-%S"
	monthName   = "%Y-%m"
	extension   = ".jsonl"
	maxName     = 100 // bytes; file systems allow 255 for the whole name

	// Crockford's base32: in ASCII order, so that numbers and their digits sort alike.
	alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	idLen    = 8
)

// newID returns three digits of the fraction of t's second and five of chance,
// so that sessions begun within one second still sort by time.
func newID(t time.Time) string {
	var id [idLen]byte
	for i := range id {
		id[i] = alphabet[rand.IntN(len(alphabet))]
	}
	fraction := int64(t.Nanosecond()) << 15 / int64(time.Second)
	id[0], id[1], id[2] = alphabet[fraction>>10&31], alphabet[fraction>>5&31], alphabet[fraction&31]
	return string(id[:])
}

// stem is the name of a session file without its extension. UTC makes names sort
// by time across time zones and clock changes.
func (st *Store) stem(t time.Time, id string) string {
	return timefmt.Format(t.UTC(), st.name) + "_" + id
}

func month(t time.Time) string { return timefmt.Format(t.UTC(), monthName) }

// isRef reports whether s can begin an ID. IDs of other programs' making may
// use letters that newID does not.
func isRef(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// idOf returns the ID in the name of a session file, or "" if it is not one.
func idOf(name string) string {
	stem, ok := strings.CutSuffix(name, extension)
	_, id := cutLast(stem, '_')
	if !ok || len(id) != idLen || !isRef(id) {
		return ""
	}
	return id
}

func cutLast(s string, sep byte) (before, after string) {
	i := strings.LastIndexByte(s, sep)
	return s[:max(i, 0)], s[i+1:]
}

func isMonth(name string) bool {
	return len(name) == 7 && name[4] == '-' && strings.Trim(name[:4]+name[5:], "0123456789") == ""
}

// checkName returns a NameError unless the names that pattern gives are safe and
// sort in the order of time, to the second.
func checkName(pattern string) error {
	if pattern == defaultName {
		return nil
	}
	last := ""
	for _, t := range instants() {
		name := timefmt.Format(t, pattern)
		reason := unsafeName(name)
		// The "_" before the ID takes part in the order when names differ in length.
		if name += "_"; reason == "" && name <= last {
			reason = "does not sort in the order of time, to the second"
		}
		if reason != "" {
			return &NameError{Pattern: pattern, Reason: reason}
		}
		last = name
	}
	return nil
}

func unsafeName(name string) string {
	switch {
	case len(name) > maxName:
		return "gives names that are too long"
	case strings.Contains(name, "%"): // timefmt copies what it does not know
		return "has a % that is no time directive"
	case strings.ContainsAny(name, `/\`):
		return "has a path separator"
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "has a control character"
	case strings.HasPrefix(name, "-"), strings.HasPrefix(name, "."):
		return "begins with - or ."
	}
	return ""
}

// instants returns times in order in which each unit of time, from the second
// to the year, runs through all its values and carries into the next.
func instants() []time.Time {
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var all []time.Time
	for i := range 61 {
		all = append(all, base.Add(time.Duration(i)*time.Second), base.Add(time.Duration(i)*time.Minute))
	}
	for i := range 49 {
		all = append(all, base.Add(time.Duration(i)*time.Hour))
	}
	for i := range 3 * 366 {
		day := base.AddDate(0, 0, i)
		all = append(all, day, day.Add(-time.Second))
	}
	for i := range 20 {
		all = append(all, base.AddDate(i, 0, 0))
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.Compact(all)
}
