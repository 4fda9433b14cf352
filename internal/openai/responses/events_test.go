package responses

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/openai"

	gocmp "github.com/google/go-cmp/cmp"
)

// decode decodes events, each "message" unless it begins with "name|".
func decode(t *testing.T, events ...string) (chat.Message, error) {
	t.Helper()
	var turn chat.Turn
	dec := API{}.Decoder()
	for _, data := range events {
		kind := "message"
		if name, rest, named := strings.Cut(data, "|"); named {
			kind, data = name, rest
		}
		var d chat.Delta
		err := openai.Decode(dec, &d, kind, []byte(data))
		turn.Add(&d)
		if err != nil {
			return turn.End(chat.Failed), err
		}
	}
	return turn.End(""), nil
}

const (
	hello     = `{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Hello"}`
	completed = `{"type":"response.completed","response":{"status":"completed","model":"m"}}`
)

// TestEnds: the terminal event, and nothing else, says how an answer ended.
func TestEnds(t *testing.T) {
	const item = `{"type":"message","content":[{"type":"output_text","text":"Hello"}]}`
	for _, tt := range []struct {
		name   string
		events []string
		finish string
		why    chat.Why
		err    string
	}{
		{"completed", []string{hello, completed}, "stop", "", ""},
		{"no end", []string{hello}, "", chat.Cut, ""},
		{"done", []string{hello, `{"type":"response.output_item.done","output_index":0,"item":` + item + `}`}, "", chat.Cut, ""},
		{"length", []string{hello, `{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}`}, "length", chat.Length, ""},
		{"filter", []string{hello, `{"type":"response.incomplete","response":{"incomplete_details":{"reason":"content_filter"}}}`}, "content_filter", chat.Filter, ""},
		{"incomplete", []string{hello, `{"type":"response.incomplete","response":{"incomplete_details":null}}`}, "incomplete", chat.Failed, ""},
		{"completed in name only", []string{hello, `{"type":"response.completed","response":{"status":"incomplete"}}`}, "incomplete", chat.Failed, ""},
		{"cancelled", []string{hello, `{"type":"response.cancelled","response":{"status":"cancelled"}}`}, "cancelled", chat.Failed, ""},
		{"failed", []string{hello, `{"type":"response.failed","response":{"error":{"code":"x","message":"no"}}}`}, "", chat.Failed, "no"},
		{"failed without a reason", []string{hello, `{"type":"response.failed","response":{"error":null}}`}, "failed", chat.Failed, ""},
		{"failed, and then the reason", []string{hello, `{"type":"response.failed","response":{"error":null}}`, `{"type":"error","code":"x","message":"no"}`}, "failed", chat.Failed, "no"},
		{"error", []string{hello, `{"type":"error","error":{"message":"no"}}`}, "", chat.Failed, "no"},
		{"error without a type", []string{hello, `{"error":{"message":"no","code":500}}`}, "", chat.Failed, "no"},
		{"error by name", []string{hello, `error|no`}, "", chat.Failed, "no"},
		{"empty", []string{completed}, "stop", chat.Empty, ""},
		{"in one", []string{`{"object":"response","status":"completed","output":[` + item + `]}`}, "stop", "", ""},
		{"at once", []string{`{"type":"response.completed","response":{"status":"completed","output":[` + item + `]}}`}, "stop", "", ""},
	} {
		m, err := decode(t, tt.events...)
		message := ""
		if reported, ok := err.(*openai.Reported); ok {
			message = reported.Message
		}
		if m.FinishReason != tt.finish || m.Why != tt.why || message != tt.err || tt.name != "empty" && m.Text != "Hello" {
			t.Errorf("%s: %q %q %q %v", tt.name, m.Text, m.FinishReason, m.Why, err)
		}
	}
}

// TestNoEvents: what is no event of the API is passed over or told.
func TestNoEvents(t *testing.T) {
	for _, data := range []string{": OPENROUTER PROCESSING", "ping|", "keepalive|{}", "null", " ", `{"type":"keepalive"}`, `{"type":"response.x"}`, `{"type":"response.output_text.delta"}`} {
		if m, err := decode(t, hello, data, hello); err != nil || m.Text != "HelloHello" {
			t.Errorf("%q: %q, %v", data, m.Text, err)
		}
	}
	for _, data := range []string{"pong", `{"type":`, `"a"`, `{"choices":[{"delta":{"content":"a"}}]}`, "[1]"} {
		if _, err := decode(t, hello, data); err != openai.ErrBroken {
			t.Errorf("%q: %v", data, err)
		}
	}
}

// TestItems: what comes twice counts once, and the items of the terminal event win.
func TestItems(t *testing.T) {
	const a, b, c = `{"type":"reasoning","encrypted_content":"a"}`, `{"type":"reasoning","encrypted_content":"b"}`, `{"type":"web_search_call"}`
	done := func(index, item string) string {
		return `{"type":"response.output_item.done","output_index":` + index + `,"item":` + item + `}`
	}
	output := func(items string) string {
		return `{"type":"response.completed","response":{"status":"completed","output":[` + items + `]}}`
	}
	for _, tt := range []struct {
		events []string
		want   []string
	}{
		{[]string{done("0", a), done("1", c), completed}, []string{a, c}},
		{[]string{done("0", a), done("1", c), output("")}, []string{a, c}},
		{[]string{done("0", a), done("1", c), output(b + "," + c)}, []string{b, c}},
		{[]string{done("1", c), done("0", a), done("7", a), output(b + "," + c)}, []string{b, c}},
		{[]string{done("-1", a), done("\"x\"", c), output(b)}, []string{b}},
	} {
		m, err := decode(t, tt.events...)
		var got []string
		for _, item := range m.Output {
			got = append(got, string(item))
		}
		if diff := gocmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", tt.events, err, diff)
		}
	}
}

