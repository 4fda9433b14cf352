package session

import (
	"math/rand/v2"
	"strings"
	"time"

	"oax/internal/term"
)

const (
	timeInName = "%Y-%m-%d_%H-%M-%S"
	monthName  = "%Y-%m"
	extension  = ".jsonl"

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

// stem returns the name of a session file without its extension. UTC makes names sort by
// time across time zones and clock changes. An earlier oax let people choose another
// pattern; nothing but the ID at the end of a name is relied on.
func stem(t time.Time, id string) string {
	return term.FormatTime(t.UTC(), timeInName) + "_" + id
}

func month(t time.Time) string { return term.FormatTime(t.UTC(), monthName) }

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
