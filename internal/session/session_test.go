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

func TestHistory(t *testing.T) {
	for _, c := range []struct{ chat, history, prompt, before string }{
		{"", "", "", ""},
		{"u:1 a:1", "u:1 a:1", "1", ""},
		{"s:x u:1 a:1 u:2 a:2", "s:x u:1 a:1 u:2 a:2", "2", "s:x u:1 a:1"},
		{"u:1 u:2 a:2", "u:2 a:2", "2", ""},
		{"u:1 e:net u:2 a:2", "u:2 a:2", "2", ""},
		{"u:1 a:1 u:2", "u:1 a:1", "2", "u:1 a:1"},
		{"u:1 a:1 u:2 e:net", "u:1 a:1", "2", "u:1 a:1"},
		{"u:1 a:1 a:1b u:2 a:2", "u:1 a:1b u:2 a:2", "2", "u:1 a:1b"},
		{"u:1 e:net a:1", "u:1 a:1", "1", ""},
		{"u:1 a:1 a:", "u:1 a:1", "1", ""},
		{"u:1 a: a:1", "u:1 a:1", "1", ""},
		{"u:1 a:1 e:net", "u:1 a:1", "1", ""},
		{"u:1 a:1 s:x u:2 a:2", "s:x u:1 a:1 u:2 a:2", "2", "s:x u:1 a:1"},
		{"a:0 u:1 a:1", "u:1 a:1", "1", ""},
		{"u:1 t:x a:1", "u:1 a:1", "1", ""},
		{"s:x", "s:x", "", ""},
	} {
		s := chatOf(c.chat)
		if got := notesOf(s.History()); got != c.history {
			t.Errorf("%s: history %q, want %q", c.chat, got, c.history)
		}
		prompt, before, ok := s.LastPrompt()
		if ok != (c.prompt != "") || prompt.Text != c.prompt || notesOf(before) != c.before {
			t.Errorf("%s: prompt %q after %q, want %q after %q", c.chat, prompt.Text, notesOf(before), c.prompt, c.before)
		}
	}
}

// TestHistoryOfAnAgent: what the user sent at once is one prompt.
func TestHistoryOfAnAgent(t *testing.T) {
	s := chatOf("s:x u:where u:1 a:1 u:late u:2 a:2")
	for i, turn := range []string{"t1", "t1", "t1", "t1", "t2", "t3", "t3"} {
		s.Messages[i].Turn = turn
	}
	if got := notesOf(s.History()); got != "s:x u:where u:1 a:1 u:2 a:2" {
		t.Error(got)
	}
	s.Messages = s.Messages[:4]
	if prompt, before, _ := s.LastPrompt(); prompt.Text != "1" || notesOf(before) != "s:x u:where" {
		t.Error(prompt.Text, notesOf(before))
	}
	s.Messages[3].ToolCalls = []chat.ToolCall{{ID: "a", Name: "f"}}
	if before, _, ok := s.OpenCalls(); !ok || notesOf(before) != "s:x u:where u:1 a:1" {
		t.Error(notesOf(before), ok)
	}
}

func TestHistoryKeepsARefusal(t *testing.T) {
	s := chatOf("u:1")
	s.Messages = append(s.Messages, record.Message{Message: chat.Message{Role: chat.Assistant, Refusal: "no"}})
	if got := notesOf(s.History()); got != "u:1 a:no" {
		t.Error(got)
	}
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

// A session goes on with the endpoint and the model that it was last asked with, but not
// with those that were refused.
func TestLastAsked(t *testing.T) {
	prompt := func(profile, model string) record.Message {
		return record.Message{Message: chat.Message{Role: chat.User, Model: model}, Profile: profile}
	}
	answer := func(model string) record.Message {
		return record.Message{Message: chat.Message{Role: chat.Assistant, Model: model}}
	}
	failed := func(why chat.Why) record.Message {
		return record.Message{Message: chat.Message{Role: record.Error, Why: why}}
	}
	for name, test := range map[string]struct {
		messages       []record.Message
		profile, model string
	}{
		"nothing":           {},
		"answered":          {[]record.Message{prompt("p", "a"), answer("a-2026")}, "p", "a"},
		"another model":     {[]record.Message{prompt("p", "a"), answer("a"), prompt("q", "b"), answer("b")}, "q", "b"},
		"no answer yet":     {[]record.Message{prompt("p", "a"), answer("a"), prompt("q", "b")}, "q", "b"},
		"a wrong model":     {[]record.Message{prompt("p", "a"), answer("a"), prompt("p", "b"), failed("404")}, "p", "a"},
		"two wrong models":  {[]record.Message{prompt("p", "a"), answer("a"), prompt("p", "b"), failed("404"), prompt("p", "c"), failed("400")}, "p", "a"},
		"no key there":      {[]record.Message{prompt("", ""), answer("a"), prompt("q", "b"), failed("no-key")}, "", ""},
		"only a wrong one":  {[]record.Message{prompt("p", "a"), failed("404")}, "p", ""},
		"the network":       {[]record.Message{prompt("p", "a"), answer("a"), prompt("q", "b"), failed("net")}, "q", "b"},
		"a busy service":    {[]record.Message{prompt("p", "a"), answer("a"), prompt("q", "b"), failed("429")}, "q", "b"},
		"asked again":       {[]record.Message{prompt("p", "a"), failed("404"), answer("right")}, "p", "right"},
		"asked again badly": {[]record.Message{prompt("p", "a"), answer("a"), failed("404")}, "p", "a"},
		"refused, answered": {[]record.Message{prompt("p", "a"), failed("404"), prompt("p", "b"), answer("b")}, "p", "b"},
	} {
		profile, model := (&Session{Messages: test.messages}).LastAsked()
		if profile != test.profile || model != test.model {
			t.Errorf("%s: %q, %q, want %q, %q", name, profile, model, test.profile, test.model)
		}
	}
	if profile, model := (*Session)(nil).LastAsked(); profile != "" || model != "" {
		t.Errorf("nil: %q, %q", profile, model)
	}
}
