package session

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/history"
	"oax/internal/session/journal"
	"oax/internal/session/record"
)

// How calls of tools are kept. A call is recorded, and synced, before its tool starts, and
// its result after the tool has ended. So a call without a record did not run, and one with
// a record and without a result may have run.
//
// The records of calls and results have the ID of the turn whose answer they lead to: that
// of the next answer of the model.

// FinishCalls is Finish for an answer whose calls are going to run: the session stays
// locked. What may follow is any number of Record, then Next or Close.
func (w *Writer) FinishCalls(m chat.Message) error {
	if w.closed {
		return os.ErrClosed
	}
	if err := w.save(m); err != nil {
		return err
	}
	w.turn, w.between = record.NewTurnID(), true
	return nil
}

// Record puts a call (role Called) or the result of one (chat.Tool) in the session, after
// FinishCalls, and returns it as it was saved. When it returns no error the record outlasts a
// power loss; a tool must not start before. The error is a SaveError of the stage "call" or
// "result".
func (w *Writer) Record(m record.Message) (saved record.Message, err error) {
	if w.closed {
		return m, os.ErrClosed
	}
	stage := "call"
	if m.Role == chat.Tool {
		stage, m.Profile, m.Model = "result", w.profile, w.asked
	}
	err = w.syncErr // what was written before may be lost
	if err == nil {
		err = w.add(&m)
	}
	if err == nil {
		err = w.sync()
	}
	if err != nil {
		return m, w.saveError(stage, err)
	}
	return m, nil
}

// Next begins the next answer, once the results of all calls are recorded. What follows is
// as for a turn that begins. The error is a SaveError.
func (w *Writer) Next() error {
	if w.closed {
		return os.ErrClosed
	}
	if err := w.journal.Renew(w.head(w.store.now())); err != nil {
		return w.store.cannotSave("next", w.entry.ID, err)
	}
	w.between = false
	return nil
}

const outputPrefix = "output-" // of the files that package tools makes

// Outputs returns the directory for the outputs of tools until Keep puts them beside the
// session. It need not exist.
func (st *Store) Outputs() string { return filepath.Join(st.dir, journal.Dir) }

// Keep moves a file with the output of a call beside the session, and returns its path
// there, or where it is if it cannot be moved.
func (w *Writer) Keep(output string) string {
	dir := record.OutputsOf(w.entry.Path)
	kept := filepath.Join(dir, filepath.Base(output))
	if _, err := disk.MakeDir(dir); err != nil || os.Rename(output, kept) != nil {
		return output
	}
	return kept
}

// sweepOutputs removes, of the names in Outputs, what processes that died in a call left there,
// after a day.
func (st *Store) sweepOutputs(names []string) {
	for _, name := range names {
		if path := filepath.Join(st.Outputs(), name); strings.HasPrefix(name, outputPrefix) && st.isOld(path) {
			_ = os.Remove(path)
		}
	}
}

// Starts returns the Start of each call that was recorded in this session.
func (s *Session) Starts() (all []record.Start) {
	if s == nil {
		return nil
	}
	for _, m := range s.Messages {
		if m.Start != nil {
			all = append(all, *m.Start)
		}
	}
	return all
}

// Grants returns the Start of each call by which the person allowed every call of a tool in
// this session.
func (s *Session) Grants() []record.Start {
	return slices.DeleteFunc(s.Starts(), func(start record.Start) bool { return start.Always == "" || start.Always != s.ID })
}

// Recorded returns the calls of the last prompt that were recorded, each with its result.
func (s *Session) Recorded() (calls []history.Call) {
	if s == nil {
		return nil
	}
	messages := s.Messages[max(record.LastOf(s.Messages, chat.User), 0):]
	for i, m := range messages {
		if records := history.Records(messages[i:]); len(records) > 0 {
			calls = append(calls, history.Outcomes(m, records, false)...)
		}
	}
	return slices.DeleteFunc(calls, func(c history.Call) bool { return !c.Began })
}

// Unfinished returns a result for each call of the last answer that has none in the file,
// though something was recorded of its calls: the program was killed, or another process runs
// them. The Result says what is known.
func (s *Session) Unfinished() []record.Message {
	if s == nil {
		return nil
	}
	after := slices.Clone(s.Messages[max(record.LastOf(s.Messages, chat.Assistant), 0):])
	return slices.DeleteFunc(after, func(m record.Message) bool { return !m.IsUnrecorded() })
}
