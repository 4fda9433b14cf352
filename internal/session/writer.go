package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/journal"
	"oax/internal/session/record"
	"oax/internal/term"
)

// How a turn is added to a session: the prompt by Create, Fork or Continue, the answer by
// the Writer that those return.

// Writer adds one turn to a session, which no other process may add to until Close. The
// prompt is in the session already. The order is Sync, any number of Journal, then Finish
// or Fail, then Close; calls.go has what comes in between if the answer has calls of tools.
// One goroutine at a time may use it.
type Writer struct {
	store    *Store
	entry    Entry
	file     *os.File
	journal  *journal.File
	began    time.Time // of a new session
	unsynced []string  // directories that have got a new name in them
	notes    []string
	profile  string
	asked    string // the model
	between  bool   // the last answer is in the session, and the next has not begun
	closed   bool

	syncErr error

	turn string // its ID
}

// ID returns the ID of the session. Finish and Fail change it if the session was
// deleted meanwhile and the turn had to go to a new one.
func (w *Writer) ID() string { return w.entry.ID }

// Path returns the path of the session file.
func (w *Writer) Path() string { return w.entry.Path }

// Entry returns the session's name and file.
func (w *Writer) Entry() Entry { return w.entry }

// Turn returns the ID of the turn that is being added.
func (w *Writer) Turn() string { return w.turn }

// Notes returns what a person should know of the session, a line each.
func (w *Writer) Notes() []string { return w.notes }

// Continue adds a prompt to a session, or with none prepares to answer the last one
// again. It first repairs what a dead writer left in the session. The error is a
// SaveError, BusyError, NewerError, NotFoundError or FileError; nothing of the
// prompt is saved then.
func (st *Store) Continue(e Entry, prompt ...record.Message) (*Writer, error) {
	w := &Writer{store: st, entry: e}
	if err := w.resume(prompt); err != nil {
		w.abandon()
		return nil, st.cannotSave("prompt", e.ID, err)
	}
	return w.ready(), nil
}

func (w *Writer) resume(prompt []record.Message) (err error) {
	e, st := w.entry, w.store
	if w.file, err = openSession(e, disk.ForAppend); err != nil {
		return err
	}
	if w.journal, w.notes, err = st.lockRecovered(e, journalPatience); err != nil {
		return err
	}
	// If an unfinished record cannot be cut off, what is appended begins on a line of its own.
	if notes, err := st.mendFile(w.file, e.Path); err == nil {
		w.notes = append(w.notes, notes...)
	}
	data, err := w.beginTurn(st.now(), prompt)
	if err != nil || len(data) == 0 {
		return err
	}
	return notFound(e, st.appendTo(w.file, e.Path, data))
}

// beginTurn gives the turn an ID, writes the head of the journal, and returns the records of
// the prompt. The prompt follows the head, so that nothing can fail once it is in the session;
// a journal without text is void.
func (w *Writer) beginTurn(now time.Time, prompt []record.Message) ([]byte, error) {
	prompt, w.turn = inTurns(prompt)
	for _, m := range prompt {
		if m.Role == chat.User || m.Role == chat.Tool {
			w.asked, w.profile = m.Model, m.Profile
		}
	}
	data, err := record.EncodeMessages(now, nil, prompt...)
	if err == nil {
		err = w.journal.Begin(w.head(now))
	}
	return data, err
}

// head returns the head of a journal of the turn.
func (w *Writer) head(now time.Time) journal.Head {
	return journal.Head{Time: now, Model: w.asked, Profile: w.profile, File: filepath.Base(w.entry.Path), Turn: w.turn}
}

// Journal puts what a delta brings in the journal, with one write. Call it
// before the delta is shown. The strings in it must be valid UTF-8. After an
// error nothing more is journaled, so that what is on disk has no gap, and
// every call returns the error; Finish tries to save the whole answer all the same.
func (w *Writer) Journal(d *chat.Delta) error {
	if w.closed {
		return os.ErrClosed
	}
	if err := w.journal.Add(d); err != nil {
		return w.store.cannotSave("answer", w.entry.ID, err)
	}
	return nil
}

// inTurns gives messages turn IDs. They are a prompt, with what the system says before it;
// turns that could not be saved may be before that. Messages that have an ID keep it. It
// returns the ID of the turn that is being added: that of the prompt, or a new one if the
// last prompt is asked again.
func inTurns(messages []record.Message) (in []record.Message, turn string) {
	if n := len(messages); n > 0 && messages[n-1].Turn != "" {
		return messages, messages[n-1].Turn
	}
	turn = record.NewTurnID()
	for i, m := range messages {
		if i > 0 && (m.IsPrompt() || m.IsSystem()) && !messages[i-1].IsSystem() {
			turn = record.NewTurnID()
		}
		m.Turn = turn
		in = append(in, m)
	}
	if n := len(in); n > 0 && !in[n-1].IsSystem() && !in[n-1].IsPrompt() {
		turn = record.NewTurnID()
	}
	return in, turn
}

// ready adds the notes on the store that no writer has yet.
func (w *Writer) ready() *Writer {
	st := w.store
	st.noting.Lock()
	defer st.noting.Unlock()
	w.notes = append(w.notes, st.notes[""][st.given:]...)
	st.given = len(st.notes[""])
	return w
}

// abandon gives up a turn of which nothing was saved.
func (w *Writer) abandon() {
	if w.journal != nil {
		w.journal.Discard()
		w.journal = nil
	}
	w.Close()
}

