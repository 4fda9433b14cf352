// Package session keeps chats on disk. Its promise: whatever a person has seen
// of an answer is on disk before they see it, whatever kills the process next,
// and nothing half-written is ever read as whole.
//
// A session is one file of JSON lines that only grows, in a directory for its
// month; each action is one write. Nothing in it is ever rewritten, so records that
// this program does not know stay, and a line that cannot be read costs only itself.
//
//	2026-11/2026-11-21_23-45-12_k3f9q2ab.jsonl  a session
//	2026-11/2026-11-21_23-45-12_k3f9q2ab.torn   ends of writes that power loss cut
//	2026-11/….sync-conflict-….jsonl             a copy that grew elsewhere, until a listing merges it
//	open/2026-11_k3f9q2ab.part                  the journal of a turn in progress
//	trash/2026-11-30_08-00-00_5xw2m1qz/2026-11  sessions that were removed together
//
// A journal holds an answer while it arrives. Its writer locks it before it writes the
// prompt and until it has saved the answer, so the lock is also the right to add a turn
// to the session. The lock ends with the process: a journal without a lock was left by a
// dead process. All journals are in one directory because every start of the program
// looks for those, and must not list the sessions for it, of which there may be 100,000.
//
// The journal says at which offset of the session the answer belongs. If an answer is
// found there, the journal is void; otherwise the journal is the answer.
//
// What survives what:
//
//	Ctrl-C, kill, a closed terminal, | head   the text so far, in the session, before the process ends
//	kill -9, a crash, no memory               all that was printed; the next start puts it into the session
//	the power goes                            every answer that was called saved; of one that was still
//	                                          arriving the prompt, and what the system had written by then
//	the connection breaks, or stalls          the text so far, marked with the reason
//	the disk is full, read-only, over its     before the prompt is saved: nothing is sent. Later: the whole
//	quota, or fails                           answer on standard output, what fits in the session, and a copy
//	                                          of all of it in the temporary directory
//	a session's file is cut, zeroed, damaged  every record that can be read; the rest is kept beside it
//	two runs on one session, 500 on a store   every turn of every run; the later of two becomes a branch
//	a session is removed while it is answered a new session, with all that was said
//
// What does not: a disk that says it has written and has not. A changed letter that leaves
// a record valid JSON (there are no checksums). On a file system without locks, two runs on
// one session do not see each other.
//
// The sweeps of `make torture` look for what no list of faults has. Those of this package
// cut, zero and flip sessions and journals at every byte (TestTortureTorn, Flipped, Journal)
// and lose what was not synced. Those of cmd/oax kill the built program at each of its
// system calls and fail each with eight errors (TestTortureSyscalls, TornRecords, Terminal),
// tear its files at every size (TornFile, FileSize), reorder what was not synced
// (PowerLoss), kill -9 at random (Kills, Children), end the stream at every byte (Cuts), use
// a full, a read-only and another user's disk (FullDisk, ReadOnly, AnothersStore), and run
// 500 at once (Crowd, CrowdInOneSession).
package session

import (
	"iter"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"oax/internal/term"
)

// Options say where sessions are. Rescue is a directory outside of Dir for a copy
// of an answer that Dir cannot take, or empty for none. Now is the clock, time.Now if
// nil.
type Options struct {
	Dir, Rescue string
	Now         func() time.Time
}

// Store is a directory of sessions. Any number of processes may use one at once.
type Store struct {
	dir, rescue  string
	now          func() time.Time
	lockless     atomic.Bool // the file system has no locks; the next writer says so
	saidLockless atomic.Bool
	exposed      atomic.Bool // the file system has no modes; the next writer says so
	saidExposed  atomic.Bool

	noting sync.Mutex
	notes  map[string][]string // of merging, by session, for Load
}

