// Package used knows when sessions were used, in a cache. A message or an error record that is
// added to a session uses it: a session was used at the time of the last such record, or when it
// began if that is later, as in a copy. So the truth is in the sessions, whatever their
// modification times are.
//
// A list does not look for it there. The names of the files say when the sessions began,
// and a cache which of them were used later. It is cache/uses-INODE in the store, INODE
// being that of the store's directory. Whoever adds a record to a session adds a line to
// the cache, if there is one, with one write and without a sync: any number of processes
// may do so at once. A list reads the cache from its end and merges it with the names.
// The first 20 of 100,000 sessions cost a look at the directory of each month (2 µs), the
// end of the cache (16 KiB) and the names of the last month.
//
// The cache also says of each month's directory by which of its changes all sessions in it
// were known. A store that is copied gets new directories, and what synchronizes, restores
// or unpacks sessions puts new names into them. A list that meets a changed month looks at
// each session in it that changed since (2 µs each; where the system does not tell, at
// all). A month that the cache does not know, or without a cache every month, costs the end
// of each session once (10 µs each). A session that this program makes costs nothing: its
// line says which change of the directory it was.
//
// Two things go unseen until the session is used or its directory changes; till then it is
// listed where it was, and to delete the directory cache puts it right. A program that
// writes into a session in place, as cp does, in a month where nothing else changes. And a
// power loss, which can take the lines of the last seconds.
package used

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"oax/internal/session/disk"
	"oax/internal/session/record"
)

const (
	cacheDir = "cache"

	// maxKnownDistance is how much of the cache, in bytes, a list reads without need to find
	// the line of kindKnown. One that is farther from the end is written again.
	maxKnownDistance = 16 << 10

	// maxUnordered is how many uses a list adds that are much older than their lines. As long
	// as there are such lines at the end of the cache, each list reads them.
	maxUnordered = 200

	// usesDisorder is how much later than it should a line can be in the cache: its writer
	// may have been stopped for a moment.
	usesDisorder = int64(time.Minute)

	// changeGrain is what the times of changes are exact to, on the coarsest file system.
	changeGrain = int64(2 * time.Second)
)

// Uses yields the uses in a cache, the last one first.
type Uses struct {
	file    *os.File
	size    int64            // of the file when it was opened
	lines   *record.Backward // of the cache; nil if all are read
	written int64            // no line that is not read yet was written later
	pending []use            // read and not yielded, the last use first
	decided map[string]bool  // the sessions of which the last line is read; true if it counts
}

// Cache is the cache of the store in a directory.
type Cache struct{ Dir string }

// Open opens the cache and brings it up to date, unless it is only to be read. The months are
// all that there are; sessionsIn returns the paths of the sessions in one.
func (c Cache) Open(months []string, readOnly bool, sessionsIn func(month string) []string) *Uses {
	u := &Uses{written: math.MaxInt64 - usesDisorder, decided: map[string]bool{}}
	change := map[string]int64{}
	for _, month := range months {
		change[month] = c.ChangeOf(month)
	}
	path, began := c.path(), time.Now().UnixNano()
	last, known, distance := u.open(path)
	if known == nil && !readOnly { // before sessions are looked at: see note
		u.create(path)
	}
	changed := slices.DeleteFunc(slices.Clone(months), func(month string) bool {
		return known[month] == change[month] && change[month] != 0
	})
	found := usesIn(changed, known, sessionsIn)
	slices.SortFunc(found, use.compare)
	if known == nil {
		found = needed(found)
	}
	for i := range found {
		found[i].written = max(found[i].at, began)
	}
	for _, month := range changed {
		if began-change[month] < changeGrain {
			change[month]-- // another change can have the same time
		}
	}
	for _, use := range slices.Backward(found) { // each is then behind all that are pending
		u.add(use)
	}
	for _, use := range last {
		u.add(use)
	}
	if len(found) > maxUnordered {
		found = u.all()
	}
	if readOnly {
		return u
	}
	if len(found) > 0 || !maps.Equal(known, change) || distance > maxKnownDistance {
		u.write(found, change)
	}
	return u
}

// all reads the whole cache. It returns all uses as if they had been written when they
// happened, the last one last: before them, nothing in the cache counts any more.
func (u *Uses) all() []use {
	u.ReadAll()
	all := slices.Clone(u.pending)
	slices.Reverse(all)
	for i := range all {
		all[i].written = all[i].at
	}
	return all
}

