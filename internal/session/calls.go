package session

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oax/internal/chat"
)

// How calls of tools are kept. A call is recorded, and synced, before its tool starts, and
// its result after the tool has ended. So a call without a record did not run, and one with
// a record and without a result may have run.
//
// The records of calls and results have the ID of the turn whose answer they lead to: that
// of the next answer of the model.

// Called is the role of the record of a call before its tool started, in Session.Messages.
// ToolCallID and Name are those of the call, Text is its arguments as sent.
const Called chat.Role = "call"

// Start says what a call runs, and who allowed it.
type Start struct {
	Tool   string   `json:"tool"`             // as a person names it: weather, docs.search
	Argv   []string `json:"argv,omitempty"`   // of a program
	Server string   `json:"server,omitempty"` // the MCP server that has the tool
	By     string   `json:"by"`               // who allowed it: one of the constants
	Allow  string   `json:"allow,omitempty"`  // the pattern of --allow
	// Always is the session for which the person allowed every call of this tool, and of no
	// other: neither a copy of the session nor another program by the same name.
	Always string `json:"always,omitempty"`
}

// Who can allow a call.
const (
	ByPerson = "person"
	ByFlag   = "flag"   // --allow
	ByConfig = "config" // approve = "always" in the configuration
	ByGrant  = "grant"  // the person has said always before
)

// Result says what became of a call.
type Result struct {
	Status    Status `json:"status"`
	Reason    string `json:"reason,omitempty"`    // why it did not run, in a few words
	Exit      int    `json:"exit,omitempty"`      // the exit status of a program
	Bytes     int64  `json:"bytes,omitempty"`     // of the whole output
	Truncated bool   `json:"truncated,omitempty"` // the text is not all of the output
	File      string `json:"file,omitempty"`      // that has the whole output
	Took      int64  `json:"took_ms,omitempty"`
	// Unrecorded says that there is no result in the file: Status is what follows from that.
	Unrecorded bool `json:"-"`
}

// Status is how a call went.
type Status string

// The ways in which a call can go.
const (
	Ran     Status = "ran"
	Failed  Status = "failed"  // it ran, and the tool says that it failed
	Refused Status = "refused" // it was not allowed, or cannot run
	Stopped Status = "stopped" // it was ended before its end
	NotRun  Status = "not run"
	Replay  Status = "replayed"     // not run: the text is the result of an earlier call
	MayHave Status = "may have run" // Unrecorded: its process died
	Running Status = "running"      // Unrecorded: another process is about to run it, or does
)

// unrecordedText returns what the model gets for a call of which there is no result.
func (s Status) unrecordedText() string {
	switch s {
	case Running:
		return "This call is not finished yet. There is no result."
	case MayHave:
		return "This call may have run: the program was killed before the result was recorded. It was not run again."
	}
	return "This call was not run: the program was killed before."
}

// FinishCalls is Finish for an answer whose calls are going to run: the session stays
// locked. What may follow is any number of Record, then Next or Close.
func (w *Writer) FinishCalls(m chat.Message) error {
	if w.closed {
		return os.ErrClosed
	}
	if err := w.save(m); err != nil {
		return err
	}
	w.turn, w.between = NewTurnID(), true
	return nil
}

// Record puts a call (role Called) or the result of one (chat.Tool) in the session, after
// FinishCalls, and returns it as it was saved. When it returns no error the record outlasts a
// power loss; a tool must not start before. The error is a SaveError of the stage "call" or
// "result".
func (w *Writer) Record(m Message) (saved Message, err error) {
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
	if err := w.renewJournal(w.head(w.store.now())); err != nil {
		return w.store.cannotSave("next", w.entry.ID, err)
	}
	w.between, w.journalErr, w.usage, w.model = false, nil, nil, w.asked
	w.text, w.reasoning, w.refusal = 0, 0, 0
	return nil
}

// renewJournal puts another journal, with this head, in the place of the old one. Nobody
// else can lock the session meanwhile, and who reads the old one learns that it has ended.
func (w *Writer) renewJournal(head []byte) error {
	if guarded == 0 { // an open file cannot be replaced here
		err := truncate(w.lock.file, 0)
		w.journalSize = 0
		if err == nil {
			err = w.writeJournal(head)
		}
		return err
	}
	path := w.lock.path
	next := nextJournal(path)
	_ = os.Remove(next) // a dead process may have left one
	l, err := w.store.tryLockJournal(next, createFile, exclusive)
	if err != nil {
		_ = os.Remove(next)
		return err
	}
	old, size := w.lock, w.journalSize
	w.lock, w.journalSize = l, 0
	if err = w.writeJournal(head); err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		l.discard()
		w.lock, w.journalSize = old, size
		return err
	}
	l.path = path
	old.file.Close()
	unflock(old.flock, path)
	return nil
}

// nextJournal returns the name that a journal has before it takes the place of another one.
func nextJournal(path string) string { return path + ".next" }

const outputPrefix = "output-" // of the files that package tools makes

