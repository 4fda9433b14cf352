package session

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// How a session begins: new, as a fork, or as a copy of another one.

const (
	tempPrefix = ".tmp-"
	tempAge    = 24 * time.Hour
)

// Create begins a session with the messages of its first prompt. They are written
// but may not outlast a power loss until Sync returns. The error is a SaveError.
func (st *Store) Create(prompt ...Message) (*Writer, error) { return st.create(nil, prompt) }

// Fork begins a session with the History of the first turns of another one, and a
// prompt. With turn 0 only what the system said is copied; s.Turns() copies all.
func (st *Store) Fork(s *Session, turn int, prompt ...Message) (*Writer, error) {
	turn = min(max(turn, 0), s.Turns())
	copied := history(firstTurns(s.finished(), turn))
	return st.create(&Fork{s.ID, turn}, append(copied, prompt...))
}

func (st *Store) create(from *Fork, messages []Message) (*Writer, error) {
	w := &Writer{store: st}
	if err := w.create(from, messages); err != nil {
		w.abandon()
		return nil, st.cannotSave("prompt", w.entry.ID, err)
	}
	return w.ready(), nil
}

// create writes the journal before the session, so that nothing can fail once the
// prompt is there; a journal without a session and without text is void.
func (w *Writer) create(from *Fork, messages []Message) error {
	now := w.store.now()
	if err := w.lockNew(now); err != nil {
		return err
	}
	data, err := encodeMessages(now, []record{headerRecord(w.entry.ID, now, from)}, messages...)
	if err != nil {
		return err
	}
	if err := w.beginJournal(now, messages, int64(len(data))); err != nil {
		return err
	}
	if err := writeNew(w.entry, data); err != nil {
		return err
	}
	w.file, err = openFile(w.entry.Path, os.O_RDWR|os.O_APPEND)
	if err != nil { // whoever is told that nothing is saved is to find nothing
		err = errors.Join(err, os.Remove(w.entry.Path))
	}
	return err
}

// lockNew makes the directories of a new session, names the session and locks it.
func (w *Writer) lockNew(now time.Time) error {
	for _, name := range []string{openDir, monthOf(now)} {
		changed, err := makeDir(filepath.Join(w.store.dir, name))
		if err != nil {
			return err
		}
		w.unsynced = append(w.unsynced, changed...)
	}
	w.unsynced = append(w.unsynced, filepath.Join(w.store.dir, monthOf(now)))
	for {
		id := newID(now)
		w.entry = Entry{id, w.store.pathOf(now, id)}
		l, err := w.store.lockSession(w.entry, 0)
		_, busy := errors.AsType[*BusyError](err)
		switch {
		case busy:
		case err != nil:
			return err
		case !l.empty(): // a dead process had the same ID
			l.release()
		default:
			w.lock = l
			return nil
		}
	}
}

// writeNew makes a session file that appears under its name as a whole. The lock
// keeps others from making the same one.
func writeNew(e Entry, data []byte) error {
	temp := filepath.Join(filepath.Dir(e.Path), tempPrefix+e.ID)
	_ = os.Remove(temp)
	err := writeTemp(temp, data)
	if err == nil {
		err = isFree(e.Path)
	}
	if err == nil {
		err = os.Rename(temp, e.Path)
	}
	if err != nil {
		_ = os.Remove(temp)
	}
	return err
}

// writeTemp makes a file with data in it, or none.
func writeTemp(path string, data []byte) error {
	f, err := createFile(path)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, closeFile(f)); err != nil {
		_ = os.Remove(path)
	}
	return err
}

// sweepTemp removes what writeNew left in a process that died in it, after a day.
func (st *Store) sweepTemp(temp Entry) {
	info, err := os.Lstat(temp.Path)
	if err != nil || st.now().Sub(info.ModTime()) < tempAge {
		return
	}
	if l, err := st.lockSession(temp, 0); err == nil {
		_ = os.Remove(temp.Path)
		l.release()
	}
}

// Copy makes a session of another one up to the end of a turn, counted from 1; 0
// takes all turns. Every record is copied as it is: answers that were asked for
// again, errors, and records that this program does not know. A title that was given
// goes along, wherever in the file it is, unless another is given here. When Copy
// returns, the copy outlasts a power loss. The error is a NewerError, a FileError or
// that of the system.
func (st *Store) Copy(e Entry, turn int, title string) (Entry, error) {
	data, err := readFile(e.Path)
	if err != nil {
		return Entry{}, notFound(e, err)
	}
	c := parseFile(data)
	if c.header.Version > formatVersion {
		return Entry{}, &NewerError{e.ID, c.header.Version}
	}
	records, turns := c.firstTurns(turn)
	var lines bytes.Buffer
	for _, r := range records {
		line, _, _ := bytes.Cut(data[r.at:], []byte("\n"))
		lines.Write(bytes.TrimRight(line, "\x00"))
		lines.WriteByte('\n')
	}
	if title == "" && titleFrom(records) != titleFrom(c.records) {
		title = titleFrom(c.records)
	}
	w := &Writer{store: st}
	defer w.Close()
	return w.copy(&Fork{e.ID, turns}, title, lines.Bytes())
}

// firstTurns returns the records of the first turns, at most maxTurns if that is not 0,
// and how many turns those are. A system message before a prompt belongs to its turn.
func (c *contents) firstTurns(maxTurns int) (records []record, turns int) {
	end := 0 // of the records that belong to these turns
	for _, r := range c.records {
		switch {
		case r.Kind == kindSession:
			continue
		case r.isPrompt() && maxTurns > 0 && turns == maxTurns:
			return records[:end], turns
		case r.isPrompt():
			turns++
		}
		records = append(records, r)
		if !r.isSystem() {
			end = len(records)
		}
	}
	return records, turns
}

// copy writes a session to which no turn is being added.
func (w *Writer) copy(of *Fork, title string, lines []byte) (Entry, error) {
	now := w.store.now()
	if err := w.lockNew(now); err != nil {
		return Entry{}, err
	}
	data, err := encodeRecords(headerRecord(w.entry.ID, now, of))
	if err != nil {
		return Entry{}, err
	}
	data = append(data, lines...)
	if title != "" {
		data = titleRecord(now, title).appendTo(data)
	}
	if err := writeNew(w.entry, data); err != nil {
		return Entry{}, err
	}
	err = syncNew(w.entry.Path)
	for _, dir := range w.unsynced {
		err = errors.Join(err, syncDir(dir))
	}
	if err != nil { // whoever is told that there is no copy is to find none
		err = errors.Join(err, os.Remove(w.entry.Path))
	}
	return w.entry, err
}
