package session

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session/journal"
	"oax/internal/session/record"
)

func recovered(t testing.TB, st *Store) []string {
	t.Helper()
	all, err := st.recover()
	must(t, err)
	var ids []string
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	if again, err := st.recover(); len(again) > 0 || err != nil {
		t.Errorf("recovered again: %v, %v", again, err)
	}
	return ids
}

// ends tells how the last message of a session stands.
func ends(s *Session) string {
	m := s.Messages[len(s.Messages)-1]
	return strings.Join([]string{string(m.Role), m.Text, string(m.State), string(m.Why)}, " ")
}

func TestRecoverNothing(t *testing.T) {
	st := newStore(t, Options{})
	if ids := recovered(t, st); ids != nil {
		t.Error(ids)
	}
	if _, err := os.Stat(st.dir); !os.IsNotExist(err) {
		t.Error("the store was made for it")
	}
}

func TestRecoverAnAnswer(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	must(t, w.Journal(&chat.Delta{Text: []byte("he"), Reasoning: []byte("hm"), Model: "m1-2026"}))
	must(t, w.Journal(&chat.Delta{Text: []byte("l\"\n\x01lo"), Model: "m1-2026"}))
	must(t, w.Journal(&chat.Delta{Refusal: []byte(" no")}))
	e := Entry{w.ID(), w.Path()}
	if ids := recovered(t, st); ids != nil {
		t.Fatalf("recovered %v, whose writer lives", ids)
	}
	must(t, w.Close())
	overlaid := load(t, st, e)
	if ids := recovered(t, st); !slices.Equal(ids, []string{e.ID}) {
		t.Fatal(ids)
	}
	s := load(t, st, e)
	m := s.Messages[1]
	if m.Text != "hel\"\n\x01lo" || m.Reasoning != "hm" || m.Refusal != " no" || m.Model != "m1-2026" || m.Profile != "p1" ||
		m.State != chat.Incomplete || m.Why != chat.Killed {
		t.Errorf("%+v", m)
	}
	if ends(overlaid) != ends(s) || overlaid.Open {
		t.Errorf("before it was recovered: %q", ends(overlaid))
	}
	if p := journals(t, st); len(p) > 0 {
		t.Errorf("left %v", p)
	}
}

func TestRecoverCases(t *testing.T) {
	for name, c := range map[string]struct {
		chat  []string
		retry bool
		text  []string
		end   string
		did   bool
	}{
		"no answer began":            {nil, false, nil, "error stopped before an answer came incomplete killed", true},
		"in a later turn":            {[]string{"q0", "a0"}, false, []string{"x"}, "assistant x incomplete killed", true},
		"asked again":                {[]string{"q0", "a0"}, true, []string{"x", "y"}, "assistant xy incomplete killed", true},
		"asked again, nothing began": {[]string{"q0", "a0"}, true, nil, "assistant a0 complete ", false},
	} {
		st := newStore(t, Options{})
		w := begin(t, st, c.chat, c.retry)
		leaveDead(t, w, c.text...)
		if ids := recovered(t, st); (len(ids) == 1) != c.did {
			t.Errorf("%s: recovered %v", name, ids)
		}
		if got := ends(load(t, st, Entry{w.ID(), w.Path()})); got != c.end {
			t.Errorf("%s: ends %q, want %q", name, got, c.end)
		}
		if p := journals(t, st); len(p) > 0 {
			t.Errorf("%s: left %v", name, p)
		}
	}
}

// begin opens a turn of a session that has had a chat.
func begin(t testing.TB, st *Store, before []string, retry bool) *Writer {
	t.Helper()
	if before == nil {
		w, err := st.Create(user("q"))
		must(t, err)
		return w
	}
	var prompt []record.Message
	if !retry {
		prompt = []record.Message{user("q")}
	}
	w, err := st.Continue(save(t, st, before...), prompt...)
	must(t, err)
	return w
}

// A process that died after its answer was saved leaves a journal that is void.
func TestRecoverAfterTheAnswer(t *testing.T) {
	for _, why := range []string{"answer", "error"} {
		st := newStore(t, Options{})
		w := begin(t, st, []string{"q0", "a0"}, false)
		must(t, w.Journal(&chat.Delta{Text: []byte("he")}))
		path := w.journal.Path
		left := read(t, path)
		e := Entry{w.ID(), w.Path()}
		if why == "answer" {
			must(t, w.Finish(answer("hello")))
		} else {
			must(t, w.Fail("net", "oops"))
		}
		write(t, path, left)
		before := read(t, e.Path)
		if got := len(load(t, st, e).Messages); got != 4 {
			t.Errorf("%s: %d messages", why, got)
		}
		if ids := recovered(t, st); ids != nil || read(t, e.Path) != before || len(journals(t, st)) > 0 {
			t.Errorf("%s: recovered %v", why, ids)
		}
	}
}

