package used

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// How a line of the cache is written and read. The package comment says what the cache is for.

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
	if err != nil || failed != nil || fields[0] == kindUse && !strings.HasSuffix(fields[3], record.Extension) {
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

// path returns the path of the cache, or "" if there is no store.
func (c Cache) path() string {
	info, err := os.Stat(c.Dir)
	if err != nil {
		return ""
	}
	inode, _ := disk.Identity(info)
	return filepath.Join(c.Dir, cacheDir, fmt.Sprintf("uses-%x", inode))
}

// Note adds to the cache that a session got some records. They must be in the session
// already: a list that makes a new cache meanwhile finds them there, unless it has made the
// file before, and then this use is in it.
func (c Cache) Note(path string, records []byte) { c.add(c.useLine(path, records)) }

// NoteMade adds to the cache that a session was made of some records, which changed the
// directory of its month; before is the change before that.
func (c Cache) NoteMade(path string, records []byte, before int64) {
	made := use{record.MonthIn(path), before, c.ChangeOf(record.MonthIn(path))}
	c.add(append(made.line(kindMade), c.useLine(path, records)...))
}

// useLine returns the line for a session that got some records, or nil if they are no use of
// it or it is not in the store.
func (c Cache) useLine(path string, records []byte) []byte {
	at := time.Time{}
	for line := range bytes.Lines(records) {
		at = record.Latest(at, record.UsedAt(record.Line{Start: line, Size: int64(len(line)), Complete: true}))
	}
	if at.IsZero() || filepath.Dir(filepath.Dir(path)) != filepath.Clean(c.Dir) {
		return nil
	}
	return use{record.InStore(path), max(at.UnixNano(), time.Now().UnixNano()), at.UnixNano()}.line(kindUse)
}

// add adds lines with one write, if there is a cache. A cache that lacks a line is
// removed.
func (c Cache) add(lines []byte) {
	if len(lines) == 0 {
		return
	}
	path := c.path()
	f, err := disk.OpenFile(path, os.O_WRONLY|os.O_APPEND)
	if err != nil {
		return
	}
	if _, err := f.Write(lines); err != nil {
		_ = os.Remove(path)
	}
	f.Close()
}
