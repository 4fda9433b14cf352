package session

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session/journal"
	"oax/internal/session/record"
)

// With a clock that stands still, every answer of a dead writer is recovered.
func TestRecoverWithAStoppedClock(t *testing.T) {
	st := newStore(t, Options{Now: func() time.Time { return start }})
	var e Entry
	for i := range 3 {
		w, err := (*Writer)(nil), error(nil)
		if i == 0 {
			w, err = st.Create(user("q0"))
		} else {
			w, err = st.Continue(e, user(fmt.Sprint("q", i)))
		}
		must(t, err)
		e = Entry{w.ID(), w.Path()}
		leaveDead(t, w, fmt.Sprint("a", i))
		recovered(t, st)
	}
	if got := notesOf(load(t, st, e).History()); got != "u:q0 a:a0 u:q1 a:a1 u:q2 a:a2" {
		t.Error(got)
	}
}

// A process killed after the model began to call a tool leaves the call as far as it came.
func TestRecoverAToolCall(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	must(t, w.Journal(&chat.Delta{ToolCalls: []chat.ToolCall{{ID: "c1", Name: "weather"}}}))
	must(t, w.Journal(&chat.Delta{ToolCalls: []chat.ToolCall{{Index: chat.NoIndex, Arguments: `{"city":`}}}))
	must(t, w.Close())
	recovered(t, st)
	s := load(t, st, Entry{w.ID(), w.Path()})
	m := s.Messages[len(s.Messages)-1]
	if len(m.ToolCalls) != 1 || m.ToolCalls[0].Name != "weather" || m.ToolCalls[0].Arguments != `{"city":` || m.Why != chat.Killed {
		t.Errorf("%+v", m)
	}
}

// A finish reason and a usage that came before a kill are in the recovered answer.
func TestRecoverHowAnAnswerEnded(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	must(t, w.Journal(&chat.Delta{Text: []byte("whole")}))
	must(t, w.Journal(&chat.Delta{FinishReason: "stop"}))
	must(t, w.Journal(&chat.Delta{Usage: json.RawMessage(`{"total_tokens": 3}`)}))
	must(t, w.Close())
	recovered(t, st)
	s := load(t, st, Entry{w.ID(), w.Path()})
	if m := s.Messages[1]; m.FinishReason != "stop" || string(m.Usage) != `{"total_tokens":3}` || m.State != chat.Complete || m.Why != "" {
		t.Errorf("%+v", m)
	}
}

// A session that was removed while its answer came goes on with every line it had.
func TestRemovedWithEveryLine(t *testing.T) {
	for name, unrecovered := range map[string]bool{"answer": false, "error": true} {
		st := newStore(t, Options{})
		e := toCopy(t, st)
		must(t, st.Retitle(e, "mine"))
		write(t, e.Path, read(t, e.Path)+`{"kind":"request","turn":7,"body":{"temperature":0}}`+"\n")
		_, before, _ := strings.Cut(read(t, e.Path), "\n")
		w, err := st.Continue(e, user("last"))
		must(t, err)
		must(t, os.Remove(e.Path))
		if unrecovered {
			must(t, w.Fail("net", "no network"))
		} else {
			must(t, w.Finish(answer("new")))
		}
		_, after, _ := strings.Cut(read(t, w.Path()), "\n")
		if !strings.HasPrefix(after, before) || strings.Count(after, "\n") != strings.Count(before, "\n")+2 {
			t.Errorf("%s:\n%s\nbecame\n%s", name, before, after)
		}
		if s := load(t, st, Entry{w.ID(), w.Path()}); s.Title != "mine" || s.ForkOf == nil || s.ForkOf.ID != e.ID {
			t.Errorf("%s: %q, a copy of %v", name, s.Title, s.ForkOf)
		}
	}
}

