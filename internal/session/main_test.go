package session

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session/disk"
	"oax/internal/session/journal"
	"oax/internal/session/record"

	"go.uber.org/goleak"
)

// The test binary is also the other processes of the tests: see crash_test.go.
func TestMain(m *testing.M) {
	if work := os.Getenv("SESSION_TEST_CHILD"); work != "" {
		if err := child(work, os.Getenv("SESSION_TEST_DIR")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Set("test.parallel", "8") // those that wait take no processor
	goleak.VerifyTestMain(m)
}

var start = time.Date(2026, 11, 21, 23, 45, 12, 0, time.UTC)

// clock returns a clock that goes a minute on at each look.
func clock() func() time.Time {
	now := start
	return func() time.Time {
		now = now.Add(time.Minute)
		return now
	}
}

func newStore(t testing.TB, o Options) *Store {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "sessions")
	}
	if o.Rescue == "" {
		o.Rescue = t.TempDir()
	}
	return New(o)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func user(text string) record.Message {
	return record.Message{Message: chat.Message{Role: chat.User, Text: text, Model: "m1"}, Profile: "p1"}
}

func answer(text string) chat.Message {
	return chat.Message{Role: chat.Assistant, Text: text, Model: "m1-2026", FinishReason: "stop", State: chat.Complete}
}

// save makes a session of prompts and answers, in turn.
func save(t testing.TB, st *Store, texts ...string) Entry {
	t.Helper()
	w, err := st.Create(user(texts[0]))
	must(t, err)
	e := Entry{w.ID(), w.Path()}
	for i := 0; ; i += 2 {
		must(t, w.Finish(answer(texts[i+1])))
		if i+2 >= len(texts) {
			return e
		}
		w, err = st.Continue(e, user(texts[i+2]))
		must(t, err)
	}
}

func load(t testing.TB, st *Store, e Entry) *Session {
	t.Helper()
	s, err := st.Load(e)
	must(t, err)
	return s
}

// texts returns who said what, a line each.
func texts(s *Session) []string {
	var all []string
	for _, m := range s.Messages {
		all = append(all, fmt.Sprintf("%s: %s", m.Role, m.Shown()))
	}
	return all
}

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return string(b)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	_ = os.Remove(path) // to cut a file and write it anew makes ext4 wait for the disk
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

// journals returns the names in the directory of journals.
func journals(t testing.TB, st *Store) []string {
	t.Helper()
	names, err := disk.ReadNames(filepath.Join(st.dir, journal.Dir))
	must(t, err)
	return names
}

// leaveDead journals deltas of a turn and leaves it as a killed process would.
func leaveDead(t testing.TB, w *Writer, deltas ...string) {
	t.Helper()
	for _, d := range deltas {
		must(t, w.Journal(&chat.Delta{Text: []byte(d)}))
	}
	must(t, w.Close())
}

// journalOf reads a journal of any bytes, which are put into a file.
func journalOf(t testing.TB, path, data string) journal.Contents {
	t.Helper()
	must(t, os.WriteFile(path, []byte(data), 0o600))
	j, _ := journal.Read(path)
	return j
}
