package session

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
)

func TestASession(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	system := Message{Message: chat.Message{Role: chat.System, Text: "<be> & brief"}}
	prompt := user("one?\n日本")
	prompt.Replaced = 3
	w, err := st.Create(system, prompt)
	must(t, err)
	must(t, w.Sync())
	must(t, w.Journal(&chat.Delta{Text: []byte("ei")}))
	a := answer("eins")
	a.Reasoning, a.Usage = "hm", json.RawMessage("{\"total\": 3,\n\"x\": null}")
	a.ToolCalls = []chat.ToolCall{{ID: "1", Name: "f", Arguments: "{}"}}
	must(t, w.Finish(a))
	must(t, w.Close())
	e := Entry{w.ID(), w.Path()}
	w, err = st.Continue(e, user("two?"))
	must(t, err)
	must(t, w.Fail("net", "no network"))
	want := strings.ReplaceAll(`{"kind":"session","version":1,"id":"ID","time":"2026-11-21T23:46:12Z"}
{"kind":"message","time":"2026-11-21T23:46:12Z","role":"system","text":"<be> & brief"}
{"kind":"message","time":"2026-11-21T23:46:12Z","role":"user","text":"one?\n日本","model":"m1","profile":"p1","replaced_bytes":3}
{"kind":"message","time":"2026-11-21T23:47:12Z","role":"assistant","text":"eins","reasoning":"hm","tool_calls":[{"index":0,"id":"1","name":"f","arguments":"{}"}],"model":"m1-2026","profile":"p1","finish_reason":"stop","usage":{"total":3,"x":null},"state":"complete"}
{"kind":"message","time":"2026-11-21T23:48:12Z","role":"user","text":"two?","model":"m1","profile":"p1"}
{"kind":"error","time":"2026-11-21T23:49:12Z","why":"net","text":"no network"}
`, "ID", e.ID)
	if got := read(t, e.Path); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if p := parts(t, st); len(p) > 0 {
		t.Errorf("left %v", p)
	}
	s := load(t, st, e)
	if m := s.Messages[1]; m.Replaced != 3 || m.Profile != "p1" || m.Text != prompt.Text {
		t.Errorf("%+v", m)
	}
	if m := s.Messages[4]; m.Role != Error || m.Why != "net" || m.Text != "no network" {
		t.Errorf("%+v", m)
	}
	if s.Title != "one?" || len(s.Notes) > 0 || s.Open || s.Damaged {
		t.Errorf("%+v", s)
	}
}

func TestABadUsageDoesNotCostTheAnswer(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	a := answer("a")
	a.Usage = json.RawMessage("{no")
	must(t, w.Finish(a))
	if got := texts(load(t, st, Entry{w.ID(), w.Path()})); !slices.Equal(got, []string{"user: q", "assistant: a"}) {
		t.Error(got)
	}
}

func TestRetry(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a1")
	w, err := st.Continue(e)
	must(t, err)
	must(t, w.Journal(&chat.Delta{Text: []byte("a")}))
	must(t, w.Finish(answer("a2")))
	s := load(t, st, e)
	if got := notesOf(s.History()); got != "u:q a:a2" || s.Turns() != 1 || len(s.Messages) != 3 {
		t.Error(got, len(s.Messages))
	}
}

func TestModes(t *testing.T) {
	for _, mask := range []string{"0", "077", "0277"} {
		dir := filepath.Join(t.TempDir(), "data", "sessions")
		run(t, "turn", dir, "umask="+mask)
		must(t, filepath.Walk(filepath.Dir(dir), func(path string, info os.FileInfo, err error) error {
			must(t, err)
			want := os.FileMode(0o600)
			if info.IsDir() {
				want = 0o700
			}
			if info.Mode().Perm() != want {
				t.Errorf("umask %s: %s has mode %o", mask, path, info.Mode().Perm())
			}
			return nil
		}))
	}
}

func TestASymbolicLinkInThePlaceOfASession(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	victim := filepath.Join(t.TempDir(), "victim")
	must(t, os.Rename(e.Path, victim))
	must(t, os.Symlink(victim, e.Path))
	before := read(t, victim)
	_, err1 := st.Load(e)
	_, err2 := st.Summary(e)
	_, err3 := st.Continue(e, user("more"))
	for _, err := range []error{err1, err2, err3} {
		if link, ok := errors.AsType[*FileError](err); !ok || link.Path != e.Path || !strings.Contains(err.Error(), "is a symbolic link; refused") {
			t.Error(err)
		}
	}
	if read(t, victim) != before || len(parts(t, st)) > 0 {
		t.Error("the target was touched")
	}
}

func TestDirectoriesMayBeSymbolicLinks(t *testing.T) {
	real := t.TempDir()
	link := filepath.Join(t.TempDir(), "sessions")
	must(t, os.Symlink(real, link))
	st := newStore(t, Options{Dir: link, Now: clock()})
	must(t, os.Mkdir(filepath.Join(t.TempDir(), "m"), 0o700))
	month := filepath.Join(t.TempDir(), "month")
	must(t, os.Mkdir(month, 0o700))
	must(t, os.Symlink(month, filepath.Join(real, "2026-11")))
	e := save(t, st, "q", "a", "q2", "a2")
	if got := load(t, st, e); got.Turns() != 2 {
		t.Error(texts(got))
	}
	if names, _ := readNames(month); len(names) != 1 {
		t.Errorf("not written through the link: %v", names)
	}
}

func TestNewerFormat(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	newer := strings.Replace(read(t, e.Path), `"version":1`, `"version":2`, 1) + "{half"
	write(t, e.Path, newer)
	_, err := st.Continue(e, user("more"))
	if n, ok := errors.AsType[*NewerError](err); !ok || n.Version != 2 || n.ID != e.ID {
		t.Error(err)
	}
	s := load(t, st, e)
	if len(s.Messages) != 2 || !slices.Contains(s.Notes, "was written by a newer oax; opened read-only") {
		t.Errorf("%v %v", texts(s), s.Notes)
	}
	if read(t, e.Path) != newer || len(parts(t, st)) > 0 {
		t.Error("the file was changed")
	}
}

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

func TestContinueWhatIsGone(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q1", "a1")
	must(t, os.Remove(e.Path))
	_, err := st.Continue(e, user("q2"))
	if missing, ok := errors.AsType[*NotFoundError](err); !ok || missing.Ref != e.ID {
		t.Error(err)
	}
	if _, err := st.Load(e); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestAfterClose(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	must(t, w.Finish(answer("a")))
	must(t, w.Close())
	must(t, w.Close())
	if err := w.Journal(&chat.Delta{Text: []byte("x")}); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
	if err := w.Finish(answer("b")); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

// An append begins a new line, whatever the file ends in.
func TestAppendAfterNoNewline(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	write(t, e.Path, strings.TrimSuffix(read(t, e.Path), "\n"))
	w, err := st.Continue(e, user("q2"))
	must(t, err)
	must(t, w.Finish(answer("a2")))
	if got := notesOf(load(t, st, e).History()); got != "u:q a:a u:q2 a:a2" {
		t.Error(got)
	}
	if n := strings.Count(read(t, e.Path), "\n"); n != 5 {
		t.Errorf("%d lines", n)
	}
}
