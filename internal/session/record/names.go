// Package record is the format of the store: how its files are named, and what the lines in them
// say. A session is a file of JSON lines, its records: a header, messages, errors, calls of tools,
// titles, and others that a reader passes over. The package writes records, reads them whole or
// as little of them as a list needs, and finds the title in them. All of it works on bytes, and
// takes any; it changes no file. Journals have lines of their own: package journal.
package record

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"
)

// What the names of files and directories say.

// The names of directories and files.
const (
	timeInName  = "2006-01-02_15-04-05"
	MonthFormat = "2006-01"
	Extension   = ".jsonl"

	// Crockford's base32: in ASCII order, so that numbers and their digits sort alike.
	alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	idLen    = 12 // among a million sessions a twin is expected once in a million times
	shortID  = 8  // of older sessions, imported chats and turns
)

// NewID returns three digits of the fraction of t's second and nine random ones,
// so that sessions that began within one second still sort by time.
func NewID(t time.Time) string {
	id := randomDigits(idLen)
	fraction := int64(t.Nanosecond()) << 15 / int64(time.Second)
	id[0], id[1], id[2] = alphabet[fraction>>10&31], alphabet[fraction>>5&31], alphabet[fraction&31]
	return string(id)
}

// NewTurnID returns an ID for a turn, which no other turn of its session has.
func NewTurnID() string { return string(randomDigits(shortID)) }

func randomDigits(n int) []byte {
	digits := make([]byte, n)
	for i := range digits {
		digits[i] = alphabet[rand.IntN(len(alphabet))]
	}
	return digits
}

// FileStem returns the name of a session file without its extension. A removal has such a
// name, too.
func FileStem(t time.Time, id string) string {
	return t.UTC().Format(timeInName) + "_" + id
}

// MonthOf returns the name of the directory for the sessions that begin at a time.
func MonthOf(t time.Time) string { return t.UTC().Format(MonthFormat) }

// TimeOf returns the time in a name that FileStem made, to the second, or the zero time if
// there is none. The name may be a path.
func TimeOf(name string) time.Time {
	stem, _ := CutLast(filepath.Base(name), '_')
	at, err := time.Parse(timeInName, stem)
	if err != nil {
		return time.Time{}
	}
	return at
}

// InStore returns the last two names in the path of a session, of the month and of the file.
func InStore(path string) string {
	dir := strings.LastIndexByte(path, filepath.Separator)
	return path[strings.LastIndexByte(path[:max(dir, 0)], filepath.Separator)+1:]
}

// MonthIn returns the name of the directory that a session is in.
func MonthIn(path string) string { return filepath.Base(filepath.Dir(path)) }

// IsRef reports whether s can be the beginning of an ID. IDs that other programs make
// may use letters that NewID does not.
func IsRef(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// IsID reports whether s can be an ID.
func IsID(s string) bool { return (len(s) == idLen || len(s) == shortID) && IsRef(s) }

// IDOf returns the ID in the name of a session file, or "" if it is not one.
func IDOf(name string) string {
	stem, ok := strings.CutSuffix(name, Extension)
	_, id := CutLast(stem, '_')
	if !ok || !IsID(id) {
		return ""
	}
	return id
}

// CutLast cuts s around the last separator; without one, after is all of s.
func CutLast(s string, sep byte) (before, after string) {
	i := strings.LastIndexByte(s, sep)
	return s[:max(i, 0)], s[i+1:]
}

// IsMonth reports whether a directory has the name of a month.
func IsMonth(name string) bool {
	return len(name) == 7 && name[4] == '-' && strings.Trim(name[:4]+name[5:], "0123456789") == ""
}

// TornPath returns the file for what was cut from a session.
func TornPath(path string) string { return strings.TrimSuffix(path, Extension) + ".torn" }

// OutputsOf returns the directory beside a session that has the whole outputs of its calls.
func OutputsOf(path string) string { return strings.TrimSuffix(path, Extension) + ".outputs" }

// ImportID returns an ID that is always the same for a chat of a source. Chats that
// have the same ID there have versions here, and so have those whose short IDs are the same
// by chance.
func ImportID(source, id string, version int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s", version, source, id))
	name := make([]byte, shortID)
	for i := range name {
		name[i] = alphabet[sum[i]&31]
	}
	return string(name)
}

// MaxName is the length of the longest name that oax gives a session.
const MaxName = len("2006-01-02_15-04-05_") + idLen + len(Extension)

// ConflictOf returns the name of the session file of which name is a conflict copy, as
// Syncthing, rclone, Dropbox and Nextcloud name those; "" if it is none.
func ConflictOf(name string) string {
	at := strings.Index(name, "conflict")
	if at < 0 || !strings.Contains(name, Extension) {
		return ""
	}
	stem := strings.TrimSuffix(strings.TrimRight(strings.TrimSuffix(name[:at], ".sync-"), " .-_("), Extension)
	base := stem + Extension
	if IDOf(base) == "" {
		return ""
	}
	return base
}