// New returns the store in a directory, which need not exist. It does no input or
// output.
func New(o Options) *Store {
	now := o.Now
	if now == nil {
		now = time.Now
	}
	st := &Store{dir: o.Dir, rescue: o.Rescue}
	// As in the names of files; and to find the local zone, files would have to be read.
	st.now = func() time.Time { return now().UTC() }
	return st
}

// Entry names a session. The file may be damaged, or removed by now.
type Entry struct{ ID, Path string }

// month returns the name of the directory that the session is in.
func (e Entry) month() string { return filepath.Base(filepath.Dir(e.Path)) }

// Filter says which sessions are wanted: those that began at Since or later and before
// Until, to the second, and if Among is not nil only those of it. A zero time sets no
// bound.
type Filter struct {
	Since, Until time.Time
	Among        []Entry
}

// List yields the sessions that are wanted, newest first by their names, or in the order
// of Among. It looks at no file until it is asked for it, goes by the names of months and
// files, opens only a file whose name does not tell when it began, and does not list
// months that are out of bounds. An error is that of one directory; others follow. A store
// that does not exist has no sessions.
func (st *Store) List(f Filter) iter.Seq2[Entry, error] {
	p := period{f.Since, f.Until}
	return func(yield func(Entry, error) bool) {
		for _, e := range f.Among {
			if st.beganIn(p, e) && !yield(e, nil) {
				return
			}
		}
		if f.Among != nil {
			return
		}
		months, err := st.months()
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for _, month := range months {
			if !p.mayInclude(month) {
				continue
			}
			for e, err := range st.inMonth(month) {
				if err == nil && p.cuts(month) && !st.beganIn(p, e) {
					continue
				}
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

// WithPrefix yields the sessions whose IDs begin with a prefix, newest first by their
// names. It only reads: unlike List it removes nothing that dead processes left, and
// passes over a directory that it cannot read.
func (st *Store) WithPrefix(prefix string) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		months, _ := st.months()
		for _, month := range months {
			dir := filepath.Join(st.dir, month)
			names, _ := readNames(dir)
			names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(idOf(name), prefix) })
			for e := range entriesOf(dir, names) {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// Open returns the IDs of the sessions that have a journal. After Recover those are
// the ones that another process has open.
func (st *Store) Open() map[string]bool {
	names, _ := readNames(filepath.Join(st.dir, openDir))
	open := map[string]bool{}
	for _, name := range names {
		if stem, ok := strings.CutSuffix(name, journalExtension); ok {
			_, id := cutLast(stem, '_')
			open[id] = true
		}
	}
	return open
}

// months returns the names of the directories of sessions, newest first.
func (st *Store) months() ([]string, error) {
	names, err := readNames(st.dir)
	months := slices.DeleteFunc(names, func(name string) bool { return !isMonth(name) })
	slices.Sort(months)
	slices.Reverse(months)
	return months, err
}

// inMonth yields the sessions of one directory, newest first, or its error.
func (st *Store) inMonth(month string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		dir := filepath.Join(st.dir, month)
		names, err := readNames(dir)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		st.sweep(dir, names)
		if st.mergeConflicts(dir, names) {
			if names, err = readNames(dir); err != nil {
				yield(Entry{}, err)
				return
			}
		}
		for e := range entriesOf(dir, names) {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// sweep removes what killed processes left of sessions that they had not finished
// making. Nothing was sent or printed for those.
func (st *Store) sweep(dir string, names []string) {
	for _, name := range names {
		id, ok := strings.CutPrefix(name, tempPrefix)
		if ok && isRef(id) {
			st.sweepTemp(Entry{id, filepath.Join(dir, name)})
		}
	}
}

// entriesOf yields the sessions among the names in a directory, newest first. It reorders
// names.
func entriesOf(dir string, names []string) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for name := range newestFirst(names) {
			if id := idOf(name); id != "" && !yield(Entry{id, filepath.Join(dir, name)}) {
				return
			}
		}
	}
}

// newestFirst yields names in descending order. It sorts them all only if more than a
// few are wanted: to list 20 of 100,000 sessions costs little more than to read their
// names.
func newestFirst(names []string) iter.Seq[string] {
	const few = 32
	descending := func(a, b string) int { return strings.Compare(b, a) }
	return func(yield func(string) bool) {
		first := make([]string, 0, few+1)
		for _, name := range names {
			if len(first) == few && name <= first[few-1] {
				continue
			}
			at, _ := slices.BinarySearchFunc(first, name, descending)
			first = slices.Insert(first, at, name)
			first = first[:min(len(first), few)]
		}
		for _, name := range first {
			if !yield(name) {
				return
			}
		}
		if len(names) <= few {
			return
		}
		slices.SortFunc(names, descending)
		for _, name := range names[few:] {
			if !yield(name) {
				return
			}
		}
	}
}

// period is the time from since until before until. A zero time sets no bound.
type period struct{ since, until time.Time }

// mayInclude reports whether some time of a month is in the period.
func (p period) mayInclude(month string) bool {
	return (p.since.IsZero() || month >= monthOf(p.since)) && (p.until.IsZero() || month <= monthOf(p.until))
}

// cuts reports whether the period may begin or end in a month.
func (p period) cuts(month string) bool {
	return !p.since.IsZero() && month == monthOf(p.since) || !p.until.IsZero() && month == monthOf(p.until)
}

// beganIn reports whether a session began in a period, or may have, if nothing says when
// it began. A name says it to the second.
func (st *Store) beganIn(p period, e Entry) bool {
	if p.since.IsZero() && p.until.IsZero() {
		return true
	}
	stem, _ := cutLast(filepath.Base(e.Path), '_')
	began, err := term.ParseTime(stem, timeInName)
	if err != nil {
		s, _ := st.Summary(e)
		began = s.Time
	}
	if began.IsZero() {
		return true
	}
	return !began.Before(p.since.Truncate(time.Second)) && (p.until.IsZero() || began.Before(p.until))
}

// The names of directories and files.
const (
	timeInName    = "%Y-%m-%d_%H-%M-%S"
	monthName     = "%Y-%m"
	fileExtension = ".jsonl"

	// Crockford's base32: in ASCII order, so that numbers and their digits sort alike.
	alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	idLen    = 8
)

// newID returns three digits of the fraction of t's second and five random ones,
// so that sessions that began within one second still sort by time.
func newID(t time.Time) string {
	id := []byte(newTurnID())
	fraction := int64(t.Nanosecond()) << 15 / int64(time.Second)
	id[0], id[1], id[2] = alphabet[fraction>>10&31], alphabet[fraction>>5&31], alphabet[fraction&31]
	return string(id)
}

// newTurnID returns random digits.
func newTurnID() string {
	var id [idLen]byte
	for i := range id {
		id[i] = alphabet[rand.IntN(len(alphabet))]
	}
	return string(id[:])
}

// pathOf returns the path of a session that begins at t. UTC makes names sort by time
// across time zones and clock changes. An earlier oax let people choose another pattern;
// nothing but the ID at the end of a name is relied on.
func (st *Store) pathOf(t time.Time, id string) string {
	return filepath.Join(st.dir, monthOf(t), fileStem(t, id)+fileExtension)
}

// fileStem returns the name of a session file without its extension.
func fileStem(t time.Time, id string) string {
	return term.FormatTime(t.UTC(), timeInName) + "_" + id
}

func monthOf(t time.Time) string { return term.FormatTime(t.UTC(), monthName) }

// isRef reports whether s can be the beginning of an ID. IDs that other programs make
// may use letters that newID does not.
func isRef(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

func isID(s string) bool { return len(s) == idLen && isRef(s) }

// idOf returns the ID in the name of a session file, or "" if it is not one.
func idOf(name string) string {
	stem, ok := strings.CutSuffix(name, fileExtension)
	_, id := cutLast(stem, '_')
	if !ok || !isID(id) {
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
