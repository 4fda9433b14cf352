package session

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/record"
)

func TestASession(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	system := record.Message{Message: chat.Message{Role: chat.System, Text: "<be> & brief"}}
	prompt := user("one?\n日本")
	prompt.Replaced = 3
	w, err := st.Create(system, prompt)
	must(t, err)
	must(t, w.sync())
	must(t, w.Journal(&chat.Delta{Text: []byte("ei")}))
	a := answer("eins")
	a.Reasoning, a.Usage = "hm", json.RawMessage("{\"total\": 3,\n\"x\": null}")
	a.ToolCalls = []chat.ToolCall{{ID: "1", Name: "f", Arguments: "{}"}}
	must(t, w.Finish(a))
	must(t, w.Close())
	e, first := Entry{w.ID(), w.Path()}, w.Turn()
	w, err = st.Continue(e, user("two?"))
	must(t, err)
	must(t, w.Fail("net", "no network"))
	want := strings.ReplaceAll(`{"kind":"session","version":1,"id":"ID","time":"2026-11-21T23:46:12Z"}
{"kind":"message","time":"2026-11-21T23:46:12Z","role":"system","text":"<be> & brief","turn":"TURN1"}
{"kind":"message","time":"2026-11-21T23:46:12Z","role":"user","text":"one?\n日本","model":"m1","profile":"p1","turn":"TURN1","replaced_bytes":3}
{"kind":"message","time":"2026-11-21T23:47:12Z","role":"assistant","text":"eins","reasoning":"hm","tool_calls":[{"index":0,"id":"1","name":"f","arguments":"{}"}],"model":"m1-2026","profile":"p1","finish_reason":"stop","usage":{"total":3,"x":null},"state":"complete","turn":"TURN1"}
{"kind":"message","time":"2026-11-21T23:48:12Z","role":"user","text":"two?","model":"m1","profile":"p1","turn":"TURN2"}
{"kind":"error","time":"2026-11-21T23:49:12Z","why":"net","text":"no network","turn":"TURN2"}
`, "ID", e.ID)
	want = strings.NewReplacer("TURN1", first, "TURN2", w.Turn()).Replace(want)
	if got := read(t, e.Path); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if p := journals(t, st); len(p) > 0 {
		t.Errorf("left %v", p)
	}
	if first == "" || first == w.Turn() {
		t.Errorf("the turns are %q and %q", first, w.Turn())
	}
	s := load(t, st, e)
	if m := s.Messages[1]; m.Turn != first || m.Replaced != 3 || m.Profile != "p1" || m.Text != prompt.Text {
		t.Errorf("%+v", m)
	}
	if m := s.Messages[4]; m.Role != record.Error || m.Why != "net" || m.Text != "no network" {
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
		if link, ok := errors.AsType[*disk.FileError](err); !ok || link.Path != e.Path || !strings.Contains(err.Error(), "is a symbolic link; refused") {
			t.Error(err)
		}
	}
	if read(t, victim) != before || len(journals(t, st)) > 0 {
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
	if names, _ := disk.ReadNames(month); len(names) != 1 {
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
	if len(s.Messages) != 2 || !s.ReadOnly() {
		t.Errorf("%v %v", texts(s), s.Notes)
	}
	if read(t, e.Path) != newer || len(journals(t, st)) > 0 {
		t.Error("the file was changed")
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

// What is attached is named in the record of the prompt; its bytes are not in it.
func TestAttachments(t *testing.T) {
	st := newStore(t, Options{})
	kept := []chat.Part{{Name: "a.png", Path: "/home/a.png", Type: "image/png", Size: 3, SHA256: "ab"}}
	prompt := user("what is this?")
	part := chat.Part{Type: "image_url", JSON: json.RawMessage(`{"type":"image_url"}`)}
	prompt.Parts = []chat.Part{part, kept[0]}
	prompt.Parts[1].Data = []byte("xyz")
	kept = []chat.Part{part, kept[0]}
	w, err := st.Create(prompt)
	must(t, err)
	must(t, w.Finish(answer("a cat")))
	e := Entry{w.ID(), w.Path()}
	const want = `"attachments":[{"type":"image_url","json":{"type":"image_url"}},` +
		`{"name":"a.png","path":"/home/a.png","type":"image/png","size":3,"sha256":"ab"}]`
	if line := read(t, e.Path); !strings.Contains(line, want) || strings.Contains(line, "xyz") {
		t.Errorf("%s\nwant %s", line, want)
	}
	s := load(t, st, e)
	if got := s.History()[0].Parts; !reflect.DeepEqual(got, kept) {
		t.Errorf("%+v", got)
	}
	if got, _, _ := s.LastPrompt(); !reflect.DeepEqual(got.Parts, kept) {
		t.Errorf("%+v", got)
	}
}
