// Package session keeps chats on disk. Its promise: whatever a person has seen
// of an answer is on disk before they see it, whatever kills the process next,
// and nothing half-written is ever read as whole.
//
// Its parts are packages of their own, each importing only those before it: disk (files and
// locks), record (what names and lines say), history (what is sent when a chat goes on), used
// (when sessions were used), journal (an answer while it arrives), merge (what two copies make).
// Here is what is done with them: sessions are found, listed, read, begun, continued, recovered,
// imported, merged and removed.
//
// A session is one file of JSON lines that only grows, in a directory for its
// month; each action is one write. Nothing in it is ever rewritten, so records that
// this program does not know stay, and a line that cannot be read costs only itself.
//
//	2026-11/2026-11-21_23-45-12_k3f9q2ab7xwm.jsonl  a session
//	2026-11/2026-11-21_23-45-12_k3f9q2ab7xwm.torn   ends of writes that power loss cut
//	2026-11/….sync-conflict-….jsonl                 a copy that grew elsewhere, until a listing merges it
//	open/2026-11_k3f9q2ab7xwm.part                  the journal of a turn in progress
//	trash/2026-11-30_08-00-00_5xw2m1qz04te/2026-11  sessions that were removed together
//
// An older oax made IDs of 8 characters. They stay, and so do those of imported chats.
//
// A journal holds an answer while it arrives. Its writer locks it before it writes the
// prompt and until it has saved the answer, so the lock is also the right to add a turn
// to the session. The lock ends with the process: a journal without a lock was left by a
// dead process. All journals are in one directory because every start of the program
// looks for those, and must not list the sessions for it, of which there may be 100,000.
//
// The records of a turn share an ID: the prompt, what the system said before it, and the
// answer or the error that ends it. An answer that is asked for again is a turn of its own.
// The journal has the ID of its turn and the name of its session's file. If the session has
// the end of that turn, the journal is void; otherwise the journal is the answer: texts, tool
// calls, finish reason and usage as far as they came. An older oax wrote no IDs; its journals
// say at which offset of the session the answer belongs.
//
// A call of a tool is recorded and synced before the tool starts, and its result after it has
// ended; the lock is held from the prompt to the last answer. A call without a record did not
// run, and one without a result may have run: both are told to the person, and to the model in
// place of the result. Each answer between them has a turn ID and a journal of its own.
//
// Any process can follow an answer that is being written: Tail reads the journal while it
// grows, until it is removed or its lock is free.
//
// What survives what:
//
//	Ctrl-C, kill, a closed terminal, | head   the text so far, in the session, before the process ends
//	kill -9, a crash, no memory               all that was printed; the next start puts it into the session
//	killed while tools run                    which calls ran, which may have run, which did not; no call
//	                                          runs twice
//	the power goes                            every answer that was called saved; of one that was still
//	                                          arriving the prompt, and what the system had written by then
//	the connection breaks, or stalls          the text so far, marked with the reason
//	the disk is full, read-only, over its     before the prompt is saved: nothing is sent. Later: the whole
//	quota, or fails                           answer on standard output, what fits in the session, and a copy
//	                                          of all of it in the temporary directory
//	a session's file is cut, zeroed, damaged  every record that can be read; the rest is kept beside it
//	two runs on one session, 500 on a store   every turn of every run; the later of two becomes a branch
//	a session is removed while it is answered a new session, with every line it had
//	two files have one ID                     both; what is left of an answer goes into its own
//	a file system without modes               all, and that others may read it is said once
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
	"path/filepath"
	"sync"
	"time"

	"oax/internal/session/disk"
	"oax/internal/session/journal"
	"oax/internal/session/record"
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
	// ReadOnly makes lists write nothing: no cache, and nothing is put right.
	ReadOnly bool

	dir, rescue string
	now         func() time.Time

	noting sync.Mutex
	notes  map[string][]string // of merging, by session, for Load; those of "" are for the next writer
	given  int                 // how many of "" a writer has
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

// Open returns the IDs of the sessions that have a journal. After Recover those are
// the ones that another process has open.
func (st *Store) Open() map[string]bool {
	names, _ := disk.ReadNames(filepath.Join(st.dir, journal.Dir))
	open := map[string]bool{}
	for _, e := range st.journals(names) {
		open[e.ID] = true
	}
	return open
}

// pathOf returns the path of a session that begins at t. UTC makes names sort by time
// across time zones and clock changes. An earlier oax let people choose another pattern;
// nothing but the ID at the end of a name is relied on.
func (st *Store) pathOf(t time.Time, id string) string {
	return filepath.Join(st.dir, record.MonthOf(t), record.FileStem(t, id)+record.Extension)
}