// TestReasoning: a blank line separates the parts of the reasoning.
func TestReasoning(t *testing.T) {
	m, err := decode(t,
		`{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"a"}`,
		`{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"b"}`,
		`{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":1,"delta":"c"}`,
		`{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","summary":[{"text":"ab"},{"text":"c"}]}}`,
		`{"type":"response.reasoning_text.delta","output_index":1,"content_index":0,"delta":"d"}`,
		`{"type":"response.output_item.done","output_index":2,"item":{"type":"reasoning","summary":[{"text":"e"}],"content":[]}}`, completed)
	if m.Reasoning != "ab\n\nc\n\nd\n\ne" || err != nil {
		t.Errorf("%q %v", m.Reasoning, err)
	}
}

// TestCustomCalls: an item of a kind that is never offered is no call, but an answer that has
// nothing else is not empty.
func TestCustomCalls(t *testing.T) {
	const item = `{"type":"custom_tool_call","call_id":"c","name":"f","input":"i"}`
	m, err := decode(t, `{"type":"response.output_item.done","output_index":0,"item":`+item+`}`, completed)
	want := []chat.Part{{Type: "custom_tool_call", JSON: json.RawMessage(item)}}
	if diff := gocmp.Diff(want, m.ServerItems()); diff != "" || len(m.ToolCalls) > 0 || m.State != chat.Complete || err != nil {
		t.Errorf("%+v %v %s", m, err, diff)
	}
}

// seeds are streams with events of every kind, an event a line.
var seeds = []string{
	hello + "\n" + completed,
	`{"type":"response.created","response":{"model":"m"}}` + "\n" + hello,
	`{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","call_id":"c","name":"f"}}` + "\n" +
		`{"type":"response.function_call_arguments.delta","output_index":1,"delta":"{\"a"}` + "\n" +
		`{"type":"response.function_call_arguments.done","output_index":1,"arguments":"{\"a\":1}"}` + "\n" + completed,
	`{"type":"response.output_item.added","item":{"id":"x","type":"function_call"}}` + "\n" +
		`{"type":"response.function_call_arguments.done","item_id":"x","arguments":"{}"}`,
	`{"type":"response.refusal.delta","delta":"no"}` + "\n" + `{"type":"response.refusal.done","refusal":"no"}`,
	`{"type":"response.reasoning.delta","delta":"\ud83d"}` + "\n" + `{"type":"response.reasoning_summary_text.delta","summary_index":9,"delta":"\ude00"}`,
	`{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","encrypted_content":"` + "\xff" + `"}}` + "\n" +
		`{"type":"response.completed","response":{"output":[{"type":"message","content":[{"text":"a"},{"refusal":"b"}]}],"usage":{"output_tokens":1}}}`,
	`{"type":"response.failed","response":{"error":null}}` + "\n" + `{"type":"error","message":"no"}`, `{"error":{"message":"no"}}`,
	`{"object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"web_search_call"}]}`,
	`{"type":"response.output_text.delta","output_index":99999999999999999999,"content_index":-1,"delta":"x"}`, "[DONE]", ": x", "null", "{",
}

// FuzzDecoder: whatever comes, the answer is one that can be kept: its JSON is valid, in
// UTF-8, and it is whole only after a terminal event or [DONE].
func FuzzDecoder(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed), "message")
	}
	f.Fuzz(func(t *testing.T, data []byte, kind string) {
		var turn chat.Turn
		dec := API{}.Decoder()
		for line := range bytes.Lines(data) {
			var d chat.Delta
			err := openai.Decode(dec, &d, kind, line)
			for _, item := range d.Items {
				if len(item.JSON) > 0 && (!json.Valid(item.JSON) || !utf8.Valid(item.JSON)) || item.Index < 0 {
					t.Errorf("item %d %q", item.Index, item.JSON)
				}
			}
			turn.Add(&d)
			if err != nil || d.Done {
				break
			}
		}
		m := turn.End("")
		terminal := bytes.Contains(data, []byte("response")) || bytes.Contains(data, []byte("DONE")) || bytes.Contains(data, []byte("output")) || bytes.Contains(data, []byte(`\u`))
		if m.State == chat.Complete && !terminal {
			t.Errorf("complete without an end: %q", data)
		}
		again := openai.Request{Messages: []chat.Message{{Role: chat.User, Text: "q"}, m, {Role: chat.Tool, ToolCallID: "c", Text: "r"}}}
		if body, err := (API{}).Body(again); err != nil || !json.Valid(body) {
			t.Errorf("%v %s", err, body)
		}
	})
}