// Sync returns once all that was written to the session, and its name, is on the
// disk. After an error, a SaveError, it never tries again: the operating system
// would report data as written that it has dropped. If ctx ends first, the SaveError has
// its cause; the Writer must not be used any more then.
func (w *Writer) Sync(ctx context.Context) error {
	_, err := term.Await(ctx, func() (struct{}, error) { return struct{}{}, w.sync() })
	if err != nil {
		return w.store.cannotSave("sync", w.entry.ID, err)
	}
	return nil
}

func (w *Writer) sync() error {
	if w.syncErr != nil {
		return w.syncErr
	}
	if err := w.syncAll(); err != nil {
		w.syncErr = w.store.cannotSave("sync", w.entry.ID, err)
		return w.syncErr
	}
	w.unsynced = nil
	return nil
}

func (w *Writer) syncAll() error {
	err := w.file.Sync()
	for _, dir := range w.unsynced {
		err = errors.Join(err, disk.SyncDir(dir))
	}
	return err
}

// Finish puts the answer in the session, syncs it and removes the journal. If it
// cannot, it leaves as much as possible in the journal for a later start, writes a
// copy to the rescue directory, and returns a SaveError.
func (w *Writer) Finish(m chat.Message) error {
	if w.closed {
		return os.ErrClosed
	}
	if err := w.save(m); err != nil {
		return err
	}
	w.done()
	return nil
}

// save puts the answer in the session and syncs it.
func (w *Writer) save(m chat.Message) error {
	err := w.add(&record.Message{Message: m, Profile: w.profile})
	if err != nil {
		w.journal.Keep(record.Message{Message: m, Time: w.store.now()})
		err = w.saveError("answer", err)
	} else {
		err = w.sync()
	}
	if failed, ok := errors.AsType[*SaveError](err); ok {
		rescued := *failed
		rescued.Rescued = w.store.rescueCopy(w.entry.ID, m)
		return &rescued
	}
	return err
}

// Fail puts an error record in the session instead of an answer, syncs it and
// removes the journal. The error is a SaveError.
func (w *Writer) Fail(why chat.Why, text string) error {
	if w.closed {
		return os.ErrClosed
	}
	m := record.Message{Message: chat.Message{Role: record.Error, Why: why, Text: text}}
	m.Usage, m.Model = w.journal.LastUsage()
	if err := w.add(&m); err != nil {
		return w.saveError("answer", err)
	}
	if err := w.sync(); err != nil {
		return err
	}
	w.done()
	return nil
}

// Close unlocks the session. Without Finish, FinishCalls or Fail the journal stays and the
// next start makes an incomplete answer of it. Only the first call does anything.
func (w *Writer) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	switch {
	case w.journal == nil:
	case w.between:
		w.journal.Discard()
	default:
		w.journal.Release()
	}
	if w.file != nil {
		return w.file.Close()
	}
	return nil
}

func (w *Writer) done() {
	w.journal.Discard()
	w.journal = nil
	w.Close()
}

// add appends one message, whose Time and Turn it sets, to a new session if the old one was
// removed.
func (w *Writer) add(m *record.Message) error {
	m.Time, m.Turn = w.store.now(), w.turn
	data, err := record.Encode(record.Of(*m))
	if err != nil {
		return err
	}
	err = w.store.appendTo(w.file, w.entry.Path, data)
	if errors.Is(err, disk.ErrRemoved) {
		return w.moveOn(data)
	}
	return err
}

// moveOn makes a new session of every line that the deleted one held, and an answer.
func (w *Writer) moveOn(answer []byte) error {
	data, err := disk.ReadAll(w.file)
	if err != nil {
		return err
	}
	c := record.Parse(data)
	if c.Header.Kind != "" {
		_, after, _ := bytes.Cut(data[c.Header.Offset:], []byte("\n"))
		data = append(data[:c.Header.Offset], after...)
	}
	if len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
		data = append(data, '\n')
	}
	other := &Writer{store: w.store}
	if err := other.makeSession(&record.Fork{ID: w.entry.ID, Turn: record.TurnsOf(c.Records)}, append(data, answer...)); err != nil {
		other.Close()
		return err
	}
	w.journal.Discard()
	w.file.Close()
	w.notes = append(w.notes, "session "+w.entry.ID+" was deleted elsewhere; your turn is saved as "+other.ID())
	w.entry, w.file, w.journal, w.unsynced = other.entry, other.file, other.journal, other.unsynced
	return nil
}

// saveError makes a SaveError of a stage, also of a SaveError that is about another one: a
// new session may have been begun for the answer.
func (w *Writer) saveError(stage string, err error) error {
	if save, ok := errors.AsType[*SaveError](err); ok {
		err = save.Err
	}
	return &SaveError{Stage: stage, Dir: w.store.dir, ID: w.entry.ID, Err: err}
}

// rescueCopy writes what a person would see of an answer to a new private file
// and returns its path, or "" if it could not.
func (st *Store) rescueCopy(id string, m chat.Message) string {
	if st.rescue == "" {
		return ""
	}
	f, err := os.CreateTemp(st.rescue, "oax-"+id+"-*.txt")
	if err != nil {
		return ""
	}
	_, err = io.Copy(f, io.MultiReader(strings.NewReader(m.Text), strings.NewReader(m.Refusal)))
	if err = errors.Join(err, f.Sync(), disk.Close(f)); err != nil {
		_ = os.Remove(f.Name())
		return ""
	}
	return f.Name()
}
