package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"strings"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/record"
)

func message(role chat.Role, text string) record.Message {
	return record.Message{Message: chat.Message{Role: role, Text: text}}
}

func sessions(all ...*session.Session) iter.Seq2[*session.Session, error] {
	return func(yield func(*session.Session, error) bool) {
		for _, s := range all {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// hostile has what a terminal would obey or not show: an escape sequence, a C1 control, a
// bidi override, a zero-width space and DEL.
func hostile() *session.Session {
	s := &session.Session{ID: "00000001", Title: "t\x1b[31m", Time: time.Unix(0, 0).UTC()}
	s.Messages = []record.Message{message(chat.User, "a\x1b]0;x\x07 \u009b b\u202e\u200b\x7f")}
	return s
}

// What each form writes about the same two sessions.
func TestForms(t *testing.T) {
	first := &session.Session{ID: "00000001", Title: "one", ForkOf: &record.Fork{ID: "0000000f", Turn: 2}}
	first.Messages = []record.Message{message(chat.User, "q"), message(chat.Assistant, "```\nx")}
	first.Messages[1].Model, first.Messages[1].State, first.Messages[1].Why = "gpt", chat.Incomplete, chat.Cut
	second := &session.Session{ID: "00000002", Title: "two", Messages: []record.Message{message(chat.User, "b\n")}}
	for form, want := range map[Form]string{
		Text: "=== 00000001  one (fork of 0000000f at turn 2)\n--- user, -\nq\n\n--- assistant, -, gpt, incomplete (cut)\n```\nx\n" +
			"\n=== 00000002  two\n--- user, -\nb\n",
		Bare:      "q```\nxb\n",
		Markdown:  "# one\n\n## user, -\n\nq\n\n## assistant, -, gpt, incomplete (cut)\n\n```\nx\n```\n\n# two\n\n## user, -\n\nb\n",
		JSONLines: `{"session":"00000001","time":"0001-01-01T00:00:00Z","role":"user","text":"q"}` + "\n",
		JSON:      "[\n{\n  \"id\": \"00000001\",",
		HTML:      "<!DOCTYPE html>\n",
	} {
		var out bytes.Buffer
		if err := Write(&out, sessions(first, second), Options{Form: form, Several: true}); err != nil {
			t.Errorf("%s: %v", form, err)
		}
		got := out.String()
		switch form {
		case JSON:
			var decoded []jsonSession
			if err := json.Unmarshal(out.Bytes(), &decoded); err != nil || len(decoded) != 2 || decoded[1].Messages[0].Content != "b\n" {
				t.Errorf("%s: %v: %s", form, err, got)
			}
		case HTML:
			if strings.Count(got, "<html>") != 1 || strings.Count(got, "<h1") != 2 || !strings.HasSuffix(got, pageEnd) {
				t.Errorf("%s: %s", form, got)
			}
		case JSONLines:
			if strings.Count(got, "\n") != 3 {
				t.Errorf("%s: %s", form, got)
			}
		default:
			if got != want {
				t.Errorf("%s: %q\nwant %q", form, got, want)
			}
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q\nwant %q", form, got, want)
		}
	}
}

// On a terminal no form lets a control or a hidden character through, and JSON is still
// the same JSON. With Raw, and where there is no terminal, nothing is changed.
func TestFormsOnATerminal(t *testing.T) {
	for _, form := range []Form{Markdown, HTML, JSON, JSONLines} {
		var pipe, raw, terminal bytes.Buffer
		for out, o := range map[*bytes.Buffer]Options{&pipe: {}, &raw: {Terminal: true, Raw: true}, &terminal: {Terminal: true}} {
			o.Form = form
			if err := Write(out, sessions(hostile()), o); err != nil {
				t.Fatal(err)
			}
		}
		if strings.ContainsAny(terminal.String(), "\x1b\x07\u009b\u202e\u200b\x7f") {
			t.Errorf("%s on a terminal: %q", form, terminal.String())
		}
		if raw.String() != pipe.String() {
			t.Errorf("%s, raw: %q\npipe: %q", form, raw.String(), pipe.String())
		}
		if form == JSON || form == JSONLines {
			var a, b any
			if json.Unmarshal(terminal.Bytes(), &a) != nil || json.Unmarshal(pipe.Bytes(), &b) != nil {
				t.Errorf("%s is no JSON: %s", form, terminal.String())
			}
			if x, y := encode(a), encode(b); x != y {
				t.Errorf("%s: %s is not %s", form, x, y)
			}
		}
	}
}

func encode(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func TestWriteEndsWithAnError(t *testing.T) {
	unreadable := errors.New("unreadable")
	var out bytes.Buffer
	err := Write(&out, func(yield func(*session.Session, error) bool) {
		_ = yield(hostile(), nil) && yield(nil, unreadable)
	}, Options{Form: Bare})
	if !errors.Is(err, unreadable) || out.Len() == 0 {
		t.Errorf("%v after %q", err, out.String())
	}
}

func TestCode(t *testing.T) {
	texts := []string{"```\na\n```\n", "none", "~~~sh\nb\n~~~\n```\nc"}
	for _, c := range []struct {
		choice     Code
		want, what string
	}{
		{Code{Nth: 1}, "a\n", ""},
		{Code{Nth: 3}, "c", ""},
		{Code{All: true}, "a\nb\nc", ""},
		{Code{Nth: 4}, "", "there is no code block 4, only 3"},
	} {
		got, err := c.choice.Of(texts...)
		if got != c.want || (err != nil) != (c.what != "") || err != nil && err.Error() != c.what {
			t.Errorf("%+v: %q, %v", c.choice, got, err)
		}
	}
	if (Code{}).Set() || !(Code{Nth: 1}).Set() || !(Code{All: true}).Set() {
		t.Error("Set")
	}
}

// An answer without code prints nothing, and the hint shows the answer.
func TestNoCode(t *testing.T) {
	for instead, hint := range map[string]string{"": "", "oax cat --last": "oax cat --last 00000001"} {
		var out bytes.Buffer
		err := Write(&out, sessions(hostile()), Options{Code: Code{Nth: 1}, Instead: instead})
		r, ok := errors.AsType[*report.Error](err)
		if !ok || r.What != "there is no code block" || r.Hint != hint || r.Code != report.ExitFailure || out.Len() > 0 {
			t.Errorf("%q: %+v, printed %q", instead, r, out.String())
		}
	}
}

// Code is what a person has seen, and they learn of what they have not seen.
func TestCodeWithHiddenCharacters(t *testing.T) {
	stderr, err := os.Create(t.TempDir() + "/stderr")
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	s := &session.Session{ID: "00000001", Messages: []record.Message{message(chat.Assistant, "```\nls\u200b \u202e\x1b\n```\n")}}
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{}, "ls \x1b\n"}, {Options{Terminal: true}, "ls ^[\n"}, {Options{Terminal: true, Raw: true}, "ls\u200b \u202e\x1b\n"},
	} {
		c.o.Code, c.o.Log = Code{All: true}, report.NewWriter(stderr, false)
		var out bytes.Buffer
		if err := Write(&out, sessions(s), c.o); err != nil || out.String() != c.want {
			t.Errorf("%+v: %q, %v", c.o, out.String(), err)
		}
	}
	const note = "oax: 2 hidden characters removed; --raw keeps them\n"
	if got, _ := os.ReadFile(stderr.Name()); string(got) != note+note {
		t.Errorf("standard error: %q", got)
	}
}
