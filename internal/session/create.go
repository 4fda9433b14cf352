package session

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"time"

	"oax/internal/session/disk"
	"oax/internal/session/journal"
	"oax/internal/session/record"
)

// How a session begins: new, as a fork, or as a copy of another one.

const (
	tempPrefix = ".tmp-"
	tempAge    = 24 * time.Hour
)

// Create begins a session with the messages of its first prompt. They are written
// but may not outlast a power loss until Sync returns. The error is a SaveError.
func (st *Store) Create(prompt ...record.Message) (*Writer, error) {
	return st.create(nil, nil, prompt)
}

// Fork begins a session with a copy of the first turns of another one, and a prompt. With
// turn 0 only what the system said is copied; s.Turns() copies all. Every record is copied
// as Copy does it, except a last prompt that has no answer: that is being answered there.
// The error is a NotFoundError, a NewerError, a FileError or a SaveError.
func (st *Store) Fork(s *Session, turn int, prompt ...record.Message) (*Writer, error) {
	c, data, err := readToCopy(s.Entry())
	if err != nil {
		return nil, st.cannotSave("prompt", s.ID, err)
	}
	turn = min(max(turn, 0), s.Turns())
	records := record.FirstTurns(c.Records, turn)
	for turn < s.Turns() && len(records) > 0 && records[len(records)-1].From.Within { // it belongs to the next turn
		records = records[:len(records)-1]
	}
	for i := len(records) - 1; i >= 0 && !records[i].IsEnd(); i-- {
		if records[i].IsPrompt() {
			records = records[:i]
			break
		}
	}
	return st.create(&record.Fork{ID: s.ID, Turn: turn}, linesOf(records, data), prompt)
}

func (st *Store) create(of *record.Fork, lines []byte, prompt []record.Message) (*Writer, error) {
	w := &Writer{store: st}
	var data []byte
	err := w.lockNew()
	if err == nil {
		data, err = w.beginTurn(w.began, prompt)
	}
	if err == nil {
		err = w.writeSession(of, append(lines, data...))
	}
	if err != nil {
		w.abandon()
		return nil, st.cannotSave("prompt", w.entry.ID, err)
	}
	return w.ready(), nil
}

// makeSession names, locks and writes a session to which no turn is being added.
func (w *Writer) makeSession(of *record.Fork, lines []byte) error {
	err := w.lockNew()
	if err == nil {
		err = w.writeSession(of, lines)
	}
	return err
}

// writeSession writes the file of a new session: a header and lines.
func (w *Writer) writeSession(of *record.Fork, lines []byte) error {
	data, err := record.Encode(record.NewHeader(w.entry.ID, w.began, of))
	if err != nil {
		return err
	}
	if err := w.store.writeNew(w.entry, append(data, lines...)); err != nil {
		return err
	}
	w.file, err = disk.OpenFile(w.entry.Path, disk.ForAppend)
	if err != nil { // whoever is told that nothing is saved is to find nothing
		err = errors.Join(err, os.Remove(w.entry.Path))
	}
	return err
}

// lockNew makes the directories of a new session, names the session and locks it.
func (w *Writer) lockNew() error {
	now := w.store.now()
	w.began = now
	for _, name := range []string{journal.Dir, record.MonthOf(now)} {
		changed, err := disk.MakeDir(filepath.Join(w.store.dir, name))
		if err != nil {
			return err
		}
		w.unsynced = append(w.unsynced, changed...)
	}
	w.unsynced = append(w.unsynced, filepath.Join(w.store.dir, record.MonthOf(now)))
	// Another process may have made the month a moment ago, and not have synced it yet.
	if info, err := os.Stat(w.store.dir); err == nil && time.Since(info.ModTime()) < time.Minute {
		w.unsynced = append(w.unsynced, w.store.dir)
	}
	for {
		id := record.NewID(now)
		w.entry = Entry{id, w.store.pathOf(now, id)}
		l, err := w.store.lockSession(w.entry, 0)
		_, busy := errors.AsType[*BusyError](err)
		switch {
		case busy:
		case err != nil:
			return err
		case !l.IsEmpty(): // a dead process had the same ID
			l.Release()
		default:
			w.journal = l
			return nil
		}
	}
}

