package turn

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
)

// roles returns the messages of a session in short.
func roles(t *testing.T, store *session.Store, id string) []string {
	t.Helper()
	entry, err := store.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Load(entry)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range s.Messages {
		all = append(all, string(m.Role)+" "+m.Text)
	}
	return all
}

func load(t *testing.T, store *session.Store, id string) *session.Session {
	t.Helper()
	entry, err := store.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Load(entry)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBegin(t *testing.T) {
	store := newStore(t)
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	log := report.NewWriter(stderr, false)
	prompt := func(text string) []record.Message {
		return Records("", chat.Message{Role: chat.User, Text: text}, "m", "p", 2)
	}
	answered := func(s Saver, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Finish(chat.Message{Role: chat.Assistant, Text: "a", State: chat.Complete}); err != nil {
			t.Fatal(err)
		}
		return s.ID()
	}
	if s, err := Begin(nil, nil, log, prompt("q")...); err != nil || s != (Unsaved{}) {
		t.Errorf("without a store: %v, %v", s, err)
	}
	first := answered(Begin(store, nil, log, Records("be short", chat.Message{Role: chat.User, Text: "q1"}, "m", "p", 0)...))
	if got := roles(t, store, first); !slices.Equal(got, []string{"system be short", "user q1", "assistant a"}) {
		t.Errorf("new: %q", got)
	}
	if id := answered(Begin(store, load(t, store, first), log, prompt("q2")...)); id != first {
		t.Errorf("continued as %s", id)
	}
	if m := load(t, store, first).Messages[3]; m.Model != "m" || m.Profile != "p" || m.Replaced != 2 {
		t.Errorf("the record of a prompt is %+v", m)
	}
	other, err := Begin(store, load(t, store, first), log, prompt("q3")...)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	branch := answered(Begin(store, load(t, store, first), log, prompt("q4")...))
	if got := roles(t, store, branch); branch == first || !slices.Equal(got, []string{"system be short", "user q1", "assistant a", "user q2", "assistant a", "user q4", "assistant a"}) {
		t.Errorf("branch: %q", got)
	}
	again := answered(Begin(store, load(t, store, first), log))
	if got := roles(t, store, again); again == first || got[len(got)-2] != "user q3" {
		t.Errorf("asked again in a branch: %q", got)
	}
	said, err := os.ReadFile(stderr.Name())
	if n := strings.Count(string(said), "oax: this chat is open in another oax (PID "); err != nil || n != 2 || !strings.HasSuffix(string(said), "); your turn becomes a branch\n") {
		t.Errorf("stderr %q, %v", said, err)
	}
	if s, err := Begin(store, &session.Session{ID: "gone0000", Path: filepath.Join(t.TempDir(), "x")}, log, prompt("q")...); err == nil || s != nil {
		t.Errorf("a session that is gone: %v, %v", s, err)
	}
}
