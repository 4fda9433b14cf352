package session

import (
	"bytes"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// How copies of sessions are brought in: those of another store, and those that a program
// which synchronizes files left beside a session that grew on two machines.

// maxMerged is how large a session and a copy of it can be, in bytes: both are read as a
// whole.
const maxMerged = 64 << 20

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
	path string
	name string // that the session file has, or would have
	id   string
	data []byte
	file *os.File
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
			yield(Merged{}, err)
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
	if err != nil {
		return nil, &CopyError{path, err}
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	here, err := os.Stat(store)
	own := err == nil && os.SameFile(here, info)
	months, err := New(Options{Dir: path}).months()
	if err != nil {
		return nil, &CopyError{path, err}
	}
	if len(months) == 0 {
		months = []string{"."}
	}
	for _, month := range slices.Backward(months) {
		names, err := readNames(filepath.Join(path, month))
		if err != nil {
			return nil, &CopyError{path, err}
		}
		slices.Sort(names)
		for _, name := range names {
			if conflictOf(name) != "" || idOf(name) != "" && !own {
				paths = append(paths, filepath.Join(path, month, name))
			}
		}
	}
	if paths == nil && !own {
		err = &CopyError{path, &FileError{path, "a directory without sessions"}}
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

// conflictOf returns the name of the session file of which name is a conflict copy, as
// Syncthing, rclone, Dropbox and Nextcloud name those; "" if it is none.
func conflictOf(name string) string {
	at := strings.Index(name, "conflict")
	if at < 0 || !strings.Contains(name, fileExtension) {
		return ""
	}
	stem := strings.TrimSuffix(strings.TrimRight(strings.TrimSuffix(name[:at], ".sync-"), " .-_("), fileExtension)
	base := stem + fileExtension
	if idOf(base) == "" {
		return ""
	}
	return base
}

// openCopy reads a copy, which is named as its session or as a conflict copy is, or else
// has a header.
func openCopy(path string) (c sessionCopy, err error) {
	f, err := openFile(path, os.O_RDONLY)
	if err != nil {
		return c, err
	}
	c = sessionCopy{path: path, name: filepath.Base(path), file: f}
	c.data, err = readMerged(f)
	said := parseFile(c.data)
	c.id = idOf(c.name)
	if base := conflictOf(c.name); base != "" {
		c.name, c.id = base, idOf(base)
	} else if c.id == "" && isID(said.header.ID) {
		c.id, c.name = said.header.ID, fileStem(said.header.Time, said.header.ID)+fileExtension
	}
	switch {
	case err != nil:
	case c.id == "" || said.header.Kind == "" && len(said.records) == 0:
		err = &FileError{path, "not a session"}
	case said.header.Version > formatVersion:
		err = &NewerError{c.id, said.header.Version}
	}
	if err != nil {
		f.Close()
	}
	return c, err
}

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

// addJournal adds to a copy what a dead process left in its journal, if it is in a store,
// as Recover will do there.
func (c *sessionCopy) addJournal() error {
	month := filepath.Dir(c.path)
	e := Entry{c.id, filepath.Join(month, c.name)}
	left, open := New(Options{Dir: filepath.Dir(month)}).peek(e)
	if open || left.head.Kind == "" || !left.head.isOf(e) || e.Path != c.path {
		return nil
	}
	m, ok, err := left.unsaved(sectionOf(c.data))
	if err != nil || !ok {
		return err
	}
	line, err := encodeMessages(m.Time, nil, m)
	whole := newSide(c.data)
	c.data = append(append(joinLines(whole.lines), line...), whole.torn...)
	return err
}

func (im *Importer) mergeFile(path string) (Merged, error) {
	c, err := openCopy(path)
	if err == nil {
		defer c.file.Close()
		err = c.addJournal()
	}
	if err != nil {
		return Merged{}, &CopyError{path, err}
	}
	if err := im.flushPending(c.id); err != nil {
		return Merged{}, err
	}
	known, ok := im.known[c.id]
	m := Merged{Entry: Entry{c.id, known}, Copy: path}
	switch {
	case !ok:
		m.Outcome, m.Path = Added, im.homeOf(&c)
		return m, im.add(m.Entry, &c)
	case im.planned[c.id].Source != "":
		m.Outcome = Grown
	case im.DryRun:
		err = im.store.planMerge(&m, c.data)
	default:
		err = im.store.mergeInto(&m, c.data, lockPatience)
	}
	switch err.(type) {
	case *BusyError, *NewerError, *FileError, *NotFoundError: // of this session
		err = &CopyError{path, err}
	}
	if m.Branch.ID != "" {
		im.known[m.Branch.ID] = m.Branch.Path
	}
	if err == nil && !im.DryRun {
		err = im.store.dropConflict(&c)
	}
	return m, err
}

// homeOf returns the path for a session that is not in the store.
func (im *Importer) homeOf(c *sessionCopy) string {
	month := filepath.Base(filepath.Dir(c.path))
	if began := parseFile(c.data).header.Time; !isMonth(month) {
		month = monthOf(began)
	}
	return filepath.Join(im.store.dir, month, c.name)
}

// add adds a session as it is; an unfinished record at its end goes beside it.
func (im *Importer) add(e Entry, c *sessionCopy) error {
	whole := newSide(c.data)
	if err := im.stage(e, Origin{Source: "oax", ID: c.id}, joinLines(whole.lines)); err != nil || im.DryRun {
		return err
	}
	if err := keepTorn(e, []byte(whole.torn)); err != nil {
		return err
	}
	if im.store.isConflict(c.path) { // it goes only when all of it is there
		if err := im.Flush(); err != nil {
			return err
		}
		return im.store.dropConflict(c)
	}
	return nil
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

// planMerge says what mergeInto would do.
func (st *Store) planMerge(is *Merged, other []byte) error {
	f, err := openFile(is.Path, os.O_RDONLY)
	if err != nil {
		return notFound(is.Entry, err)
	}
	defer f.Close()
	data, err := readMerged(f)
	if version := parseFile(data).header.Version; version > formatVersion {
		err = &NewerError{is.ID, version}
	}
	if err != nil {
		return err
	}
	m := mergeCopies(is.ID, data, other)
	st.judge(is, &m, data)
	return nil
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
// is in neither.
func (st *Store) mergeInto(is *Merged, other []byte, patience time.Duration) (err error) {
	e := is.Entry
	l, err := st.lockMerged(e, patience)
	if err != nil {
		return err
	}
	defer l.discard()
	f, err := openSession(e)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := st.mendFile(f, e.Path); err != nil {
		return err
	}
	data, err := readMerged(f)
	if err != nil {
		return err
	}
	m := mergeCopies(e.ID, data, other)
	st.judge(is, &m, data)
	if err = keepTorn(e, m.torn...); err == nil && m.branch != nil {
		err = st.putBranch(is.Branch, m.branch, patience)
	}
	if err != nil {
		return err
	}
	more, grows := bytes.CutPrefix(m.session, data)
	switch {
	case !grows:
		return st.replace(f, e, m.session, int64(len(data)))
	case len(data) > 0 && data[len(data)-1] != '\n': // appendTo ends the line
		more = bytes.TrimPrefix(more, []byte("\n"))
	}
	if len(more) > 0 {
		err = st.appendTo(f, e.Path, more)
	}
	return errors.Join(err, f.Sync(), syncDir(filepath.Dir(e.Path)))
}

// lockMerged locks a session, and saves what a dead writer left.
func (st *Store) lockMerged(e Entry, patience time.Duration) (*sessionLock, error) {
	if _, err := makeDir(filepath.Join(st.dir, openDir)); err != nil {
		return nil, err
	}
	l, err := st.lockSession(e, patience)
	if err != nil || l.empty() {
		return l, err
	}
	left, err := readJournal(l.path)
	switch {
	case err != nil:
	case left.head.isOf(e):
		_, _, err = st.recoverTo(e, &left, l.path)
	default: // Recover puts it into the other session with this ID
		err = &BusyError{ID: e.ID}
	}
	if err != nil {
		l.release()
		return nil, err
	}
	return l, nil
}

// putBranch makes the session of a branch, or merges it into the one that is there.
func (st *Store) putBranch(e Entry, data []byte, patience time.Duration) error {
	if isFree(e.Path) != nil {
		return st.mergeInto(&Merged{Entry: e}, data, patience)
	}
	changed, err := makeDir(filepath.Dir(e.Path))
	if err != nil {
		return err
	}
	l, err := st.lockSession(e, patience)
	if err != nil {
		return err
	}
	defer l.release()
	if err := st.writeNew(e, data); err != nil {
		return err
	}
	err = syncNew(e.Path)
	for _, dir := range changed {
		err = errors.Join(err, syncDir(dir))
	}
	return err
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
	temp := filepath.Join(filepath.Dir(e.Path), tempPrefix+e.ID)
	_ = os.Remove(temp)
	err = writeTemp(temp, data)
	if err == nil {
		err = syncFile(temp)
	}
	if err == nil {
		err = os.Rename(temp, e.Path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return err
	}
	return syncDir(filepath.Dir(e.Path))
}

// isConflict reports whether there is a conflict copy of this store at path.
func (st *Store) isConflict(path string) bool {
	month := filepath.Dir(path)
	here, err := os.Stat(st.dir)
	there, failed := os.Stat(filepath.Dir(month))
	return err == nil && failed == nil && os.SameFile(here, there) && conflictOf(filepath.Base(path)) != ""
}

// dropConflict removes a conflict copy of this store, if it is still as it was read.
func (st *Store) dropConflict(c *sessionCopy) error {
	if !st.isConflict(c.path) {
		return nil
	}
	size, _, err := fileEnd(c.file)
	if err != nil || size != int64(len(c.data)) || isAt(c.path, c.file) != nil {
		return err
	}
	c.file.Close() // Windows removes no open file
	return errors.Join(os.Remove(c.path), syncDir(filepath.Dir(c.path)))
}

// maxName is longer than the name of any session that oax names.
const maxName = len("2006-01-02_15-04-05_") + 2*idLen + len(fileExtension)

// mergeConflicts merges the conflict copies among the names in a directory of the store, and
// reports whether there were any. What is to be said of a session is a note of the next Load
// of it; a copy that cannot be merged stays.
func (st *Store) mergeConflicts(dir string, names []string) (found bool) {
	var copies []string
	for _, name := range names {
		if len(name) > maxName && conflictOf(name) != "" {
			copies = append(copies, name)
		}
	}
	slices.Sort(copies)
	for _, name := range copies {
		base := conflictOf(name)
		if note := st.mergeConflict(Entry{idOf(base), filepath.Join(dir, base)}, filepath.Join(dir, name)); note != "" {
			st.addNote(idOf(base), note)
		}
	}
	return copies != nil
}

// mergeConflict merges one conflict copy and returns a note on it.
func (st *Store) mergeConflict(e Entry, path string) (note string) {
	c, err := openCopy(path)
	if err != nil {
		return cannotMerge(path, err)
	}
	defer c.file.Close()
	is := Merged{Entry: e, Outcome: Grown}
	if errors.Is(isFree(e.Path), fs.ErrExist) {
		err = st.mergeInto(&is, c.data, 0)
	} else {
		whole := newSide(c.data)
		if err = keepTorn(e, []byte(whole.torn)); err == nil {
			err = st.putBranch(e, joinLines(whole.lines), 0)
		}
	}
	if err == nil {
		err = st.dropConflict(&c)
	}
	if _, busy := errors.AsType[*BusyError](err); busy {
		return "" // another time
	}
	switch {
	case err != nil:
		return cannotMerge(path, err)
	case is.Outcome == Forked:
		return "it went on in two places; what came later is session " + is.Branch.ID
	case is.Outcome == Grown:
		return "merged with " + filepath.Base(path)
	}
	return ""
}

func cannotMerge(path string, err error) string {
	what := err.Error()
	if file, ok := errors.AsType[*FileError](err); ok {
		what = "it is " + file.What
	}
	return "cannot merge " + filepath.Base(path) + " (kept as is): " + what
}

// addNote keeps a note for the next Load of a session.
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