// A branch has the requests and the unknown records of the turns that it copies.
func TestForkKeepsUnknownRecords(t *testing.T) {
	st := newStore(t, Options{})
	e := toCopy(t, st)
	w, err := st.Fork(load(t, st, e), 1, user("new"))
	must(t, err)
	must(t, w.Finish(answer("a")))
	if got := read(t, w.Path()); !strings.Contains(got, `{"kind":"new","of":["turn 1"]}`+"\n") {
		t.Error(got)
	}
	if got := notesOf(load(t, st, Entry{w.ID(), w.Path()}).History()); got != "s:be kind u:q1 a:a1b u:new a:a" {
		t.Error(got)
	}
}

// Two files can have one ID, if one was copied by hand. What a dead writer left goes into
// the one it was writing to, or into a new session if that one is gone.
func TestRecoverBesideATwin(t *testing.T) {
	for name, removed := range map[string]bool{"both there": false, "the right one removed": true} {
		for _, retry := range []bool{false, true} {
			st := newStore(t, Options{Now: clock()})
			w := begin(t, st, []string{"q0", "a0"}, retry)
			leaveDead(t, w, "words")
			e := Entry{w.ID(), w.Path()}
			var twins []Entry
			for _, stem := range []string{"2025-01-01_00-00-00_", "2027-01-01_00-00-00_"} {
				twin := Entry{e.ID, filepath.Join(filepath.Dir(e.Path), stem+e.ID+record.Extension)}
				twins = append(twins, twin)
				write(t, twin.Path, strings.ReplaceAll(fixture, "k3f9q2ab", e.ID))
			}
			if removed {
				must(t, os.Remove(e.Path))
			}
			for _, twin := range twins {
				if s := load(t, st, twin); strings.Contains(strings.Join(texts(s), " "), "words") {
					t.Errorf("%s, asked again %v: %s shows %v", name, retry, twin.Path, texts(s))
				}
			}
			recovered(t, st)
			for _, twin := range twins {
				if got := read(t, twin.Path); strings.Contains(got, "words") {
					t.Errorf("%s, asked again %v: the answer is in %s", name, retry, twin.Path)
				}
			}
			saved := 0
			for x, err := range st.List(Filter{}) {
				must(t, err)
				if ends(load(t, st, x)) == "assistant words incomplete killed" && (removed || x == e) {
					saved++
				}
			}
			if saved != 1 {
				t.Errorf("%s, asked again %v: saved %d times", name, retry, saved)
			}
		}
	}
}