func TestRecoverWhoseSessionIsGone(t *testing.T) {
	st := newStore(t, Options{Now: clock()})
	w, err := st.Create(user("q"))
	must(t, err)
	leaveDead(t, w, "words")
	must(t, os.RemoveAll(filepath.Dir(w.Path())))
	if ids := recovered(t, st); !slices.Equal(ids, []string{w.ID()}) {
		t.Fatal(ids)
	}
	e, err := st.Find(w.ID())
	must(t, err)
	if s := load(t, st, e); ends(s) != "assistant words incomplete killed" || e.Path != w.Path() || s.Damaged {
		t.Errorf("%q in %s", ends(s), e.Path)
	}
}

func TestContinueTakesOverADeadJournal(t *testing.T) {
	st := newStore(t, Options{})
	w := begin(t, st, []string{"q0", "a0"}, false)
	next := journal.NextJournal(w.journal.Path)
	write(t, next, "left")
	leaveDead(t, w, "words")
	e := Entry{w.ID(), w.Path()}
	w, err := st.Continue(e, user("q2"))
	must(t, err)
	if _, err := os.Lstat(next); err == nil {
		t.Error("the journal that was to be next is left")
	}
	must(t, w.Journal(&chat.Delta{Text: []byte("a")}))
	must(t, w.Finish(answer("a2")))
	if got := notesOf(load(t, st, e).History()); got != "u:q0 a:a0 u:q a:words u:q2 a:a2" {
		t.Error(got)
	}
}

// A journal cut anywhere gives what was whole in it, and never more.
func TestJournalTornAtEveryByte(t *testing.T) {
	t.Parallel()
	st := newStore(t, Options{})
	w := begin(t, st, []string{"q0", "a0"}, false)
	path, copied := w.journal.Path, filepath.Join(t.TempDir(), "x.part")
	leaveDead(t, w, "one ", "\"two\"\n", "日本", " end")
	whole, session := read(t, path), read(t, w.Path())
	e := Entry{w.ID(), w.Path()}
	for i := range len(whole) + 1 {
		for _, tail := range []string{"", "\x00\x00\x00"} {
			got := journalOf(t, copied, whole[:i]+tail).Answer.Text
			if !strings.HasPrefix("one \"two\"\n日本 end", got) || i == len(whole) && len(got) != 20 {
				t.Fatalf("cut at %d: %q", i, got)
			}
		}
		if i%8 > 0 && i < len(whole) {
			continue
		}
		write(t, path, whole[:i])
		write(t, e.Path, session)
		recovered(t, st)
		s := load(t, st, e)
		if len(journals(t, st)) > 0 || len(s.Messages) < 3 {
			t.Fatalf("cut at %d: %v", i, texts(s))
		}
	}
}

func TestStrayJournalsAreLeft(t *testing.T) {
	st := newStore(t, Options{})
	for _, name := range []string{"x.part", "2026-11_../../a.part", "2026-11_short.part", "notes"} {
		write(t, filepath.Join(st.dir, journal.Dir, filepath.Base(name)), "x")
	}
	if ids := recovered(t, st); ids != nil || len(journals(t, st)) != 4 {
		t.Error(ids, journals(t, st))
	}
}

func TestOneBadJournalDoesNotStopTheOthers(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	leaveDead(t, w, "words")
	must(t, os.Symlink("/etc/passwd", filepath.Join(st.dir, journal.Dir, "2026-11_aaaaaaaa.part")))
	must(t, os.Mkdir(filepath.Join(st.dir, journal.Dir, "2026-11_zzzzzzzz.part"), 0o700))
	all, err := st.recover()
	if len(all) != 1 || all[0].ID != w.ID() || err == nil {
		t.Errorf("recovered %v, %v", all, err)
	}
}

// A journal whose first line is damaged does not say where its answer belongs.
func TestRecoverWithoutAHead(t *testing.T) {
	for name, c := range map[string]struct {
		retry bool
		left  []string
		want  string
	}{
		"to a prompt":        {false, []string{"words"}, "u:q0 a:a0 u:q a:words"},
		"asked again":        {true, []string{"words"}, "u:q0 a:words"},
		"it is there by now": {true, []string{"a", "0"}, "u:q0 a:a0"},
	} {
		st := newStore(t, Options{})
		w := begin(t, st, []string{"q0", "a0"}, c.retry)
		path := w.journal.Path
		leaveDead(t, w, c.left...)
		_, lines, _ := strings.Cut(read(t, path), "\n")
		write(t, path, `{"kind":"p\x00rt","why":"killed","at":9}`+"\n"+lines)
		_, err := st.recover()
		must(t, err)
		s := load(t, st, Entry{w.ID(), w.Path()})
		if got := notesOf(s.History()); got != c.want || len(journals(t, st)) > 0 {
			t.Errorf("%s: %s, left %v", name, got, journals(t, st))
		}
	}
}

