package session

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	"oax/internal/session/disk"
	"oax/internal/session/record"
)

// The conflict copies that a program which synchronizes files leaves beside a session that
// grew on two machines. A listing merges them.

// mergeConflicts merges the conflict copies among the names in a directory of the store, and
// reports whether there were any. What a person should know of it is a note of the session
// in each Load from then on; a copy that cannot be merged stays.
func (st *Store) mergeConflicts(dir string, names []string) (found bool) {
	var copies []string
	for _, name := range names {
		if len(name) > record.MaxName && record.ConflictOf(name) != "" {
			copies = append(copies, name)
		}
	}
	slices.Sort(copies)
	im := st.newImporter(0)
	for _, name := range copies {
		base := record.ConflictOf(name)
		e := Entry{record.IDOf(base), filepath.Join(dir, base)}
		if disk.IsFree(e.Path) != nil {
			im.known[e.ID] = e.Path
		}
		if note := noteOf(im.mergeFile(filepath.Join(dir, name))); note != "" {
			st.addNote(e.ID, note)
		}
	}
	return copies != nil
}

// noteOf returns what a person should know of a conflict copy that was merged.
func noteOf(m Merged, err error) string {
	_, busy := errors.AsType[*BusyError](err)
	switch {
	case busy: // another time
	case err != nil:
		return cannotMerge(m.Copy, err)
	case m.Outcome == Forked:
		return "it went on in two places; what came later is session " + m.Branch.ID
	case m.Outcome == Grown || m.Outcome == Added:
		return "merged with " + filepath.Base(m.Copy)
	}
	return ""
}

func cannotMerge(path string, err error) string {
	if copied, ok := errors.AsType[*CopyError](err); ok {
		err = copied.Err
	}
	what := err.Error()
	if file, ok := errors.AsType[*disk.FileError](err); ok {
		what = "it is " + file.What
	}
	return "cannot merge " + filepath.Base(path) + " (kept as is): " + what
}

// addNote keeps a note for each Load of a session in this process, or for the next writer if
// the ID is empty.
func (st *Store) addNote(id, note string) {
	st.noting.Lock()
	defer st.noting.Unlock()
	if st.notes == nil {
		st.notes = map[string][]string{}
	}
	if !slices.Contains(st.notes[id], note) {
		st.notes[id] = append(st.notes[id], note)
	}
}

// notesOf returns the notes for a session.
func (st *Store) notesOf(id string) []string {
	st.noting.Lock()
	defer st.noting.Unlock()
	return slices.Clone(st.notes[id])
}

// isConflict reports whether there is a conflict copy of this store at path.
func (st *Store) isConflict(path string) bool {
	month := filepath.Dir(path)
	here, err := os.Stat(st.dir)
	there, failed := os.Stat(filepath.Dir(month))
	return err == nil && failed == nil && os.SameFile(here, there) && record.ConflictOf(filepath.Base(path)) != ""
}

// dropConflict removes a conflict copy of this store, if it is still as it was read.
func (st *Store) dropConflict(c *sessionCopy) error {
	if !st.isConflict(c.path) {
		return nil
	}
	size, _, err := disk.End(c.file)
	if err != nil || size != int64(len(c.data)) || disk.IsAt(c.path, c.file) != nil {
		return err
	}
	c.file.Close() // Windows removes no open file
	return errors.Join(os.Remove(c.path), disk.SyncDir(filepath.Dir(c.path)))
}
