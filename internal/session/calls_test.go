package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/history"
	"oax/internal/session/journal"
	"oax/internal/session/merge"
	"oax/internal/session/record"
)

// asks is an answer with calls.
func asks(ids ...string) chat.Message {
	m := chat.Message{Role: chat.Assistant, Model: "m1-2026", FinishReason: "tool_calls", State: chat.Complete}
	for i, id := range ids {
		m.ToolCalls = append(m.ToolCalls, chat.ToolCall{Index: i, ID: id, Name: "append", Arguments: `{"n":1}`})
	}
	return m
}

func called(id string) record.Message {
	return record.Message{
		Message: chat.Message{Role: record.Called, ToolCallID: id, Name: "append", Text: `{"n":1}`},
		Start:   &record.Start{Tool: "append", Argv: []string{"sh", "-c", "echo <x>"}, By: record.ByFlag, Allow: "app*"},
	}
}

func result(id string) record.Message {
	return record.Message{
		Message: chat.Message{Role: chat.Tool, ToolCallID: id, Name: "append", Text: "done " + id},
		Result:  &record.Result{Status: record.Ran, Exit: 3, Bytes: 70000, Truncated: true, File: "f", Took: 12},
	}
}

func recordAll(t *testing.T, w *Writer, all ...record.Message) {
	t.Helper()
	for _, m := range all {
		_, err := w.Record(m)
		must(t, err)
	}
}

