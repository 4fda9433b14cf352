package pick

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"oax/internal/chat"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a Picker over a store with some sessions, and what it writes to standard error.
type memory struct {
	Picker
	dir string
	ids []string // of the sessions, oldest first
}

// remember makes a store with a session for each text. input is standard input.
func remember(t *testing.T, input string, texts ...string) *memory {
	t.Helper()
	m := &memory{dir: t.TempDir()}
	now := time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)
	m.Now = func() time.Time { return now }
	m.Getenv = func(string) string { return "" }
	m.Store = session.New(session.Options{Dir: filepath.Join(m.dir, "sessions"), Now: m.Now})
	for _, text := range texts {
		now = now.Add(time.Minute)
		w, err := m.Store.Create(record.Message{Message: chat.Message{Role: chat.User, Text: text}})
		if err == nil {
			err = w.Finish(chat.Message{Role: chat.Assistant, Text: "answer to " + text, State: chat.Complete})
		}
		if err != nil {
			t.Fatal(err)
		}
		m.ids = append(m.ids, w.ID())
		w.Close()
	}
	m.Stdin = m.file(t, "stdin")
	if _, err := m.Stdin.WriteString(input); err != nil {
		t.Fatal(err)
	}
	m.Stdin.Seek(0, 0)
	m.Stderr = m.file(t, "stderr")
	m.Log = report.NewWriter(m.Stderr, false)
	return m
}

func (m *memory) file(t *testing.T, name string) *os.File {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(m.dir, name), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func (m *memory) logged() string {
	text, _ := os.ReadFile(m.Stderr.Name())
	return string(text)
}

func TestRefs(t *testing.T) {
	for _, c := range []struct {
		name  string
		words []string
		input string
		want  string
		err   string
	}{
		{"no words", nil, "x\n", "@", ""},
		{"words", []string{"a", "@2"}, "x\n", "a @2", ""},
		{"standard input", []string{"a", "-", "b"}, "one\ttitle\n\n  two words\nthree", "a one two three b", ""},
		{"empty standard input", []string{"-"}, " \n\n", "", "standard input names no session"},
	} {
		m := remember(t, c.input)
		refs, err := m.Refs(context.Background(), c.words)
		if got := strings.Join(refs, " "); got != c.want || (err != nil) != (c.err != "") || err != nil && err.Error() != c.err {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

// Standard input that cannot be read is an error of input, and one that does not end is
// left behind when the context ends.
func TestRefsOfABadInput(t *testing.T) {
	m := remember(t, "")
	m.Stdin.Close()
	if r := report.Of(second(m.Refs(context.Background(), []string{"-"}))); r == nil || r.Code != report.ExitUsage {
		t.Errorf("%+v", r)
	}
	open, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	defer w.Close()
	m.Stdin = open
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(stop)
	if _, err := m.Refs(ctx, []string{"-"}); !errors.Is(err, stop) {
		t.Error(err)
	}
}

func second[A any](_ A, err error) error { return err }

// All sessions that are named are found, or none.
func TestFind(t *testing.T) {
	m := remember(t, "", "one", "two")
	found, err := m.Find(context.Background(), []string{m.ids[0], "@"})
	if err != nil || len(found) != 2 || found[0].ID != m.ids[0] || found[1].ID != m.ids[1] {
		t.Errorf("%v, %v", found, err)
	}
	found, err = m.Choose(context.Background(), false, []string{"@", "zzzz"})
	if _, ok := errors.AsType[*session.NotFoundError](err); !ok || found != nil {
		t.Errorf("%v, %v", found, err)
	}
}

// Nobody is asked where there is no terminal.
func TestReadPromptWithoutTerminal(t *testing.T) {
	m := remember(t, "typed\n")
	if text, err := m.ReadPrompt(context.Background(), &session.Session{}); text != "" || err != nil || m.logged() != "" {
		t.Errorf("%q, %v, %q", text, err, m.logged())
	}
}

func chosen(roles ...chat.Role) *session.Session {
	s := &session.Session{ID: "00000001"}
	for i, role := range roles {
		s.Messages = append(s.Messages, record.Message{Message: chat.Message{Role: role, Text: string(rune('a' + i))}})
	}
	return s
}

func TestExcerpt(t *testing.T) {
	s := chosen(chat.System, chat.User, chat.Assistant, chat.User, chat.Assistant, chat.Assistant, chat.User)
	for _, c := range []struct {
		x         Excerpt
		want      string
		what      string
		forbidden bool // also as code
	}{
		{x: Excerpt{}, want: "abcdefg"},
		{x: Excerpt{Last: true}, want: "f"},
		{x: Excerpt{Turns: "0"}, want: "a"},
		{x: Excerpt{Turns: "1"}, want: "bc"},
		{x: Excerpt{Turns: "-1"}, want: "g"},
		{x: Excerpt{Turns: "1,2"}, want: "bcdef"},
		{x: Excerpt{Turns: "2,-1"}, want: "defg"},
		{x: Excerpt{Turns: "2", Roles: []string{"assistant"}}, want: "ef"},
		{x: Excerpt{Turns: "1", Last: true}, want: "c"},
		{x: Excerpt{Roles: []string{"user", "system"}}, want: "abdg"},
		{x: Excerpt{Turns: "3", Last: true}, what: "session 00000001 has no answer"},
		{x: Excerpt{Turns: "4"}, what: "session 00000001 has no turn 4: it has 3 turns"},
		{x: Excerpt{Turns: "2,1"}, what: "session 00000001 has no turn 2,1: it has 3 turns"},
		{x: Excerpt{Turns: "two"}, what: `--turn: not a turn: "two"`},
		{x: Excerpt{}.ForCode(), want: "f"},
		{x: Excerpt{Turns: "2"}.ForCode(), want: "ef"},
		{x: Excerpt{Roles: []string{"user"}}.ForCode(), want: "bdg"},
	} {
		excerpt, err := c.x.Of(s)
		got := ""
		if err == nil {
			for _, m := range excerpt.Messages {
				got += m.Text
			}
		}
		if got != c.want || (err != nil) != (c.what != "") || err != nil && err.Error() != c.what {
			t.Errorf("%+v: %q, %v", c.x, got, err)
		}
	}
	if len(s.Messages) != 7 {
		t.Error("the session itself was changed")
	}
	_, err := Excerpt{Turns: "2"}.Of(chosen(chat.User))
	if err == nil || err.Error() != "session 00000001 has no turn 2: it has 1 turn" {
		t.Error(err)
	}
}

func ids(m *memory, offered []string) string {
	var numbers []string
	for _, id := range offered {
		numbers = append(numbers, string(rune('0'+slices.Index(m.ids, id))))
	}
	return strings.Join(numbers, "")
}
