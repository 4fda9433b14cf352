package turn

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/report"
)

func noEnv(string) string { return "" }

// printed returns an answer in a form.
func printed(f Form, e End, deltas ...chat.Delta) (string, *report.Error) {
	var out []byte
	for _, d := range deltas {
		out = f.Append(out, &d)
	}
	out, err := f.End(out, e)
	return string(out), err
}

func TestTextEnds(t *testing.T) {
	stopped := &report.Error{Signal: os.Interrupt}
	for name, test := range map[string]struct {
		text     string
		terminal bool
		raw      bool
		err      *report.Error
		want     string
	}{
		"a newline is added":                  {"hi", false, false, nil, "hi\n"},
		"no second newline":                   {"hi\n", false, false, nil, "hi\n"},
		"no newline after nothing":            {"", false, false, nil, ""},
		"no newline after raw bytes":          {"hi", false, true, nil, "hi"},
		"controls are shown on a terminal":    {"\x1b[2J", true, false, nil, "^[[2J\n"},
		"raw bytes on a terminal":             {"\x1b[2J", true, true, nil, "\x1b[2J\n"},
		"on a terminal after ^C":              {"hi", true, false, stopped, "hi\n"},
		"after ^C at the start of a line":     {"hi\n", true, false, stopped, "hi\n\n"},
		"into a pipe, where nothing is typed": {"hi\n", false, false, stopped, "hi\n"},
		"half a character is not held back":   {"a\xe6\x97", true, false, nil, "a\ufffd\ufffd\n"},
		"half a line end is not held back":    {"a\r", true, false, nil, "a^M\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f := NewText(TextOptions{Terminal: test.terminal, Raw: test.raw, Color: "never"})
			got, err := printed(f, End{Err: test.err}, chat.Delta{Text: []byte(test.text)})
			if got != test.want || err != nil {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestTextReasoning(t *testing.T) {
	deltas := []chat.Delta{
		{Reasoning: []byte("so\x1b")}, {Reasoning: []byte("\u202e.")},
		{Text: []byte("yes")}, {Reasoning: []byte("or")}, {Refusal: []byte("no")},
	}
	for want, o := range map[string]TextOptions{
		"yesno\n":                        {Color: "never"},
		"so\x1b\u202e.\n\nyesor\n\nno\n": {Reasoning: true, Color: "never"},
		"so^[‹U+202E›.\n\nyesor\n\nno\n": {Reasoning: true, Color: "never", Terminal: true},
		"\x1b[2mso^[\x1b[22m\x1b[2m‹U+202E›.\x1b[22m\n\nyes\n\x1b[2mor\x1b[22m\n\nno\n": {Reasoning: true, Color: "always", Terminal: true, Getenv: noEnv},
	} {
		if got, _ := printed(NewText(o), End{}, deltas...); got != want {
			t.Errorf("%+v: got %q, want %q", o, got, want)
		}
	}
	if got, _ := printed(NewText(TextOptions{Reasoning: true, Color: "never"}), End{}, deltas[0]); got != "so\x1b\n\n" {
		t.Errorf("reasoning alone: %q", got)
	}
}

// What is held back is told once, and that it is shown.
func TestTextTellsOfTables(t *testing.T) {
	var told []string
	o := TextOptions{Markdown: Rendered, Color: "always", Held: func(what string) { told = append(told, what) }}
	deltas := []chat.Delta{{Text: []byte("a\n\n| b |\n|---|")}, {Text: []byte("\n")}, {Text: []byte("| c |\n| d")}, {Text: []byte(" |\n")}}
	printed(NewText(o), End{}, deltas...)
	if want := []string{"table, 0 rows", "table, 1 row", "table, 2 rows", ""}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

// TestSources: the sources of an answer follow it on a terminal, each once.
func TestSources(t *testing.T) {
	message := chat.Message{Output: []json.RawMessage{json.RawMessage(`{"type":"message","content":[{"annotations":[
		{"type":"url_citation","title":"A\u001b[2J","url":"https://a.example/"},{"type":"url_citation","title":"again","url":"https://a.example/"},
		{"type":"file_citation","filename":"b.txt"},{"type":"container_file_citation"}]}]}`), json.RawMessage(`{"type":"reasoning","content":1}`)}}
	for terminal, want := range map[bool]string{true: "[1] A^[[2J https://a.example/, [2] b.txt", false: ""} {
		f := NewText(TextOptions{Terminal: terminal, Color: "never"})
		printed(f, End{Message: message}, chat.Delta{Text: []byte("a")})
		if got := strings.Join(f.Notes(), ", "); got != want {
			t.Errorf("terminal %v: %q, want %q", terminal, got, want)
		}
	}
}

func TestTextNotes(t *testing.T) {
	f := NewText(TextOptions{Terminal: true, Color: "never"})
	printed(f, End{}, chat.Delta{Text: []byte("a\u202eb\u202cc\u200bd")})
	want := "2 hidden controls shown, 1 hidden character removed; --raw shows them"
	if got := strings.Join(f.Notes(), ", "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if f := NewText(TextOptions{Color: "never"}); f.Notes() != nil {
		t.Errorf("a pipe is told %q", f.Notes())
	}
}

func TestNewViewer(t *testing.T) {
	for _, test := range []struct {
		o    TextOptions
		want string
	}{
		{TextOptions{}, "bytes"},
		{TextOptions{Terminal: true}, "*markdown.Terminal"},
		{TextOptions{Terminal: true, Color: "never"}, "*term.Filter"},
		{TextOptions{Terminal: true, Markdown: Off}, "*term.Filter"},
		{TextOptions{Terminal: true, Raw: true}, "bytes"},
		{TextOptions{Markdown: Rendered}, "*markdown.Terminal"},
		{TextOptions{Markdown: Rendered, Color: "never"}, "*markdown.Terminal"},
		{TextOptions{Markdown: Source, Color: "never"}, "bytes"},
		{TextOptions{Terminal: true, Markdown: Source, Color: "never"}, "*term.Filter"},
		{TextOptions{Color: "always"}, "*markdown.Terminal"},
	} {
		test.o.Getenv = func(name string) string { return map[string]string{"TERM": "xterm"}[name] }
		if test.o.Color == "" {
			test.o.Color = "auto"
		}
		got := "bytes"
		if v := NewViewer(test.o); v != nil {
			got = fmt.Sprintf("%T", v)
		}
		if got != test.want {
			t.Errorf("%+v: %s, want %s", test.o, got, test.want)
		}
	}
}

func TestJSON(t *testing.T) {
	failed := &report.Error{What: "it <broke>", Kind: "stall", Code: 3}
	for name, test := range map[string]struct {
		end    End
		deltas []chat.Delta
		want   string
	}{
		"whole": {
			End{Message: chat.Message{State: chat.Complete, FinishReason: "stop", Model: "m"}, Session: "k3f9q2ab"},
			[]chat.Delta{{Reasoning: []byte("r"), Text: []byte("a<b>")}, {Refusal: []byte("no"), Usage: json.RawMessage(`{"n":1}`)}},
			`{"reasoning":"r","type":"reasoning"}
{"text":"a<b>","type":"text"}
{"refusal":"no","type":"refusal"}
{"type":"usage","usage":{"n":1}}
{"type":"end","status":"complete","finish_reason":"stop","model":"m","chat":"k3f9q2ab"}
`},
		"cut": {
			End{Message: chat.Message{State: chat.Incomplete}, Err: failed}, nil,
			`{"type":"end","status":"incomplete","error":{"kind":"stall","message":"it <broke>"}}` + "\n"},
		"nothing":          {End{Err: failed}, nil, `{"type":"end","status":"failed","error":{"kind":"stall","message":"it <broke>"}}` + "\n"},
		"signal at an end": {End{Message: chat.Message{State: chat.Complete}, Err: &report.Error{Kind: "stopped"}}, nil, `{"type":"end","status":"complete"}` + "\n"},
	} {
		got, err := printed(NewJSON(false), test.end, test.deltas...)
		if got != test.want || err != nil {
			t.Errorf("%s: got %s%v, want %s", name, got, err, test.want)
		}
	}
}

// TestJSONOnATerminal: JSON escapes only C0, so the other characters that a terminal obeys
// or hides are escaped too, and the objects stay the same.
func TestJSONOnATerminal(t *testing.T) {
	const hostile = "a\x9b2J\u007f\u202e\u200b\U000e0041\u001b]0;x\a日本"
	deltas := []chat.Delta{{Text: []byte(hostile), Usage: json.RawMessage("{\"x\":\"\u202e\"}")}}
	end := End{Message: chat.Message{State: chat.Complete, Model: "m\u202e"}}
	raw, _ := printed(NewJSON(false), end, deltas...)
	got, _ := printed(NewJSON(true), end, deltas...)
	if !strings.Contains(raw, "\u202e") {
		t.Error("a pipe gets escapes")
	}
	if strings.ContainsAny(got, "\u0080\u009b\u007f\u202e\u200b\U000e0041\u001b") || !strings.Contains(got, `\u202e`) || !strings.Contains(got, "日本") {
		t.Errorf("got %q", got)
	}
	for i, line := range strings.Split(raw, "\n")[:3] {
		var a, b any
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(strings.Split(got, "\n")[i]), &b); err != nil {
			t.Fatal(err)
		}
		if x, y := mustJSON(a), mustJSON(b); x != y {
			t.Errorf("%s became %s", x, y)
		}
	}
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestCode(t *testing.T) {
	extract := func(answer string) (string, error) {
		if code, ok := strings.CutPrefix(answer, "code "); ok {
			return code, nil
		}
		return "", report.Nothing("there is no code block", "oax cat --last")
	}
	answer := func(text, session string, err *report.Error) End {
		return End{Message: chat.Message{Text: text, State: chat.Complete}, Session: session, Err: err}
	}
	for name, test := range map[string]struct {
		end  End
		o    TextOptions
		want string
		hint string // of the error
		fail bool
		note string
	}{
		"into a pipe":           {end: answer("code a\x1b\u200bb", "s", nil), want: "a\x1bb", note: "1 hidden character removed; --raw keeps them"},
		"on a terminal":         {end: answer("code a\x1b", "s", nil), o: TextOptions{Terminal: true}, want: "a^["},
		"raw":                   {end: answer("code a\u200b", "s", nil), o: TextOptions{Raw: true}, want: "a\u200b"},
		"no code":               {end: answer("hi", "k3f9q2ab", nil), fail: true, hint: "oax cat --last k3f9q2ab"},
		"no code, nothing kept": {end: answer("hi", "", nil), fail: true},
	} {
		f := NewCode(test.o, extract)
		got, err := printed(f, test.end, chat.Delta{Text: []byte("never seen")})
		if got != test.want || (err != nil) != test.fail || strings.Join(f.Notes(), "") != test.note {
			t.Errorf("%s: got %q, %v, notes %q", name, got, err, f.Notes())
		}
		if err != nil && (err.Hint != test.hint || err.Code != 1 || err.What != "there is no code block") {
			t.Errorf("%s: %+v", name, *err)
		}
	}
}