// sent returns the messages of a history, each with the IDs that concern it. It fails unless
// each call has exactly one result, which comes before the next message of another role.
func sent(t *testing.T, s *Session) []string {
	t.Helper()
	var all []string
	open := map[string]int{}
	for _, m := range s.History() {
		line := string(m.Role) + " " + m.Text
		if m.Role == chat.Tool {
			line += " for " + m.ToolCallID
			if open[m.ToolCallID]--; open[m.ToolCallID] < 0 {
				t.Errorf("no call %s is open", m.ToolCallID)
			}
		} else {
			for id, n := range open {
				if n != 0 {
					t.Errorf("before %q call %s has %d results too few", line, id, n)
				}
			}
			clear(open)
		}
		for _, c := range m.ToolCalls {
			line += " " + c.ID
			open[c.ID]++
		}
		all = append(all, strings.TrimSpace(line))
	}
	for id, n := range open {
		if n != 0 {
			t.Errorf("at the end call %s has %d results too few", id, n)
		}
	}
	return all
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// leaveCalls leaves a session whose process died after it had recorded the call and the
// result of a, and the call of b.
func leaveCalls(t *testing.T, st *Store) Entry {
	t.Helper()
	w, err := st.Create(user("q"))
	must(t, err)
	must(t, w.FinishCalls(asks("a", "b", "c")))
	recordAll(t, w, called("a"), result("a"), called("b"))
	running := load(t, New(Options{Dir: st.dir}), w.Entry())
	open := running.Unfinished()
	if !running.Open || len(open) != 2 || open[0].Result.Status != record.Running || open[1].Result.Status != record.Running {
		t.Errorf("while it runs: %+v", open)
	}
	if _, _, answering := running.Follow().Running(); answering {
		t.Error("an answer is followed while tools run")
	}
	w.journal.Release() // as if the process had died
	w.journal = nil
	must(t, w.Close())
	return w.Entry()
}

func TestCallsOfADeadProcess(t *testing.T) {
	st := newStore(t, Options{})
	e := leaveCalls(t, st)
	before := read(t, e.Path)
	recovered, err := st.recover()
	if err != nil || len(recovered) > 0 || len(journals(t, st)) > 0 || read(t, e.Path) != before {
		t.Errorf("recovered %v, %v; left %v", recovered, err, journals(t, st))
	}
	s := load(t, st, e)
	open := s.Unfinished()
	if s.Open || len(open) != 2 || open[0].ToolCallID != "b" || open[0].Result.Status != record.MayHave || open[1].ToolCallID != "c" || open[1].Result.Status != record.NotRun {
		t.Errorf("unfinished: %+v", open)
	}
	const mayHave = "This call may have run: the program was killed before the result was recorded. It was not run again."
	const notRun = "This call was not run: the program was killed before."
	round := []string{"user q", "assistant  a b c", "tool done a for a", "tool " + mayHave + " for b", "tool " + notRun + " for c"}
	wantLines(t, sent(t, s), round...)
	call, ran := s.Messages[2], s.Messages[3]
	if call.Role != record.Called || call.Text != `{"n":1}` || call.Start.Argv[2] != "echo <x>" || call.Start.Allow != "app*" || *ran.Result != *result("a").Result || ran.Profile != "p1" || ran.Model != "m1" || call.Turn != ran.Turn || call.Turn == s.Messages[0].Turn {
		t.Errorf("call %+v, result %+v", call, ran)
	}
	if summary, err := st.Summary(e); err != nil || !summary.Incomplete {
		t.Errorf("the summary calls it complete: %+v, %v", summary, err)
	}
	if _, calls, ok := s.OpenCalls(); !ok || len(calls) != 2 {
		t.Errorf("open for --results: %v, %v", calls, ok)
	}

	w, err := st.Continue(e, user("go on"))
	must(t, err)
	must(t, w.Finish(answer("yes")))
	s = load(t, st, e)
	wantLines(t, sent(t, s), append(round, "user go on", "assistant yes")...)
	if len(s.Unfinished()) > 0 {
		t.Error("the calls of an earlier answer are told again")
	}
	copied, err := st.Copy(e, 1, "")
	must(t, err)
	wantLines(t, sent(t, load(t, st, copied)), round...)
}

// TestRounds: the answer after the results has a journal of its own, and nobody can come in
// between.
func TestRounds(t *testing.T) {
	t.Parallel()
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	first := w.Turn()
	followed := make(chan string)
	go func() {
		text := ""
		for d, err := range st.Tail(context.Background(), w.Entry(), journal.Position{Turn: first}) {
			if err != nil {
				t.Error(err)
			} else {
				text += string(d.Text)
			}
		}
		followed <- text
	}()
	must(t, w.Journal(&chat.Delta{Text: []byte("let me see")}))
	m := asks("a")
	m.Text = "let me see"
	must(t, w.FinishCalls(m))
	busy := func() {
		t.Helper()
		_, err := st.Continue(w.Entry(), user("other"))
		if _, ok := errors.AsType[*BusyError](err); !ok {
			t.Errorf("another process comes in between: %v", err)
		}
	}
	busy()
	recordAll(t, w, called("a"), result("a"))
	write(t, journal.NextJournal(w.journal.Path), "left by a dead process")
	must(t, w.Next())
	busy()
	select {
	case text := <-followed:
		if text != "let me see" {
			t.Errorf("followed %q", text)
		}
	case <-time.After(time.Minute):
		t.Error("who follows the first answer does not learn that it has ended")
	}
	must(t, w.Journal(&chat.Delta{Text: []byte("it is")}))
	if s := load(t, st, w.Entry()); !s.live || s.Messages[len(s.Messages)-1].Text != "it is" || len(s.Unfinished()) > 0 {
		t.Errorf("while the second answer arrives: %q", texts(s))
	}
	must(t, w.Finish(answer("it is so")))
	if left := journals(t, st); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	s := load(t, st, w.Entry())
	wantLines(t, sent(t, s), "user q", "assistant let me see a", "tool done a for a", "assistant it is so")
	if summary, _ := st.Summary(w.Entry()); summary.Incomplete || summary.Turns != 1 {
		t.Errorf("summary %+v", summary)
	}

	// Asked again, the new answer counts, with its own calls.
	w, err = st.Continue(w.Entry())
	must(t, err)
	must(t, w.Finish(answer("")))
	wantLines(t, sent(t, load(t, st, w.Entry())), "user q", "assistant let me see a", "tool done a for a", "assistant it is so")
	w, err = st.Continue(w.Entry())
	must(t, err)
	must(t, w.FinishCalls(asks("a", "b")))
	recordAll(t, w, called("b"), result("b"), result("a"))
	must(t, w.Next())
	must(t, w.Finish(answer("again")))
	wantLines(t, sent(t, load(t, st, w.Entry())), "user q", "assistant  a b", "tool done a for a", "tool done b for b", "assistant again")
}

// TestKilledAfterTheResults: the answer to the results had not begun, or had.
func TestKilledAfterTheResults(t *testing.T) {
	for text, want := range map[string]string{"": "error", "it": "assistant"} {
		st := newStore(t, Options{})
		w, err := st.Create(user("q"))
		must(t, err)
		must(t, w.FinishCalls(asks("a")))
		recordAll(t, w, called("a"), result("a"))
		must(t, w.Next())
		write(t, journal.NextJournal(w.journal.Path), "left")
		leaveDead(t, w, strings.Fields(text)...)
		recovered, err := st.recover()
		s := load(t, st, w.Entry())
		last := s.Messages[len(s.Messages)-1]
		if err != nil || len(recovered) != 1 || string(last.Role) != want || last.Why != chat.Killed || len(journals(t, st)) > 0 {
			t.Errorf("%q: recovered %v, %v, last %+v, left %v", text, recovered, err, last, journals(t, st))
		}
		sent(t, s)
	}
}

// TestOutputsOfDeadProcesses: what a process left that died in a call is removed after a day.
func TestOutputsOfDeadProcesses(t *testing.T) {
	st := newStore(t, Options{})
	must(t, os.MkdirAll(st.Outputs(), 0o700))
	yesterday := time.Now().Add(-25 * time.Hour)
	for _, name := range []string{"output-1.txt", "other-1.txt", "output-2.txt"} {
		path := filepath.Join(st.Outputs(), name)
		write(t, path, "half")
		if name != "output-2.txt" {
			must(t, os.Chtimes(path, yesterday, yesterday))
		}
	}
	_, err := st.recover()
	must(t, err)
	left, err := disk.ReadNames(st.Outputs())
	must(t, err)
	slices.Sort(left)
	wantLines(t, left, "other-1.txt", "output-2.txt")
}

// TestRecorded: of two calls with one ID only one was recorded.
func TestRecorded(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	must(t, w.FinishCalls(asks("a", "a")))
	refused := result("a")
	refused.Result = &record.Result{Status: record.Refused}
	recordAll(t, w, called("a"), result("a"), refused)
	must(t, w.Close())
	s := load(t, st, w.Entry())
	s.Messages = append(s.Messages, record.Message{Message: asks("c2")}) // asked for without -T, or with --calls: nothing is recorded
	if calls := s.Recorded(); len(calls) != 1 || calls[0].Result.Result.Status != record.Ran {
		t.Errorf("recorded: %+v", calls)
	}
}

// TestRecordFails: a call whose record could not be written or synced must not run.
func TestRecordFails(t *testing.T) {
	begin := func() (*Store, *Writer) {
		st := newStore(t, Options{})
		w, err := st.Create(user("q"))
		must(t, err)
		must(t, w.FinishCalls(asks("a")))
		return st, w
	}
	st, w := begin()
	w.syncErr = &SaveError{Stage: "sync", Err: os.ErrInvalid}
	if _, err := w.Record(called("a")); err == nil {
		t.Error("a sync that failed before is forgotten")
	}
	w.syncErr = nil
	whole := w.file
	w.file, _ = os.Open(w.Path()) // it cannot be written to
	_, err := w.Record(called("a"))
	if save, ok := errors.AsType[*SaveError](err); !ok || save.Stage != "call" {
		t.Errorf("no SaveError: %v", err)
	}
	whole.Close()
	must(t, w.Close())
	if s := load(t, st, w.Entry()); len(s.Messages) != 2 || len(journals(t, st)) > 0 {
		t.Errorf("there is %q, left %v", texts(s), journals(t, st))
	}

	_, w = begin()
	w.journal.Path += "/no" // there is no directory for a journal
	if err := w.Next(); err == nil {
		t.Error("a journal that cannot be made is no error")
	}
	must(t, w.Close())
}

// TestSessionRemovedBetweenRounds: what is recorded then goes to a new session, with all that
// was before.
func TestSessionRemovedBetweenRounds(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	old := w.ID()
	must(t, w.FinishCalls(asks("a")))
	must(t, os.Remove(w.Path()))
	recordAll(t, w, called("a"), result("a"))
	must(t, w.Next())
	must(t, w.Finish(answer("yes")))
	if w.ID() == old || len(w.Notes()) != 1 || len(journals(t, st)) > 0 {
		t.Errorf("session %s, notes %q, left %v", w.ID(), w.Notes(), journals(t, st))
	}
	wantLines(t, sent(t, load(t, st, w.Entry())), "user q", "assistant  a", "tool done a for a", "assistant yes")
}

// TestUnrecordedCalls: calls that this program did not record are another program's.
func TestUnrecordedCalls(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	must(t, w.Finish(asks("a")))
	s := load(t, st, w.Entry())
	if len(s.Unfinished()) > 0 || len(s.Messages) != 2 || len(s.History()) > 0 {
		t.Errorf("there is %q", texts(s))
	}
}

// TestGrants: always is for one session and one tool.
func TestGrants(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	must(t, w.FinishCalls(asks("a")))
	granted := called("a")
	granted.Start.By, granted.Start.Always = record.ByPerson, w.ID()
	recordAll(t, w, granted, result("a"))
	must(t, w.Close())
	grants := load(t, st, w.Entry()).Grants()
	if len(grants) != 1 || !grants[0].Allows(*called("b").Start) {
		t.Fatalf("grants %+v", grants)
	}
	for _, other := range []record.Start{{Tool: "append"}, {Tool: "append", Argv: []string{"sh", "-c", "rm"}}, {Tool: "other", Argv: granted.Start.Argv}, {Tool: "append", Server: "s", Argv: granted.Start.Argv}} {
		if grants[0].Allows(other) {
			t.Errorf("the grant is for %+v too", other)
		}
	}
	copied, err := st.Copy(w.Entry(), 0, "")
	must(t, err)
	if grants := load(t, st, copied).Grants(); len(grants) > 0 {
		t.Errorf("a copy has %+v", grants)
	}
}

// TestMergeCalls: copies that grew apart keep the records of calls behind their answer.
func TestMergeCalls(t *testing.T) {
	st := newStore(t, Options{})
	e := leaveCalls(t, st)
	long := read(t, e.Path)
	lines := strings.SplitAfter(long, "\n")
	short := strings.Join(lines[:3], "") // header, prompt, answer
	if m := merge.Copies(e.ID, []byte(short), []byte(long)); string(m.Session) != long || m.Branch != nil {
		t.Errorf("merged %s and %s", m.Session, m.Branch)
	}
	w, err := newStore(t, Options{}).Create(user("other"))
	must(t, err)
	must(t, w.Finish(answer("said")))
	other := short + strings.Join(strings.SplitAfter(read(t, w.Path()), "\n")[1:], "")
	m := merge.Copies(e.ID, []byte(long), []byte(other))
	if !strings.Contains(string(m.Branch), "other") && !strings.Contains(string(m.Session), "other") || m.Branch == nil {
		t.Errorf("merged %s and %s", m.Session, m.Branch)
	}
	for _, data := range [][]byte{m.Session, m.Branch} {
		c := record.Parse(data)
		s := newSession(&c, e)
		s.Messages = history.AddUnrecorded(s.Messages, "")
		sent(t, s)
		if n := len(s.Messages); n != 4 && n != 7 {
			t.Errorf("%d messages: %s", n, data)
		}
	}
}

// FuzzCalls: whatever the records of calls are, each call of the history has one result.
func FuzzCalls(f *testing.F) {
	f.Add("uacbtcd")
	f.Add("uacAtAcau")
	f.Add("aatuAtteaAcC")
	f.Add("uACntAT") // the results of one answer name two turns
	f.Fuzz(func(t *testing.T, moves string) {
		var s Session
		turn := 0
		for i, move := range moves {
			m := user("q")
			switch move {
			case 'a':
				m.Message, turn = answer(fmt.Sprint(i)), turn+1
			case 'A':
				m.Message = asks("a", "b", "a")
			case 'c':
				m = called("a")
			case 'C':
				m = called("b")
			case 't':
				m = result("a")
			case 'T':
				m = result("b")
			case 'r':
				m = result("a")
				m.Result = nil
			case 'e':
				m.Role = record.Error
			case 'n':
				turn++
				continue
			case 'u':
			default:
				continue
			}
			m.Turn = fmt.Sprint("t", turn)
			s.Messages = append(s.Messages, m)
		}
		unread := s.History()
		s.Messages = history.AddUnrecorded(s.Messages, "")
		if len(unread) != len(s.History()) {
			t.Errorf("%d messages of the file, %d once it is loaded", len(unread), len(s.History()))
		}
		sent(t, &s)
	})
}

// TestNext: who follows a turn with calls gets their records and the next answer, whenever it
// comes in, until the turn is over.
func TestNext(t *testing.T) {
	st := newStore(t, Options{})
	other := New(Options{Dir: st.dir}) // as of another process
	w, err := st.Create(user("q"))
	must(t, err)
	follow := func() *Session { return load(t, other, w.Entry()).Follow() }
	early := follow()
	must(t, w.FinishCalls(asks("a")))
	recordAll(t, w, called("a"))
	between := follow()
	if !between.RunsTools() || between.Messages[len(between.Messages)-1].Role != chat.Assistant {
		t.Errorf("while a tool runs: %q", texts(between))
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := other.Next(canceled, between); !errors.Is(err, context.Canceled) {
		t.Errorf("while a tool runs: %v", err)
	}
	patient, stop := context.WithTimeout(t.Context(), time.Minute) // else who misses the answer waits for ever
	defer stop()
	waited := make(chan *Session, 2)
	for _, s := range []*Session{early, between} {
		go func() {
			next, err := other.Next(patient, s)
			if err != nil {
				t.Error(err)
				next = &Session{}
			}
			waited <- next
		}()
	}
	recordAll(t, w, result("a"))
	must(t, w.Next())
	for range 2 {
		next := <-waited
		if _, _, running := next.Running(); !running || len(next.Messages) != 3 || next.Messages[1].Role != chat.Tool {
			t.Fatalf("the next answer: %q", texts(next))
		}
		early = next
	}
	must(t, w.Finish(answer("it is so")))
	if next, err := other.Next(t.Context(), between); err != nil || len(next.Messages) != 3 || next.Messages[2].Text != "it is so" {
		t.Errorf("who comes late gets %v, %v", next, err)
	}
	if next, err := other.Next(t.Context(), early); err != nil || next != nil {
		t.Errorf("after the end of the turn comes %v, %v", next, err)
	}
	e := leaveCalls(t, st) // and a process that dies while tools run
	if next, err := other.Next(t.Context(), load(t, other, e)); err != nil || len(next.Messages) != 5 {
		t.Errorf("of a process that died come %v, %v", next, err)
	}
}
