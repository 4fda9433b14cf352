package session

import (
	"bytes"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// When a session was used, as its own records say.

// lastUse returns when a session was used, or the zero time if nothing says it. It reads
// the end of the session.
func lastUse(e Entry) time.Time {
	used := beganAt(e)
	f, err := OpenFile(e.Path)
	if err != nil {
		return used
	}
	defer f.Close()
	size, _, _ := fileEnd(f)
	for lines := (&backward{file: f, at: size}); ; {
		l, ok := lines.next()
		if at := usedAt(l); !ok || !at.IsZero() {
			if !at.Truncate(time.Second).After(used) { // the name tells only the second
				header, _ := readHeader(f)
				at = latest(at, header.Time)
			}
			return latest(at, used)
		}
	}
}

// usedAt returns the time of a record that uses a session, or with which it began. It is
// zero for any other line, and for a very long one that another program wrote.
func usedAt(l line) time.Time {
	for _, start := range []string{messageStart, errorStart} {
		if rest, ok := bytes.CutPrefix(l.start, []byte(start)); ok && l.complete {
			value, _, _ := bytes.Cut(rest[:min(len(rest), 64)], []byte(`"`))
			at, _ := time.Parse(time.RFC3339Nano, string(value))
			return at
		}
	}
	if int64(len(l.start)) < l.size || len(l.start) == 0 || l.start[0] != '{' {
		return time.Time{}
	}
	if r, _ := decodeRecord(bytes.TrimRight(l.start, "\x00")); r.Kind == kindSession || r.isMessage() {
		return r.Time
	}
	return time.Time{}
}

// usesIn returns the uses of the sessions in some months, of those that are known only of
// the sessions that changed since.
func (st *Store) usesIn(months []string, known map[string]int64) []use {
	var sessions []Entry
	for _, month := range months {
		for e, err := range st.inMonth(month, "") {
			if err == nil && strings.IndexByte(e.name(), '\n') < 0 { // an error is for List to return
				sessions = append(sessions, e)
			}
		}
	}
	found := make([]use, len(sessions))
	inParallel(len(sessions), func(numbers iter.Seq[int]) {
		for i := range numbers {
			e := sessions[i]
			since, partly := known[e.month()]
			if partly && exactChanges && !changedSince(e, since-changeGrain) {
				continue
			}
			if at := lastUse(e); !at.IsZero() {
				found[i] = use{name: e.name(), at: at.UnixNano()}
			}
		}
	})
	return slices.DeleteFunc(found, func(u use) bool { return u.name == "" })
}

func changedSince(e Entry, t int64) bool {
	info, err := os.Lstat(e.Path)
	if err != nil {
		return false
	}
	_, changed := identity(info)
	return changed >= t
}

// changeOf returns the last change of a month's directory, or 0 if it cannot be read.
func (st *Store) changeOf(month string) int64 {
	info, err := os.Stat(filepath.Join(st.dir, month))
	if err != nil {
		return 0
	}
	_, changed := identity(info)
	return changed
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// nanoseconds returns a time in nanoseconds since 1970; the zero time is before all others.
func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return math.MinInt64
	}
	return t.UnixNano()
}