// open opens a cache and reads its end: the uses behind the last line of kindKnown, the
// last one first, and what is known of the months by now; nil if the cache does not say.
// distance is how much it read, in bytes.
func (u *Uses) open(path string) (last []use, known map[string]int64, distance int64) {
	const maxDistance = 64 << 20
	var err error
	if u.file, err = disk.OpenFile(path, disk.ForAppend); err != nil {
		if u.file, err = disk.Open(path); err != nil {
			return nil, nil, 0
		}
	}
	u.size, _, _ = disk.End(u.file)
	u.lines = &record.Backward{File: u.file, At: u.size}
	var made []use
	for known == nil && distance < maxDistance {
		l, ok := u.lines.Next()
		if !ok {
			break
		}
		distance += l.Size
		switch kind, x := parseCacheLine(l.Start); kind {
		case kindUse:
			last = append(last, x)
			u.written = x.written
		case kindMade:
			made = append(made, x)
		case kindKnown:
			known = parseKnown(x.name)
		}
	}
	if known == nil {
		u.Close()
		u.lines, u.size = nil, 0
		return nil, nil, 0
	}
	for _, x := range slices.Backward(made) {
		if month, before, after := x.name, x.written, x.at; known[month] == before {
			known[month] = after
		}
	}
	return last, known, distance
}

// needed returns the uses of all sessions, which are sorted, without those of which the name
// of the session tells enough.
func needed(all []use) (needed []use) {
	for i, x := range all {
		began := nanoseconds(record.TimeOf(x.name))
		end := began + int64(time.Second)
		if x.at < end && (i == 0 || all[i-1].at < began) && (i == len(all)-1 || all[i+1].at >= end) {
			continue // in the second that the name tells, in which no other session was used
		}
		needed = append(needed, x)
	}
	return needed
}

// create makes an empty cache in place of one that cannot be used. If it cannot, the
// sessions are looked at again next time.
func (u *Uses) create(path string) {
	_ = os.Remove(path)
	if _, err := disk.MakeDir(filepath.Dir(path)); err == nil {
		u.file, _ = disk.Create(path)
	}
}

// write adds to the cache what was found, and at which change of the months. The last line
// about a session counts: later uses that others have written since the cache was opened it
// writes again, each once, since others may do the same.
func (u *Uses) write(found []use, change map[string]int64) {
	var data []byte
	written := map[string]int64{}
	for _, x := range found {
		data = append(data, x.line(kindUse)...)
		written[x.name] = x.at
	}
	var known strings.Builder
	for month, at := range change {
		fmt.Fprintf(&known, "%s=%d ", month, at)
	}
	data = append(data, use{name: known.String()}.line(kindKnown)...)
	for end := u.size; len(data) > 0 && u.file != nil; {
		_, err := u.file.Write(data)
		at, failed := u.file.Seek(0, io.SeekCurrent)
		if err != nil || failed != nil {
			_ = os.Remove(u.file.Name())
			return
		}
		at -= int64(len(data))
		others := make([]byte, max(at-end, 0))
		_, _ = u.file.ReadAt(others, end)
		end, data = at+int64(len(data)), nil
		for line := range bytes.Lines(others) {
			if kind, x := parseCacheLine(line); kind == kindUse && x.at > written[x.name] {
				data = append(data, line...)
				written[x.name] = x.at
			}
		}
	}
}

// Next returns the last use after a time that was not returned yet: the name of the session, as
// record.InStore has it, and when it was used.
func (u *Uses) Next(t time.Time) (name string, at time.Time, ok bool) {
	after := nanoseconds(t)
	first := func() int64 {
		if len(u.pending) == 0 {
			return math.MinInt64
		}
		return u.pending[0].at
	}
	for u.lines != nil && u.written+usesDisorder > max(after, first()) {
		u.read()
	}
	if first() <= after {
		return "", time.Time{}, false
	}
	next := u.pending[0]
	u.pending = u.pending[1:]
	return next.name, time.Unix(0, next.at), true
}

// Returns reports whether a session was returned by next, or will be, as far as the cache is read.
func (u *Uses) Returns(name string) bool { return u.decided[name] }

// Forget makes a session one of which the cache says nothing.
func (u *Uses) Forget(name string) { delete(u.decided, name) }

// read reads a line of the cache.
func (u *Uses) read() {
	l, ok := u.lines.Next()
	if !ok {
		u.lines = nil
	}
	if kind, x := parseCacheLine(l.Start); kind == kindUse {
		u.written = x.written
		u.add(x)
	}
}

// ReadAll reads all lines of the cache.
func (u *Uses) ReadAll() {
	for u.lines != nil {
		u.read()
	}
}

// add takes a line of the cache, unless a later one was about the same session. If it says
// that the session was not used after it began, its name tells enough.
func (u *Uses) add(x use) {
	if _, later := u.decided[x.name]; later {
		return
	}
	counts := x.at >= nanoseconds(record.TimeOf(x.name))
	u.decided[x.name] = counts
	if counts {
		i, _ := slices.BinarySearchFunc(u.pending, x, func(a, b use) int { return b.compare(a) })
		u.pending = slices.Insert(u.pending, i, x)
	}
}

// Close closes the cache.
func (u *Uses) Close() {
	if u.file != nil {
		u.file.Close()
		u.file = nil
	}
}