// A session cut at any byte has every record before the cut; what was cut is kept.
func TestTornAtEveryByte(t *testing.T) {
	t.Parallel()
	st := newStore(t, Options{})
	must(t, os.MkdirAll(filepath.Join(st.dir, journal.Dir), 0o700))
	dir := filepath.Join(st.dir, "2026-11")
	e := Entry{"k3f9q2ab", filepath.Join(dir, "x_k3f9q2ab.jsonl")}
	few := strings.Index(fixture, `{"kind":"title"`)
	for i := 1; i <= few; i += every(1) {
		tail := []string{"", "\x00", long(4096, "\x00")}[i/every(1)%3]
		torn(t, st, e, fixture[:i], tail)
		must(t, os.RemoveAll(dir))
	}
}

func torn(t *testing.T, st *Store, e Entry, whole, tail string) {
	t.Helper()
	write(t, e.Path, whole+tail)
	last := whole[strings.LastIndexByte(whole, '\n')+1:]
	dropped := last + tail
	if strings.HasSuffix(last, "}") { // only its newline is gone
		dropped = tail
	}
	s := load(t, st, e)
	if want := said(record.Parse([]byte(whole))); len(s.Messages)+1 < len(want)-1 {
		t.Fatalf("cut at %d: %v", len(whole), texts(s))
	}
	kept := strings.TrimSuffix(e.Path, record.Extension) + ".torn"
	if dropped == "" {
		if _, err := os.Stat(kept); err == nil || len(s.Notes) > 0 && !s.Damaged {
			t.Fatalf("cut at %d: dropped something: %v", len(whole), s.Notes)
		}
		return
	}
	note := fmt.Sprintf("dropped an unfinished record of %d bytes (kept in x_k3f9q2ab.torn)", len(dropped))
	if !slices.Contains(s.Notes, note) || read(t, kept) != dropped || read(t, e.Path)+dropped != whole+tail {
		t.Fatalf("cut at %d: %q, kept %q, left %q", len(whole), s.Notes, read(t, kept), read(t, e.Path))
	}
	info, err := os.Stat(kept)
	must(t, err)
	if again := load(t, st, e); info.Mode().Perm() != 0o600 || slices.Contains(again.Notes, note) {
		t.Fatalf("cut at %d: mode %o, %q", len(whole), info.Mode().Perm(), again.Notes)
	}
}

func TestContinueMendsATornSession(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	write(t, e.Path, read(t, e.Path)+`{"kind":"mess`)
	w, err := st.Continue(e, user("q2"))
	must(t, err)
	must(t, w.Finish(answer("a2")))
	if n := w.Notes(); len(n) != 1 || !strings.HasPrefix(n[0], "dropped an unfinished record of 13 bytes") {
		t.Errorf("%q", n)
	}
	if s := load(t, st, e); notesOf(s.History()) != "u:q a:a u:q2 a:a2" || len(s.Notes) > 0 {
		t.Errorf("%v %v", texts(s), s.Notes)
	}
}

// A torn end is left where it is while another process has the session, or where
// there is no way to keep it.
func TestATornEndThatCannotBeMoved(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	data := read(t, e.Path) + `{"kind":"mess`
	must(t, os.Remove(e.Path))
	must(t, os.WriteFile(e.Path, []byte(data), 0o600))
	must(t, os.Mkdir(strings.TrimSuffix(e.Path, record.Extension)+".torn", 0o700))
	s := load(t, st, e)
	if len(s.Messages) != 2 || !slices.Contains(s.Notes, "ends in an unfinished record of 13 bytes (left as is)") {
		t.Errorf("%v %v", texts(s), s.Notes)
	}
	c, err := st.lockSession(e, 0)
	must(t, err)
	defer c.Release()
	if s := load(t, st, e); len(s.Messages) != 2 || len(s.Notes) > 0 || !s.Open {
		t.Errorf("%v %v", texts(s), s.Notes)
	}
	if read(t, e.Path) != data {
		t.Error("the file was changed")
	}
}

// The file of a damaged session stays as it is, and grows.
func TestDamageStays(t *testing.T) {
	st := newStore(t, Options{})
	e := save(t, st, "q", "a")
	data := strings.Replace(read(t, e.Path), `"role":"user"`, `"role":"us"er"`, 1)
	write(t, e.Path, data)
	w, err := st.Continue(e, user("q2"))
	must(t, err)
	must(t, w.Finish(answer("a2")))
	s := load(t, st, e)
	if len(s.Messages) != 3 || !slices.Equal(s.Notes, []string{"record 2 is damaged (kept as is)"}) {
		t.Errorf("%v %v", texts(s), s.Notes)
	}
	if !strings.HasPrefix(read(t, e.Path), data) {
		t.Error("what was there was changed")
	}
}
