package session

import (
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session/record"
)

// chatOf makes a session of short notes: s: u: a: and e: for an error.
func chatOf(notes string) *Session {
	roles := map[string]chat.Role{"s": chat.System, "u": chat.User, "a": chat.Assistant, "e": record.Error, "t": "tool"}
	s := &Session{}
	for note := range strings.FieldsSeq(notes) {
		role, text, _ := strings.Cut(note, ":")
		s.Messages = append(s.Messages, record.Message{Message: chat.Message{Role: roles[role], Text: text}})
	}
	return s
}

func notesOf(messages []chat.Message) string {
	var all []string
	for _, m := range messages {
		all = append(all, string(m.Role[:1])+":"+m.Shown())
	}
	return strings.Join(all, " ")
}

func TestAnAnswerBeingWrittenDoesNotCount(t *testing.T) {
	s := chatOf("u:1 a:1 u:2 a:half")
	s.live = true
	if got := notesOf(s.History()); got != "u:1 a:1" {
		t.Error(got)
	}
	if prompt, before, _ := s.LastPrompt(); prompt.Text != "2" || notesOf(before) != "u:1 a:1" {
		t.Error(prompt.Text, notesOf(before))
	}
}

func TestTurns(t *testing.T) {
	if n := chatOf("s:x u:1 a:1 a:1b u:2 e:net u:3").Turns(); n != 3 {
		t.Error(n)
	}
}

// TestTitleOfAnAgent: what an agent says of the directory is saved at once with what was typed,
// which is the title, however the session is read.
func TestTitleOfAnAgent(t *testing.T) {
	st := newStore(t, Options{})
	for name, test := range map[string]struct {
		prompt []record.Message
		want   string
	}{
		"agent":          {[]record.Message{user("<environment>\n/tmp\n</environment>"), user("mend it"), user("")}, "mend it"},
		"answers itself": {[]record.Message{user("the directory is /tmp"), {Message: chat.Message{Role: chat.Assistant, Text: "I see."}}, user("mend it")}, "mend it"},
		"one":            {[]record.Message{user("one")}, "one"},
		"says something": {[]record.Message{user("one"), {Message: answer("yes")}, user("two")}, "one"},
		"other times":    {[]record.Message{{Message: user("one").Message, Time: time.Unix(1e9, 0)}, {Message: user("two").Message, Time: time.Unix(2e9, 0)}}, "one"},
	} {
		w, err := st.Create(test.prompt...)
		must(t, err)
		must(t, w.Finish(answer("done")))
		w, err = st.Continue(w.Entry(), user("later"))
		must(t, err)
		must(t, w.Finish(answer("done")))
		e := w.Entry()
		previews := st.Previews([]Entry{e})
		summary, err := st.Summary(e)
		must(t, err)
		for reader, got := range map[string]string{"list": summary.Title, "picker": previews[0].Title, "session": load(t, st, e).Title, "opening": record.TitleFromPrompt(previews[0].Opening)} {
			if got != test.want {
				t.Errorf("%s, %s: %q, want %q", name, reader, got, test.want)
			}
		}
	}
}

// TestHelper: what a program asked beside its chats is no chat until somebody goes on with it.
func TestHelper(t *testing.T) {
	st := newStore(t, Options{})
	prompts := []record.Message{user("Make a title for this:"), user("mend it")}
	for i := range prompts {
		prompts[i].From = record.From{By: "relay", Helper: true}
	}
	w, err := st.Create(prompts...)
	must(t, err)
	must(t, w.Finish(answer("Mending")))
	if s, err := st.Summary(w.Entry()); err != nil || !s.Helper {
		t.Errorf("%+v, %v", s, err)
	}
	w, err = st.Continue(w.Entry(), user("another one"))
	must(t, err)
	must(t, w.Finish(answer("Mended")))
	if s, err := st.Summary(w.Entry()); err != nil || s.Helper {
		t.Errorf("it was gone on with: %+v, %v", s, err)
	}
}

// A session that there is not yet has nothing to go on with.
func TestNoSession(t *testing.T) {
	if profile, model := (*Session)(nil).LastAsked(); profile != "" || model != "" {
		t.Errorf("nil: %q, %q", profile, model)
	}
	if sent := (*Session)(nil).History(); sent != nil {
		t.Errorf("%v", sent)
	}
}
