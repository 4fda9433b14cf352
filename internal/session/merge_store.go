package session

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
)

// How a copy of a session is merged into the session on disk.

// maxMerged is how large a session and a copy of it can be, in bytes: both are read as a
// whole.
const maxMerged = 64 << 20

// readMerged reads a file that is to be merged. It is a FileError if that is too large.
func readMerged(f *os.File) ([]byte, error) {
	whole, err := wholeOf(f)
	if err == nil && whole.Size() > maxMerged {
		err = &FileError{f.Name(), "over 64 MiB"}
	}
	if err != nil {
		return nil, err
	}
	return readAll(f)
}

// judge says what becomes of a session that has the lines before.
func (st *Store) judge(is *Merged, m *merged, before []byte) {
	is.Outcome = Present
	if !bytes.Equal(m.session, joinLines(newSide(before).lines)) {
		is.Outcome = Grown
	}
	if m.branch != nil {
		is.Branch = Entry{m.fork.ID, st.pathOf(m.began, m.fork.ID)}
		if there, err := readFile(is.Branch.Path); err != nil || !bytes.Equal(there, m.branch) {
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
		defer l.discard()
		flag = forAppend
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
	m := mergeCopies(e.ID, data, other)
	st.judge(is, &m, data)
	if im.DryRun {
		return nil
	}
	if err = keepTorn(e, m.torn...); err == nil && m.branch != nil {
		err = im.put(is.Branch, m.branch)
	}
	if err != nil {
		return err
	}
	return st.grow(f, e, data, m.session)
}

// put merges a copy into a session, which may not exist yet.
func (im *Importer) put(e Entry, data []byte) error {
	if isFree(e.Path) == nil {
		if err := errors.Join(im.stage(e, Origin{}, joinLines(newSide(data).lines)), im.Flush()); err != nil {
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
	return errors.Join(err, f.Sync(), syncDir(filepath.Dir(e.Path)))
}

// replace puts other lines into a session that has size bytes. They appear as a whole, once
// they are sure to outlast a power loss.
func (st *Store) replace(f *os.File, e Entry, data []byte, size int64) error {
	l, err := st.waitFlock(e.Path)
	if err != nil {
		return &BusyError{ID: e.ID}
	}
	defer unflock(l, e.Path)
	if now, _, err := fileEnd(f); err != nil || now != size || isAt(e.Path, f) != nil {
		return errors.Join(err, &BusyError{ID: e.ID}) // a title was added meanwhile
	}
	if err := putFile(e, data, syncFile); err != nil {
		return err
	}
	return syncDir(filepath.Dir(e.Path))
}

// keepTorn puts unfinished records into the .torn file of a session, unless it has them.
func keepTorn(e Entry, torn ...[]byte) error {
	kept, err := readFile(tornPath(e.Path))
	if err = ignoreMissing(err); err != nil {
		return err
	}
	for _, end := range torn {
		if len(end) == 0 || bytes.Contains(kept, end) {
			continue
		}
		if err := appendSynced(tornPath(e.Path), bytes.NewReader(end)); err != nil {
			return err
		}
	}
	return nil
}
