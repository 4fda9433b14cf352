package session

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

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
	copied := history(firstTurns(s.settled(), turn))
	return st.create(&Fork{s.ID, turn}, append(copied, prompt...))
}

func (st *Store) create(from *Fork, messages []Message) (*Writer, error) {
	w := &Writer{store: st}
	if err := w.begin(from, messages); err != nil {
		w.abandon()
		return nil, st.cannotSave("prompt", w.entry.ID, err)
	}
	return w.ready(), nil
}

// begin writes the part before the session, so that nothing can fail once the
// prompt is there; a part without a session and without text is void.
func (w *Writer) begin(from *Fork, messages []Message) error {
	now := w.store.now()
	if err := w.makeDirs(month(now)); err != nil {
		return err
	}
	if err := w.claimNew(now); err != nil {
		return err
	}
	header := headerLine{kindSession, formatVersion, w.entry.ID, now, from}
	data, err := encodeMessages(now, []any{header}, messages)
	if err != nil {
		return err
	}
	if err := w.head(now, messages, int64(len(data))); err != nil {
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

func (w *Writer) makeDirs(month string) error {
	for _, dir := range []string{openDir, month} {
		changed, err := makeDir(filepath.Join(w.store.dir, dir))
		if err != nil {
			return err
		}
		w.unsynced = append(w.unsynced, changed...)
	}
	w.unsynced = append(w.unsynced, filepath.Join(w.store.dir, month))
	return nil
}

func (w *Writer) claimNew(now time.Time) error {
	for {
		id := newID(now)
		w.entry = Entry{id, filepath.Join(w.store.dir, month(now), stem(now, id)+extension)}
		c, err := w.store.claim(w.entry, 0)
		var busy *BusyError
		switch {
		case errors.As(err, &busy):
		case err != nil:
			return err
		case !c.empty(): // a dead process had the same ID
			c.release()
		default:
			w.claim = c
			return nil
		}
	}
}

// writeNew makes a session file that appears under its name as a whole. The claim
// keeps others from making the same one.
func writeNew(e Entry, data []byte) error {
	temp := filepath.Join(filepath.Dir(e.Path), tempPrefix+e.ID)
	_ = os.Remove(temp)
	f, err := createFile(temp)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, closeFile(f)); err == nil {
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

// sweepTemp removes what writeNew left in a process that died in it, after a day.
func (st *Store) sweepTemp(temp Entry) {
	info, err := os.Lstat(temp.Path)
	if err != nil || st.now().Sub(info.ModTime()) < tempAge {
		return
	}
	if c, err := st.claim(temp, 0); err == nil {
		_ = os.Remove(temp.Path)
		c.release()
	}
}

// abandon gives up a turn of which nothing was saved.
func (w *Writer) abandon() {
	if w.claim != nil && w.partSize > 0 {
		w.claim.discard()
		w.claim = nil
	}
	w.Close()
}

// ready adds what there is to say of the store.
func (w *Writer) ready() *Writer {
	if w.store.lockless.Load() && !w.store.saidLockless.Swap(true) {
		w.notes = append(w.notes, "the file system has no locks; do not continue one session twice at once")
	}
	return w
}
