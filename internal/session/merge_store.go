package session

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"

	"oax/internal/session/disk"
	"oax/internal/session/merge"
	"oax/internal/session/record"
)

// How a copy of a session is merged into the session on disk.

// maxMerged is how large a session and a copy of it can be, in bytes: both are read as a
// whole.
const maxMerged = 64 << 20

// readMerged reads a file that is to be merged. It is a FileError if that is too large.
func readMerged(f *os.File) ([]byte, error) {
	whole, err := disk.Whole(f)
	if err == nil && whole.Size() > maxMerged {
		err = &disk.FileError{Path: f.Name(), What: "over 64 MiB"}
	}
	if err != nil {
		return nil, err
	}
	return disk.ReadAll(f)
}

// judge says what becomes of a session that has the lines before.
func (st *Store) judge(is *Merged, m *merge.Merged, before []byte) {
	is.Outcome = Present
	if whole, _ := merge.Split(before); !bytes.Equal(m.Session, whole) {
		is.Outcome = Grown
	}
	if m.Branch != nil {
		is.Branch = Entry{m.ForkID, st.pathOf(m.Began, m.ForkID)}
		if there, err := disk.ReadFile(is.Branch.Path); err != nil || !bytes.Equal(there, m.Branch) {
			is.Outcome = Forked
		}
	}
}

// mergeInto merges a copy into a session. When it returns, all that is in the copy outlasts
// a power loss. It writes the branch first, then the session, so that at no time anything
// is in neither. A dry run only says what would become of the session.
func (im *Importer) mergeInto(is *Merged, other []byte) error {
	if err := im.flushPending(is.ID); err != nil {
		return err
	}
	e, st, flag := is.Entry, im.store, os.O_RDONLY
	if !im.DryRun {
		l, _, err := st.lockRecovered(e, im.patience)
		if err != nil {
			return err
		}
		defer l.Discard()
		flag = disk.ForAppend
	}
	f, err := openSession(e, flag)
	if err != nil {
		return err
	}
	defer f.Close()
	if !im.DryRun {
		if _, err := st.mendFile(f, e.Path); err != nil {
			return err
		}
	}
	data, err := readMerged(f)
	if err != nil {
		return err
	}
	m := merge.Copies(e.ID, data, other)
	st.judge(is, &m, data)
	if im.DryRun {
		return nil
	}
	if err = keepTorn(e, m.Torn...); err == nil && m.Branch != nil {
		err = im.put(is.Branch, m.Branch)
	}
	if err != nil {
		return err
	}
	return st.grow(f, e, data, m.Session)
}

// put merges a copy into a session, which may not exist yet.
func (im *Importer) put(e Entry, data []byte) error {
	if disk.IsFree(e.Path) == nil {
		whole, _ := merge.Split(data)
		if err := errors.Join(im.stage(e, Origin{}, whole), im.Flush()); err != nil {
			return err
		}
	}
	im.known[e.ID] = e.Path
	return im.mergeInto(&Merged{Entry: e}, data) // also if it has just become a session: another process may have made that
}

// grow makes the data in a session, which is locked, other data.
func (st *Store) grow(f *os.File, e Entry, data, grown []byte) (err error) {
	more, grows := bytes.CutPrefix(grown, data)
	switch {
	case !grows:
		return st.replace(f, e, grown, int64(len(data)))
	case len(data) > 0 && data[len(data)-1] != '\n': // appendTo ends the line
		more = bytes.TrimPrefix(more, []byte("\n"))
	}
	if len(more) > 0 {
		err = st.appendTo(f, e.Path, more)
	}
	return errors.Join(err, f.Sync(), disk.SyncDir(filepath.Dir(e.Path)))
}

// replace puts other lines into a session that has size bytes. They appear as a whole, once
// they are sure to outlast a power loss.
func (st *Store) replace(f *os.File, e Entry, data []byte, size int64) error {
	l, err := disk.WaitLock(e.Path)
	if err != nil {
		return &BusyError{ID: e.ID}
	}
	defer l.Unlock()
	if now, _, err := disk.End(f); err != nil || now != size || disk.IsAt(e.Path, f) != nil {
		return errors.Join(err, &BusyError{ID: e.ID}) // a title was added meanwhile
	}
	if err := putFile(e, data, disk.SyncFile); err != nil {
		return err
	}
	return disk.SyncDir(filepath.Dir(e.Path))
}

// keepTorn puts unfinished records into the .torn file of a session, unless it has them.
func keepTorn(e Entry, torn ...[]byte) error {
	kept, err := disk.ReadFile(record.TornPath(e.Path))
	if err = disk.IgnoreMissing(err); err != nil {
		return err
	}
	for _, end := range torn {
		if len(end) == 0 || bytes.Contains(kept, end) {
			continue
		}
		if err := disk.AppendSynced(record.TornPath(e.Path), bytes.NewReader(end)); err != nil {
			return err
		}
	}
	return nil
}
