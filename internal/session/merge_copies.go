package session

import (
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"oax/internal/session/disk"
	"oax/internal/session/merge"
	"oax/internal/session/record"
)

// Which copies of sessions there are at a path, in another store for example, and how they
// are brought in.

// Merged says what became of the copy of a session at the path Copy. Branch is the session
// that the later messages went to, or the zero Entry.
type Merged struct {
	Entry
	Copy    string
	Outcome Outcome
	Branch  Entry
}

// sessionCopy is a file that was read to be merged.
type sessionCopy struct {
	path  string
	name  string // that the session file has, or would have
	id    string
	began time.Time // zero if nothing in it says
	data  []byte
	file  *os.File
}

// Merge brings in the copies of sessions at path: a file, or a directory that is a store or
// has the files of one month, whose conflict copies and unfinished answers count. It writes
// nothing there, but in this store it removes a conflict copy when all of it is safely in a
// session. A session that is not here is added as it is; one that was removed here comes
// back. A CopyError is about one copy, and others follow; any other error is that of the
// store. What is added may not be found before Flush.
func (im *Importer) Merge(path string) iter.Seq2[Merged, error] {
	return func(yield func(Merged, error) bool) {
		names, err := copiesAt(path, im.store.dir)
		if err != nil {
			yield(Merged{}, &CopyError{path, err})
			return
		}
		for _, name := range names {
			m, err := im.mergeFile(name)
			if !yield(m, err) {
				return
			}
		}
	}
}

// copiesAt returns the paths of the copies at a path, the oldest first. In the directory of
// the store only the conflict copies are copies.
func copiesAt(path, store string) (paths []string, err error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	here, err := os.Stat(store)
	own := err == nil && os.SameFile(here, info)
	months, err := New(Options{Dir: path}).months()
	if err != nil {
		return nil, err
	}
	if len(months) == 0 {
		months = []string{"."}
	}
	for _, month := range slices.Backward(months) {
		names, err := disk.ReadNames(filepath.Join(path, month))
		if err != nil {
			return nil, err
		}
		slices.Sort(names)
		for _, name := range names {
			if record.ConflictOf(name) != "" || record.IDOf(name) != "" && !own {
				paths = append(paths, filepath.Join(path, month, name))
			}
		}
	}
	if paths == nil && !own {
		err = &disk.FileError{Path: path, What: "a directory without sessions"}
	}
	return paths, err
}

// HasSessions reports whether there is something for Merge at path: a session file, or a
// directory of sessions.
func HasSessions(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		c, err := openCopy(path)
		if err == nil {
			c.file.Close()
		}
		return err == nil
	}
	paths, err := copiesAt(path, "")
	return err == nil && len(paths) > 0
}

// openCopy reads a copy, which is named as its session or as a conflict copy is, or else
// has a header.
func openCopy(path string) (c sessionCopy, err error) {
	f, err := disk.Open(path)
	if err != nil {
		return c, err
	}
	c = sessionCopy{path: path, name: filepath.Base(path), file: f}
	c.data, err = readMerged(f)
	said := record.Parse(c.data)
	c.id, c.began = record.IDOf(c.name), said.Header.Time
	if base := record.ConflictOf(c.name); base != "" {
		c.name, c.id = base, record.IDOf(base)
	} else if c.id == "" && record.IsID(said.Header.ID) {
		c.id, c.name = said.Header.ID, record.FileStem(c.began, said.Header.ID)+record.Extension
	}
	switch {
	case err != nil:
	case c.id == "" || said.Header.Kind == "" && len(said.Records) == 0:
		err = &disk.FileError{Path: path, What: "not a session"}
	case said.Header.Version > record.FormatVersion:
		err = &NewerError{c.id, said.Header.Version}
	}
	if err != nil {
		f.Close()
	}
	return c, err
}

// addJournal adds to a copy what a dead process left in its journal, if it is in a store,
// as Recover will do there.
func (c *sessionCopy) addJournal() error {
	month := filepath.Dir(c.path)
	e := Entry{c.id, filepath.Join(month, c.name)}
	left, open := New(Options{Dir: filepath.Dir(month)}).peek(e)
	if open || left.Head.Kind == "" || !left.Head.IsOf(e.Path) || e.Path != c.path {
		return nil
	}
	m, ok, err := left.Unsaved(record.Section(c.data))
	if err != nil || !ok {
		return err
	}
	line, err := record.EncodeMessages(m.Time, nil, m)
	whole, torn := merge.Split(c.data)
	c.data = append(append(whole, line...), torn...)
	return err
}

// mergeFile brings one copy in.
func (im *Importer) mergeFile(path string) (Merged, error) {
	m := Merged{Copy: path, Outcome: Added}
	c, err := openCopy(path)
	if err == nil {
		defer c.file.Close()
		err = c.addJournal()
	}
	if err != nil {
		return m, &CopyError{path, err}
	}
	known, ok := im.known[c.id]
	m.Entry = Entry{c.id, known}
	if !ok {
		m.Path = im.homeOf(&c)
	}
	switch {
	case !ok && !im.DryRun && im.store.isConflict(path): // it is removed once all of it is on disk
		err = im.put(m.Entry, c.data)
	case !ok:
		err = im.add(m.Entry, &c)
	case im.planned[c.id].Source != "":
		m.Outcome = Grown
	default:
		err = im.mergeInto(&m, c.data)
	}
	switch err.(type) {
	case *BusyError, *NewerError, *disk.FileError, *NotFoundError: // of this session
		err = &CopyError{path, err}
	}
	if err == nil && !im.DryRun {
		err = im.store.dropConflict(&c)
	}
	return m, err
}

// homeOf returns the path for a session that is not in the store.
func (im *Importer) homeOf(c *sessionCopy) string {
	month := filepath.Base(filepath.Dir(c.path))
	if !record.IsMonth(month) {
		month = record.MonthOf(c.began)
	}
	return filepath.Join(im.store.dir, month, c.name)
}

// add adds a session as it is; an unfinished record at its end goes beside it.
func (im *Importer) add(e Entry, c *sessionCopy) error {
	whole, torn := merge.Split(c.data)
	err := im.stage(e, Origin{Source: "oax", ID: c.id}, whole)
	if err != nil || im.DryRun {
		return err
	}
	return keepTorn(e, torn)
}
