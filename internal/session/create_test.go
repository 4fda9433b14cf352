package session

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/record"
)

func TestBusy(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q1", "a1")
	first, err := st.Continue(e, user("q2"))
	must(t, err)
	must(t, first.Journal(&chat.Delta{Text: []byte("a")}))
	_, err = st.Continue(e, user("q3"))
	if busy, ok := errors.AsType[*BusyError](err); !ok || busy.ID != e.ID || busy.PID != os.Getpid() {
		t.Fatal(err)
	}
	s := load(t, st, e)
	if got := notesOf(s.History()); !s.Open || got != "u:q1 a:a1" || len(s.Messages) != 4 {
		t.Errorf("open %v, %q of %v", s.Open, got, texts(s))
	}
	second, err := st.Fork(s, s.Turns(), user("q3"))
	must(t, err)
	must(t, second.Finish(answer("a3")))
	must(t, first.Finish(answer("a2")))
	fork := load(t, st, Entry{second.ID(), second.Path()})
	if got := notesOf(fork.History()); got != "u:q1 a:a1 u:q3 a:a3" || fork.ForkOf == nil || fork.ForkOf.ID != e.ID {
		t.Errorf("%q of %v", got, fork.ForkOf)
	}
	s = load(t, st, e)
	if got := notesOf(s.History()); got != "u:q1 a:a1 u:q2 a:a2" || s.Open {
		t.Error(got)
	}
}

func TestForkAtATurn(t *testing.T) {
	st := newStore(t, Options{})
	s := load(t, st, save(t, st, "q1", "a1", "q2", "a2"))
	for turn, want := range map[int]string{-1: "u:new", 0: "u:new", 1: "u:q1 a:a1 u:new", 2: "u:q1 a:a1 u:q2 a:a2 u:new", 9: "u:q1 a:a1 u:q2 a:a2 u:new"} {
		w, err := st.Fork(s, turn, user("new"))
		must(t, err)
		must(t, w.Close())
		fork := load(t, st, Entry{w.ID(), w.Path()})
		var all []chat.Message
		for _, m := range fork.Messages {
			all = append(all, m.Message)
		}
		if got := notesOf(all); got != want || *fork.ForkOf != (record.Fork{ID: s.ID, Turn: min(max(turn, 0), 2)}) {
			t.Errorf("turn %d: %q of %v", turn, got, fork.ForkOf)
		}
		if !fork.Messages[0].Time.Equal(s.Messages[0].Time) && turn > 0 {
			t.Error("a copied message has lost its time")
		}
	}
}

func TestDeletedElsewhere(t *testing.T) {
	for name, retry := range map[string]bool{"prompt": false, "retry": true} {
		st := newStore(t, Options{})
		e := save(t, st, "q1", "a1")
		prompt, want := []record.Message{user("q2")}, "u:q1 a:a1 u:q2 a:new"
		if retry {
			prompt, want = nil, "u:q1 a:new"
		}
		w, err := st.Continue(e, prompt...)
		must(t, err)
		must(t, w.sync())
		must(t, w.Journal(&chat.Delta{Text: []byte("n")}))
		must(t, os.Remove(e.Path))
		must(t, w.Finish(answer("new")))
		s := load(t, st, Entry{w.ID(), w.Path()})
		if got := notesOf(s.History()); w.ID() == e.ID || got != want {
			t.Errorf("%s: session %s has %q", name, w.ID(), got)
		}
		if n := w.Notes(); len(n) != 1 || n[0] != "session "+e.ID+" was deleted elsewhere; your turn is saved as "+w.ID() {
			t.Errorf("%s: %q", name, n)
		}
		if p := journals(t, st); len(p) > 0 {
			t.Errorf("%s: left %v", name, p)
		}
	}
}

func TestReplacedElsewhere(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q1", "a1")
	w, err := st.Continue(e, user("q2"))
	must(t, err)
	write(t, e.Path, "by an editor")
	must(t, w.Finish(answer("a2")))
	s := load(t, st, Entry{w.ID(), w.Path()})
	if got := notesOf(s.History()); w.ID() == e.ID || got != "u:q1 a:a1 u:q2 a:a2" || read(t, e.Path) != "by an editor" {
		t.Errorf("session %s has %q", w.ID(), got)
	}
}

// toCopy is a session with all that a copy has to take along: an answer asked for
// again, an error, a cut answer, a kind of record that is not known, a damaged one.
func toCopy(t *testing.T, st *Store) Entry {
	t.Helper()
	e := save(t, st, "q1", "a1")
	system := record.Message{Message: chat.Message{Role: chat.System, Text: "be kind"}}
	for _, turn := range []struct {
		prompt []record.Message
		answer string
	}{{nil, "a1b"}, {[]record.Message{system, user("q2")}, "a2"}, {[]record.Message{user("q3")}, ""}} {
		w, err := st.Continue(e, turn.prompt...)
		must(t, err)
		if turn.answer == "" {
			must(t, w.Fail("net", "no network"))
			continue
		}
		m := answer(turn.answer)
		if turn.answer == "a2" {
			m.State, m.Why = chat.Incomplete, chat.Killed
		}
		must(t, w.Finish(m))
	}
	must(t, st.Retitle(e, "given"))
	w, err := st.Continue(e, user("q4"))
	must(t, err)
	must(t, w.Finish(answer("a4")))
	lines := strings.SplitAfter(read(t, e.Path), "\n")
	lines[2] += `{"kind":"new","of":["turn 1"]}` + "\n" + `{"kind":"message","dam` + "\n"
	write(t, e.Path, strings.Join(lines, ""))
	return e
}