// Usage that is all that came of an answer is saved beside the error.
func TestUsageAlone(t *testing.T) {
	for name, end := range map[string]func(*Writer) error{
		"failed": func(w *Writer) error { return w.Fail(chat.Cut, "ended early") },
		"killed": (*Writer).Close,
	} {
		st := newStore(t, Options{})
		w, err := st.Create(user("q"))
		must(t, err)
		must(t, w.Journal(&chat.Delta{Usage: json.RawMessage(`{"total_tokens":3}`), Model: "m1-2026"}))
		must(t, end(w))
		recovered(t, st)
		s := load(t, st, Entry{w.ID(), w.Path()})
		if m := s.Messages[len(s.Messages)-1]; m.Role != record.Error || string(m.Usage) != `{"total_tokens":3}` || m.Model != "m1-2026" {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// What is not UTF-8 in a usage does not get into a file.
func TestInvalidUsage(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	usage := json.RawMessage("{\"tier\":\"a\xff\xfeb\"}")
	must(t, w.Journal(&chat.Delta{Text: []byte("x"), Usage: usage}))
	if journal := read(t, w.journal.Path); !json.Valid([]byte(journal[strings.IndexByte(journal, '\n'):])) || strings.Contains(journal, "\xff") {
		t.Errorf("%q", journal)
	}
	a := answer("x")
	a.Usage = usage
	must(t, w.Finish(a))
	if got := read(t, w.Path()); !strings.Contains(got, `"usage":{"tier":"a`+"\uFFFD") || strings.Contains(got, "\xff") {
		t.Errorf("%q", got)
	}
}

// The name of a month's directory that another process has just made may not be on the
// disk yet.
func TestMonthMadeByAnother(t *testing.T) {
	st := newStore(t, Options{Now: func() time.Time { return start }})
	must(t, os.MkdirAll(filepath.Join(st.dir, journal.Dir), 0o700))
	must(t, os.Mkdir(filepath.Join(st.dir, record.MonthOf(start)), 0o700))
	w, err := st.Create(user("q"))
	must(t, err)
	defer w.Close()
	if !strings.Contains(strings.Join(w.unsynced, "\n")+"\n", st.dir+"\n") {
		t.Errorf("to sync: %q", w.unsynced)
	}
}

// Where modes cannot be set, sessions are saved all the same, and that is said once.
func TestChmodRefused(t *testing.T) {
	const said = "the file system does not take file modes; other users may be able to read what is saved\n"
	for fault, want := range map[string]string{"fchmod:error=EPERM": said, "fchmodat:error=EPERM": ""} {
		st := newStore(t, Options{})
		if out, ok := traced(t, "turn umask=0277", st.dir, fault); !ok || out != want {
			t.Errorf("%s: %q", fault, out)
		}
		checkWords(t, st, 0, chat.Complete, fault)
	}
	st := newStore(t, Options{})
	st.addNote("", exposed)
	for i, want := range []int{1, 0} {
		w, err := st.Create(user("q"))
		must(t, err)
		if n := w.Notes(); len(n) != want {
			t.Errorf("%d: %q", i, n)
		}
		must(t, w.Finish(answer("a")))
	}
}

// Recovery does not hold a file in memory: neither a long line of a session nor a journal
// that no program of ours wrote, which costs only itself.
func TestRecoverInLittleMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("needs /proc")
	}
	st := newStore(t, Options{})
	w := begin(t, st, []string{"q0", "a0"}, false)
	e := Entry{w.ID(), w.Path()}
	leaveDead(t, w, "words")
	must(t, os.Truncate(e.Path, 1<<30/int64(min(every(4), 4)))) // zeros that take no room
	huge := filepath.Join(st.dir, journal.Dir, "2026-11_aaaaaaaa.part")
	write(t, huge, "")
	must(t, os.Truncate(huge, 10<<30))
	out := run(t, "recover", st.dir, "")
	recovered, peak, _ := strings.Cut(strings.TrimSpace(out), " ")
	if kib, err := strconv.Atoi(peak); err != nil || kib > 150<<10 || recovered != e.ID {
		t.Errorf("%q", out)
	}
}

// Turns that could not be saved before are saved with the next one. An answer to the last
// of them, asked again, is not taken for the one that it has.
func TestUnsavedTurnsHaveTheirOwnIDs(t *testing.T) {
	st := newStore(t, Options{})
	system := record.Message{Message: chat.Message{Role: chat.System, Text: "s"}}
	first, second := record.Message{Message: answer("a1")}, record.Message{Message: answer("a2")}
	w, err := st.Create(system, user("q1"), first, user("q2"), second)
	must(t, err)
	leaveDead(t, w, "again")
	recovered(t, st)
	s := load(t, st, Entry{w.ID(), w.Path()})
	var turns []string
	for _, m := range s.Messages {
		if !slices.Contains(turns, m.Turn) {
			turns = append(turns, m.Turn)
		}
	}
	if got := notesOf(s.History()); got != "s:s u:q1 a:a1 u:q2 a:again" || len(turns) != 3 || s.Messages[1].Turn != turns[0] || s.Messages[5].Turn != w.Turn() {
		t.Errorf("%s, %q", got, turns)
	}
}

// What nobody here knows stays where it is when a dead writer's answer is recovered.
func TestRecoverBesideARequest(t *testing.T) {
	st := newStore(t, Options{})
	w := begin(t, st, []string{"q0", "a0"}, false)
	leaveDead(t, w, "words")
	before := read(t, w.Path()) + `{"kind":"request","turn":7,"body":{"temperature":0}}` + "\n"
	write(t, w.Path(), before)
	recovered(t, st)
	after := read(t, w.Path())
	if s := load(t, st, Entry{w.ID(), w.Path()}); !strings.HasPrefix(after, before) || ends(s) != "assistant words incomplete killed" || len(s.Notes) > 0 {
		t.Errorf("%s, %q", after, s.Notes)
	}
}