// Outputs returns the directory for the outputs of tools until Keep puts them beside the
// session. It need not exist.
func (st *Store) Outputs() string { return filepath.Join(st.dir, openDir) }

// Keep moves a file with the output of a call beside the session, and returns its path
// there, or where it is if it cannot be moved.
func (w *Writer) Keep(output string) string {
	dir := outputsOf(w.entry.Path)
	kept := filepath.Join(dir, filepath.Base(output))
	if _, err := makeDir(dir); err != nil || os.Rename(output, kept) != nil {
		return output
	}
	return kept
}

// outputsOf returns the directory beside a session that has the whole outputs of its calls.
func outputsOf(path string) string { return strings.TrimSuffix(path, fileExtension) + ".outputs" }

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
func (s *Session) Starts() (all []Start) {
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
func (s *Session) Grants() []Start {
	return slices.DeleteFunc(s.Starts(), func(start Start) bool { return start.Always == "" || start.Always != s.ID })
}

// Allows reports whether a grant is one for the tool of another call.
func (s Start) Allows(other Start) bool {
	return s.Tool == other.Tool && s.Server == other.Server && slices.Equal(s.Argv, other.Argv)
}

// Recorded returns the calls of the last prompt that were recorded, each with its result.
func (s *Session) Recorded() (calls []RecordedCall) {
	if s == nil {
		return nil
	}
	messages := s.Messages[max(lastOf(s.Messages, chat.User), 0):]
	for i, m := range messages {
		if records := recordsOf(messages[i:]); len(records) > 0 {
			calls = append(calls, outcomes(m, records, false)...)
		}
	}
	return slices.DeleteFunc(calls, func(c RecordedCall) bool { return !c.began })
}

// RecordedCall is a call that was recorded, and its result.
type RecordedCall struct {
	chat.ToolCall
	Result Message
	began  bool // there is a record of the call itself
}

// Unfinished returns a result for each call of the last answer that has none in the file,
// though something was recorded of its calls: the program was killed, or another process runs
// them. The Result says what is known.
func (s *Session) Unfinished() []Message {
	if s == nil {
		return nil
	}
	after := slices.Clone(s.Messages[max(lastOf(s.Messages, chat.Assistant), 0):])
	return slices.DeleteFunc(after, func(m Message) bool { return !m.isUnrecorded() })
}

func (m Message) isUnrecorded() bool { return m.Result != nil && m.Result.Unrecorded }

// isRecorded reports whether a message is a record of a call that this program made.
func (m Message) isRecorded() bool { return m.Start != nil || m.Result != nil }

// isOfCall reports whether a message belongs to a call of the answer before it.
func isOfCall(m Message) bool { return m.Role == Called || m.Role == chat.Tool }

// addUnrecorded adds results for the calls that have none, behind the records of the other
// calls of their answer. Answers without any record stay as they are: another program may
// have their results. running is the turn that another process is in, or empty.
func addUnrecorded(messages []Message, running string) []Message {
	if !slices.ContainsFunc(messages, Message.isRecorded) {
		return messages
	}
	var all []Message
	for i := 0; i < len(messages); {
		asks, records := messages[i], recordsOf(messages[i:])
		i += 1 + len(records)
		all = append(append(all, asks), records...)
		if slices.ContainsFunc(records, Message.isRecorded) {
			runs := i == len(messages) && running != "" && asks.Turn == running
			for _, o := range outcomes(asks, records, runs) {
				if o.Result.isUnrecorded() {
					all = append(all, o.Result)
				}
			}
		}
	}
	return all
}

// recordsOf returns the records of calls that follow the first message, if that is an answer.
func recordsOf(messages []Message) []Message {
	end := 1
	for messages[0].Role == chat.Assistant && end < len(messages) && isOfCall(messages[end]) {
		end++
	}
	return messages[1:end]
}

// outcomes returns the calls of an answer, each with what became of it, in their order. There
// is at least one record. running says that another process may still record some.
func outcomes(asks Message, records []Message, running bool) (all []RecordedCall) {
	left := slices.Clone(records)
	take := func(role chat.Role, id string) (m Message, ok bool) {
		i := slices.IndexFunc(left, func(r Message) bool { return r.Role == role && r.ToolCallID == id })
		if i >= 0 {
			m = left[i]
			left = slices.Delete(left, i, i+1) // some services give two calls one ID
		}
		return m, i >= 0
	}
	for _, c := range asks.ToolCalls {
		_, began := take(Called, c.ID)
		m, ended := take(chat.Tool, c.ID)
		if !ended {
			status := NotRun
			switch {
			case running:
				status = Running
			case began:
				status = MayHave
			}
			m = Message{Time: asks.Time, Profile: asks.Profile, Turn: records[len(records)-1].Turn, Result: &Result{Status: status, Unrecorded: true}}
			m.Role, m.ToolCallID, m.Name, m.Text = chat.Tool, c.ID, c.Name, status.unrecordedText()
		}
		all = append(all, RecordedCall{c, m, began})
	}
	return all
}
