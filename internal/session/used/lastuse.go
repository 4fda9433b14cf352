package used

import (
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// When a session was used, as its own records say.

// At returns when a session was used, or the zero time if nothing says it. It reads
// the end of the session.
func At(path string) time.Time {
	used := record.TimeOf(path)
	f, err := disk.Open(path)
	if err != nil {
		return used
	}
	defer f.Close()
	size, _, _ := disk.End(f)
	for lines := (&record.Backward{File: f, At: size}); ; {
		l, ok := lines.Next()
		if at := record.UsedAt(l); !ok || !at.IsZero() {
			if !at.Truncate(time.Second).After(used) { // the name tells only the second
				header, _ := record.ReadHeader(f)
				at = record.Latest(at, header.Time)
			}
			return record.Latest(at, used)
		}
	}
}

// usesIn returns the uses of the sessions in some months, of those that are known only of
// the sessions that changed since.
func usesIn(months []string, known map[string]int64, sessionsIn func(month string) []string) []use {
	var sessions []string
	for _, month := range months {
		sessions = append(sessions, slices.DeleteFunc(sessionsIn(month), func(path string) bool {
			return strings.IndexByte(record.InStore(path), '\n') >= 0 // it would be no line
		})...)
	}
	found := make([]use, len(sessions))
	disk.InParallel(len(sessions), func(numbers iter.Seq[int]) {
		for i := range numbers {
			path := sessions[i]
			since, partly := known[record.MonthIn(path)]
			if partly && disk.ExactChanges && !changedSince(path, since-changeGrain) {
				continue
			}
			if at := At(path); !at.IsZero() {
				found[i] = use{name: record.InStore(path), at: at.UnixNano()}
			}
		}
	})
	return slices.DeleteFunc(found, func(u use) bool { return u.name == "" })
}

func changedSince(path string, t int64) bool {
	info, err := os.Lstat(path)
	if err != nil {
		return false
	}
	_, changed := disk.Identity(info)
	return changed >= t
}

// ChangeOf returns the last change of a month's directory, or 0 if it cannot be read.
func (c Cache) ChangeOf(month string) int64 {
	info, err := os.Stat(filepath.Join(c.Dir, month))
	if err != nil {
		return 0
	}
	_, changed := disk.Identity(info)
	return changed
}

// nanoseconds returns a time in nanoseconds since 1970; the zero time is before all others.
func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return math.MinInt64
	}
	return t.UnixNano()
}
