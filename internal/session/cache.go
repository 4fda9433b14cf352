package session

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// How a line of the cache is written and read. uses.go says what the cache is for.

// The lines of the cache: a kind, and the written, at and name of a use. Times are nanoseconds
// since 1970. Lines stand in the order in which they were written.
const (
	kindUse   = "use"   // when the line was written; when it was used; the session
	kindMade  = "made"  // change of the directory before and after; its month
	kindKnown = "known" // 0; 0; month=change of each month
)

// use says when a session was used. The name is that of Entry.name.
type use struct {
	name        string
	written, at int64
}

// compare orders uses by time; those at the same time are in the order of the names.
func (u use) compare(other use) int {
	return cmp.Or(cmp.Compare(u.at, other.at), strings.Compare(u.name, other.name))
}

// line returns the line of the cache for a use, or for what a line of another kind has in its
// place.
func (u use) line(kind string) []byte {
	return fmt.Appendf(nil, "%s %d %d %s\n", kind, u.written, u.at, u.name)
}

// parseCacheLine reads any bytes. A line that is none has no kind.
func parseCacheLine(line []byte) (kind string, u use) {
	fields := strings.SplitN(strings.TrimSuffix(string(line), "\n"), " ", 4)
	if len(fields) < 4 {
		return "", use{}
	}
	written, err := strconv.ParseInt(fields[1], 10, 64)
	at, failed := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || failed != nil || fields[0] == kindUse && !strings.HasSuffix(fields[3], fileExtension) {
		return "", use{}
	}
	return fields[0], use{fields[3], written, at}
}

func parseKnown(text string) map[string]int64 {
	known := map[string]int64{}
	for field := range strings.FieldsSeq(text) {
		month, change, _ := strings.Cut(field, "=")
		if n, err := strconv.ParseInt(change, 10, 64); err == nil {
			known[month] = n
		}
	}
	return known
}

// cachePath returns the path of the cache, or "" if there is no store.
func (st *Store) cachePath() string {
	info, err := os.Stat(st.dir)
	if err != nil {
		return ""
	}
	inode, _ := identity(info)
	return filepath.Join(st.dir, cacheDir, fmt.Sprintf("uses-%x", inode))
}

// noteUse adds to the cache that a session got some records. They must be in the session
// already: a list that makes a new cache meanwhile finds them there, unless it has made the
// file before, and then this use is in it.
func (st *Store) noteUse(e Entry, records []byte) { st.addToCache(st.useLine(e, records)) }

// noteMade adds to the cache that a session was made of some records, which changed the
// directory of its month; before is the change before that.
func (st *Store) noteMade(e Entry, records []byte, before int64) {
	made := use{e.month(), before, st.changeOf(e.month())}
	st.addToCache(append(made.line(kindMade), st.useLine(e, records)...))
}

// useLine returns the line for a session that got some records, or nil if they are no use of
// it or it is not in the store.
func (st *Store) useLine(e Entry, records []byte) []byte {
	at := time.Time{}
	for record := range bytes.Lines(records) {
		at = latest(at, usedAt(line{start: record, size: int64(len(record)), complete: true}))
	}
	if at.IsZero() || filepath.Dir(filepath.Dir(e.Path)) != filepath.Clean(st.dir) {
		return nil
	}
	return use{e.name(), max(at.UnixNano(), time.Now().UnixNano()), at.UnixNano()}.line(kindUse)
}

// addToCache adds lines with one write, if there is a cache. A cache that lacks a line is
// removed.
func (st *Store) addToCache(lines []byte) {
	if len(lines) == 0 {
		return
	}
	path := st.cachePath()
	f, err := openFile(path, os.O_WRONLY|os.O_APPEND)
	if err != nil {
		return
	}
	if _, err := f.Write(lines); err != nil {
		_ = os.Remove(path)
	}
	f.Close()
}
