package session

import (
	"errors"
	"os"
	"testing"

	"oax/internal/chat"
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
		all = append(all, bare(fork.Messages)...)
		if got := notesOf(all); got != want || *fork.ForkOf != (Fork{s.ID, min(max(turn, 0), 2)}) {
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
		prompt, want := []Message{user("q2")}, "u:q1 a:a1 u:q2 a:new"
		if retry {
			prompt, want = nil, "u:q1 a:new"
		}
		w, err := st.Continue(e, prompt...)
		must(t, err)
		must(t, w.Sync())
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
		if p := parts(t, st); len(p) > 0 {
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
