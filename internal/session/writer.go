package session

import (
	"errors"
	"os"

	"oax/internal/chat"
)

// Writer adds one turn to a session, which is nobody else's until Close. The prompt
// is in the session already. The order is Sync, any number of Journal, then Finish
// or Fail, then Close. One goroutine at a time may use it.
type Writer struct {
	store    *Store
	entry    Entry
	file     *os.File
	claim    *claim
	unsynced []string // directories that have got a new name in them
	notes    []string
	profile  string
	closed   bool

	syncErr, journalErr error

	line                     []byte // reused
	partSize                 int64
	model                    string
	text, reasoning, refusal int // bytes of the answer that are in the part
}

// ID returns the ID of the session. Finish and Fail change it if the session was
// deleted meanwhile and the turn had to go to a new one.
func (w *Writer) ID() string { return w.entry.ID }

// Path returns the session file's.
func (w *Writer) Path() string { return w.entry.Path }

// Notes returns what is to be said of the session, a line each.
func (w *Writer) Notes() []string { return w.notes }

// Sync returns once all that was written to the session, and its name, is on the
// disk. After an error, a SaveError, it never tries again: the operating system
// would call data good that it has dropped.
func (w *Writer) Sync() error {
	if w.syncErr != nil {
		return w.syncErr
	}
	err := w.file.Sync()
	for _, dir := range w.unsynced {
		err = errors.Join(err, syncDir(dir))
	}
	if err != nil {
		w.syncErr = w.store.cannotSave("sync", w.entry.ID, err)
		return w.syncErr
	}
	w.unsynced = nil
	return nil
}

// Finish puts the answer in the session, syncs it and removes the part. If it
// cannot, it leaves as much as possible in the part for a later start, writes a
// copy to the rescue directory, and returns a SaveError.
func (w *Writer) Finish(m chat.Message) error {
	if w.closed {
		return os.ErrClosed
	}
	if err := w.add(Message{Message: m, Profile: w.profile}); err != nil {
		w.leave(m)
		return w.rescued(m, w.failure(err))
	}
	if err := w.Sync(); err != nil {
		return w.rescued(m, err)
	}
	w.done()
	return nil
}

// Fail puts an error record in the session instead of an answer, syncs it and
// removes the part. The error is a SaveError.
func (w *Writer) Fail(why chat.Why, text string) error {
	if w.closed {
		return os.ErrClosed
	}
	m := Message{Message: chat.Message{Role: Error, Why: why, Text: text}}
	if err := w.add(m); err != nil {
		return w.failure(err)
	}
	if err := w.Sync(); err != nil {
		return err
	}
	w.done()
	return nil
}

// Close gives the session free. Without Finish or Fail the part stays and the next
// start makes an incomplete answer of it. Only the first call does anything.
func (w *Writer) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	if w.claim != nil {
		w.claim.release()
	}
	if w.file != nil {
		return w.file.Close()
	}
	return nil
}

func (w *Writer) done() {
	w.claim.discard()
	w.claim = nil
	w.Close()
}

// add appends one message, to a new session if the old one is gone.
func (w *Writer) add(m Message) error {
	m.Time = w.store.now()
	data, err := encodeMessages(m.Time, nil, []Message{m})
	if err != nil {
		return err
	}
	err = w.store.appendTo(w.file, w.entry.Path, data)
	if errors.Is(err, errMoved) {
		return w.moveOn(m)
	}
	return err
}

// moveOn saves the turn as a new session, with all that the deleted one held.
func (w *Writer) moveOn(m Message) error {
	data, err := readAll(w.file)
	if err != nil {
		return err
	}
	p := parse(data)
	old := p.session(w.entry)
	turn := []Message{m}
	if prompt, _, ok := old.LastPrompt(); ok {
		turn = []Message{prompt, m}
	}
	other, err := w.store.Fork(old, old.Turns()-1, turn...)
	if err != nil {
		return err
	}
	w.claim.discard()
	w.file.Close()
	w.notes = append(w.notes, "session "+w.entry.ID+" was deleted elsewhere; your turn is saved as "+other.ID())
	w.entry, w.file, w.claim, w.unsynced = other.entry, other.file, other.claim, other.unsynced
	return nil
}

// failure makes a SaveError for the answer, also of one that a new session's prompt met.
func (w *Writer) failure(err error) error {
	var save *SaveError
	if errors.As(err, &save) {
		err = save.Err
	}
	return &SaveError{Stage: "answer", Dir: w.store.dir, ID: w.entry.ID, Err: err}
}