// writeNew makes a session file that appears under its name as a whole. The lock
// keeps others from making the same one.
func (st *Store) writeNew(e Entry, data []byte) error {
	before := st.cache().ChangeOf(record.MonthIn(e.Path))
	err := putFile(e, data, func(string) error { return disk.IsFree(e.Path) })
	if err == nil {
		st.cache().NoteMade(e.Path, data, before)
	}
	return err
}

// putFile puts a file with data in the place of a session as a whole, if an error of ready
// does not keep it from that. The session must be locked.
func putFile(e Entry, data []byte, ready func(temp string) error) error {
	temp := tempPath(e)
	_ = os.Remove(temp)
	err := writeTemp(temp, data)
	if err == nil {
		err = ready(temp)
	}
	if err == nil {
		err = os.Rename(temp, e.Path)
	}
	if err != nil {
		_ = os.Remove(temp)
	}
	return err
}

func tempPath(e Entry) string { return filepath.Join(filepath.Dir(e.Path), tempPrefix+e.ID) }

// writeTemp makes a file with data in it, or none.
func writeTemp(path string, data []byte) error {
	f, err := disk.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, disk.Close(f)); err != nil {
		_ = os.Remove(path)
	}
	return err
}

// sweepTemp removes what writeNew left in a process that died in it, after a day.
func (st *Store) sweepTemp(temp Entry) {
	if !st.isOld(temp.Path) {
		return
	}
	if l, err := st.lockSession(temp, 0); err == nil {
		_ = os.Remove(temp.Path)
		l.Release()
	}
}

// isOld reports whether a file that was to be there for a moment is a day old.
func (st *Store) isOld(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && st.now().Sub(info.ModTime()) >= tempAge
}

// Copy makes a session of another one up to the end of a turn, counted from 1; 0
// takes all turns. Every record is copied as it is: answers that were asked for
// again, errors, and records that this program does not know. A title that was given
// goes along, wherever in the file it is, unless another is given here. When Copy
// returns, the copy outlasts a power loss. The error is a NewerError, a FileError or
// that of the system.
func (st *Store) Copy(e Entry, turn int, title string) (Entry, error) {
	c, data, err := readToCopy(e)
	if err != nil {
		return Entry{}, err
	}
	records, turns := c.Records, record.TurnsOf(c.Records)
	if turn > 0 && turn < turns {
		records, turns = record.FirstTurns(c.Records, turn), turn
		for len(records) > 0 && records[len(records)-1].IsSystem() { // it belongs to the next turn
			records = records[:len(records)-1]
		}
	}
	lines := linesOf(records, data)
	if title == "" && record.TitleFrom(records) != record.TitleFrom(c.Records) {
		title = record.TitleFrom(c.Records)
	}
	if title != "" {
		lines = record.NewTitle(st.now(), title).AppendTo(lines)
	}
	w := &Writer{store: st}
	defer w.Close()
	err = w.makeSession(&record.Fork{ID: e.ID, Turn: turns}, lines)
	if err == nil {
		err = w.syncAll()
	}
	if err != nil && w.file != nil { // whoever is told that there is no copy is to find none
		err = errors.Join(err, os.Remove(w.entry.Path))
	}
	return w.entry, err
}

// readToCopy reads a session that is going to be copied.
func readToCopy(e Entry) (c record.Contents, data []byte, err error) {
	if data, err = disk.ReadFile(e.Path); err != nil {
		return c, nil, notFound(e, err)
	}
	if c = record.Parse(data); c.Header.Version > record.FormatVersion {
		return c, nil, &NewerError{e.ID, c.Header.Version}
	}
	return c, data, nil
}

// linesOf returns the lines of records, except headers, as they are in a file.
func linesOf(records []record.Record, data []byte) []byte {
	var lines bytes.Buffer
	for _, r := range records {
		if r.Kind == record.KindSession {
			continue
		}
		line, _, _ := bytes.Cut(data[r.Offset:], []byte("\n"))
		lines.Write(bytes.TrimRight(line, "\x00"))
		lines.WriteByte('\n')
	}
	return lines.Bytes()
}