func TestCopy(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	e := toCopy(t, st)
	original := read(t, e.Path)
	for _, c := range []struct {
		turn  int
		title string
		texts string
		want  string // the title of the copy
	}{
		{1, "", "q1 a1 a1b", "given"},
		{2, "", "q1 a1 a1b be kind q2 a2", "given"},
		{3, "mine", "q1 a1 a1b be kind q2 a2 q3 no network", "mine"},
		{4, "", "q1 a1 a1b be kind q2 a2 q3 no network q4 a4", "given"},
		{0, "", "q1 a1 a1b be kind q2 a2 q3 no network q4 a4", "given"},
		{9, "", "q1 a1 a1b be kind q2 a2 q3 no network q4 a4", "given"},
	} {
		copied, err := st.Copy(e, c.turn, c.title)
		must(t, err)
		s, all := load(t, st, copied), ""
		for _, m := range s.Messages {
			all += " " + m.Text
		}
		turns := min(c.turn, 4)
		if turns == 0 {
			turns = 4
		}
		if all != " "+c.texts || s.Title != c.want || s.ForkOf == nil || *s.ForkOf != (record.Fork{ID: e.ID, Turn: turns}) || len(s.Notes) > 0 || copied.ID == e.ID {
			t.Errorf("turn %d: %q called %q, fork of %v, %q", c.turn, all, s.Title, s.ForkOf, s.Notes)
		}
		lines := strings.SplitAfter(read(t, copied.Path), "\n")
		for i, line := range lines[1:] {
			isTitle := c.title != "" || i == len(lines)-3
			if !strings.Contains(original, line) && !(isTitle && strings.HasPrefix(line, `{"kind":"title"`)) {
				t.Errorf("turn %d: line %d is none of the original: %s", c.turn, i+2, line)
			}
		}
		if !strings.Contains(read(t, copied.Path), `{"kind":"new","of":["turn 1"]}`) {
			t.Errorf("turn %d: an unknown record is gone", c.turn)
		}
	}
	if read(t, e.Path) != original || len(journals(t, st)) > 0 {
		t.Error("the original was changed, or something left behind")
	}
}

// The old answer stays, the new one counts, in a copy too.
func TestRetryInACopy(t *testing.T) {
	st := newStore(t, Options{})
	e := toCopy(t, st)
	copied, err := st.Copy(e, 1, "")
	must(t, err)
	if got := notesOf(load(t, st, copied).History()); got != "u:q1 a:a1b" {
		t.Error(got)
	}
	w, err := st.Continue(copied)
	must(t, err)
	must(t, w.Finish(answer("a1c")))
	s := load(t, st, copied)
	if got := notesOf(s.History()); got != "u:q1 a:a1c" || !strings.Contains(strings.Join(texts(s), " "), "a1 assistant: a1b assistant: a1c") {
		t.Errorf("%q of %q", got, texts(s))
	}
}

func TestCopyOfOddSessions(t *testing.T) {
	st := newStore(t, Options{})
	e := Entry{"k3f9q2ab", filepath.Join(st.dir, "2026-11", "x_k3f9q2ab.jsonl")}
	header := strings.SplitAfter(fixture, "\n")[0]
	for name, file := range map[string]string{
		"empty":      "",
		"no header":  fixture[len(header):],
		"two":        fixture + header,
		"torn":       fixture + `{"kind":"mess`,
		"unended":    strings.TrimSuffix(fixture, "\n"),
		"NULs":       strings.TrimSuffix(fixture, "\n") + "\x00\x00",
		"title only": header + `{"kind":"title","text":"x"}`,
	} {
		write(t, e.Path, file)
		copied, err := st.Copy(e, 0, "")
		must(t, err)
		s := load(t, st, copied)
		want := load(t, st, e)
		if strings.Join(texts(s), "|") != strings.Join(texts(want), "|") || s.Title != want.Title || s.Damaged || len(s.Notes) > 0 || strings.Count(read(t, copied.Path), `"kind":"session"`) != 1 {
			t.Errorf("%s: %q called %q, %q", name, texts(s), s.Title, s.Notes)
		}
	}
}

func TestCopyRefused(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q1", "a1")
	_, err := st.Copy(Entry{"gone0000", e.Path + "x"}, 0, "")
	if _, ok := errors.AsType[*NotFoundError](err); !ok {
		t.Error(err)
	}
	write(t, e.Path, strings.Replace(read(t, e.Path), `"version":1`, `"version":2`, 1))
	if _, err = st.Copy(e, 0, ""); err == nil {
		t.Error("a session of a newer program is called one of this")
	}
	must(t, os.Remove(e.Path))
	must(t, os.Symlink("/etc/passwd", e.Path))
	_, err = st.Copy(e, 0, "")
	if _, ok := errors.AsType[*disk.FileError](err); !ok {
		t.Error(err)
	}
}

// What is copied while a process answers is what is in the file by then.
func TestCopyWhileOpen(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q1", "a1")
	w, err := st.Continue(e, user("q2"))
	must(t, err)
	must(t, w.Journal(&chat.Delta{Text: []byte("half")}))
	copied, err := st.Copy(e, 0, "")
	must(t, err)
	must(t, w.Finish(answer("a2")))
	s := load(t, st, copied)
	if got := strings.Join(texts(s), " "); got != "user: q1 assistant: a1 user: q2" || s.Open {
		t.Error(got)
	}
}
