package history

import (
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session/record"
)

// chatOf makes messages of short notes: s: u: a: t: and e: for an error.
func chatOf(notes string) (messages []record.Message) {
	roles := map[string]chat.Role{"s": chat.System, "u": chat.User, "a": chat.Assistant, "e": record.Error, "t": chat.Tool}
	for note := range strings.FieldsSeq(notes) {
		role, text, _ := strings.Cut(note, ":")
		messages = append(messages, record.Message{Message: chat.Message{Role: roles[role], Text: text}})
	}
	return messages
}

func notesOf(messages []chat.Message) string {
	var all []string
	for _, m := range messages {
		all = append(all, string(m.Role[:1])+":"+m.Shown())
	}
	return strings.Join(all, " ")
}

// lastPrompt returns the last prompt and what is sent before it.
func lastPrompt(messages []record.Message) (prompt record.Message, before []chat.Message, ok bool) {
	i := record.LastOf(messages, chat.User)
	if i < 0 {
		return prompt, nil, false
	}
	return messages[i], Before(messages, i), true
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
		messages := chatOf(c.chat)
		if got := notesOf(Of(messages)); got != c.history {
			t.Errorf("%s: history %q, want %q", c.chat, got, c.history)
		}
		prompt, before, ok := lastPrompt(messages)
		if ok != (c.prompt != "") || prompt.Text != c.prompt || notesOf(before) != c.before {
			t.Errorf("%s: prompt %q after %q, want %q after %q", c.chat, prompt.Text, notesOf(before), c.prompt, c.before)
		}
	}
}

// TestHistoryOfAnAgent: what the user sent at once is one prompt.
func TestHistoryOfAnAgent(t *testing.T) {
	messages := chatOf("s:x u:where u:1 a:1 u:late u:2 a:2")
	for i, turn := range []string{"t1", "t1", "t1", "t1", "t2", "t3", "t3"} {
		messages[i].Turn = turn
	}
	if got := notesOf(Of(messages)); got != "s:x u:where u:1 a:1 u:2 a:2" {
		t.Error(got)
	}
	messages = messages[:4]
	if prompt, before, _ := lastPrompt(messages); prompt.Text != "1" || notesOf(before) != "s:x u:where" {
		t.Error(prompt.Text, notesOf(before))
	}
	messages[3].ToolCalls = []chat.ToolCall{{ID: "a", Name: "f"}}
	if before, _, ok := OpenCalls(messages); !ok || notesOf(before) != "s:x u:where u:1 a:1" {
		t.Error(notesOf(before), ok)
	}
}

func TestHistoryKeepsARefusal(t *testing.T) {
	messages := chatOf("u:1")
	messages = append(messages, record.Message{Message: chat.Message{Role: chat.Assistant, Refusal: "no"}})
	if got := notesOf(Of(messages)); got != "u:1 a:no" {
		t.Error(got)
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
		profile, model := LastAsked(test.messages)
		if profile != test.profile || model != test.model {
			t.Errorf("%s: %q, %q, want %q, %q", name, profile, model, test.profile, test.model)
		}
	}
}

// TestOpenCalls: which calls wait for a result, and what goes before it.
func TestOpenCalls(t *testing.T) {
	message := func(role chat.Role, text string) record.Message {
		return record.Message{Message: chat.Message{Role: role, Text: text}}
	}
	asks := func(why chat.Why, ids ...string) record.Message {
		m := message(chat.Assistant, "")
		m.Why = why
		for _, id := range ids {
			m.ToolCalls = append(m.ToolCalls, chat.ToolCall{ID: id, Name: "f"})
		}
		return m
	}
	result := func(id string) record.Message {
		m := message(chat.Tool, "r")
		m.ToolCallID = id
		return m
	}
	failed := message(record.Error, "")
	user, said := message(chat.User, "q"), message(chat.Assistant, "a")
	user.Model, said.Profile = "m", "p"
	for _, tt := range []struct {
		name     string
		messages []record.Message
		open     string // IDs, or "no" if nothing goes on
		before   string // roles
	}{
		{"nothing", nil, "no", ""},
		{"no calls", []record.Message{user, said}, "no", ""},
		{"calls", []record.Message{user, said, user, asks("", "a", "b")}, "a b", "user assistant user assistant"},
		{"calls that nobody ran", []record.Message{user, asks(chat.NoTool, "a")}, "a", "user assistant"},
		{"calls of a cut answer", []record.Message{user, asks(chat.Length, "a")}, "no", ""},
		{"some results", []record.Message{user, asks("", "a", "b"), result("a")}, "b", "user assistant tool"},
		{"all results", []record.Message{user, asks("", "a"), result("a"), failed}, "", "user assistant tool"},
		{"two rounds", []record.Message{user, asks("", "a"), result("a"), asks("", "a")}, "a", "user assistant tool assistant"},
		{"answered", []record.Message{user, asks("", "a"), result("a"), said}, "no", ""},
		{"another prompt", []record.Message{user, asks("", "a"), user, failed}, "no", ""},
	} {
		before, open, ok := OpenCalls(tt.messages)
		var ids, roles []string
		for _, c := range open {
			ids = append(ids, c.ID)
		}
		for _, m := range before {
			roles = append(roles, string(m.Role))
			if len(m.ToolCalls) > 0 && m.Asked.Model != "m" {
				t.Errorf("%s: asked of %+v", tt.name, m.Asked)
			}
		}
		if ok != (tt.open != "no") || ok && (strings.Join(ids, " ") != tt.open || strings.Join(roles, " ") != tt.before) {
			t.Errorf("%s: open %q after %q, %v", tt.name, ids, roles, ok)
		}
	}
}
