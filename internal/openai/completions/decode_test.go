package completions

import (
	"encoding/json"
	"strings"
	"testing"

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

// TestNoEvents: what some services send between the events of an answer is passed over.
func TestNoEvents(t *testing.T) {
	const text = `{"choices":[{"delta":{"content":"a"}}]}`
	for _, data := range []string{": OPENROUTER PROCESSING", ":", "ping|", "ping|pong", "keepalive|{}", "null", " "} {
		if m, err := decode(t, text, data, text); err != nil || m.Text != "aa" {
			t.Errorf("%q: %q, %v", data, m.Text, err)
		}
	}
	for _, data := range []string{"pong", "message|x", `{"choices":`, `"a"`} {
		if _, err := decode(t, text, data); err != openai.ErrBroken {
			t.Errorf("%q: %v", data, err)
		}
	}
}

// TestBesideAnError: a chunk that ends in an error adds what it holds beside that.
func TestBesideAnError(t *testing.T) {
	for _, data := range []string{
		`{"choices":[{"delta":{"content":"a"},"finish_reason":"error"}],"usage":{"n":1},"error":{"message":"no"}}`,
		`{"error":{"message":"no"},"usage":{"n":1},"choices":[{"finish_reason":"error","delta":{"content":"a"}}]}`,
	} {
		m, err := decode(t, data)
		reported, ok := err.(*openai.Reported)
		if !ok || reported.Message != "no" || m.Text != "a" || m.FinishReason != "error" || string(m.Usage) != `{"n":1}` {
			t.Errorf("%+v, %v", m, err)
		}
	}
}

// TestKeptJSON: what is kept as JSON is valid UTF-8, whatever came.
func TestKeptJSON(t *testing.T) {
	const usage, want = "{\"a\":\"\xff\"}", "{\"a\":\"\ufffd\"}"
	m, err := decode(t, `{"usage":`+usage+`,"choices":[{"delta":{"extra_content":`+usage+`,"images":[`+usage+`]}}]}`)
	if err != nil || string(m.Usage) != want || string(m.Opaque) != `{"extra_content":`+want+`}` || string(m.Parts[0].JSON) != want {
		t.Errorf("%s %s %+v %v", m.Usage, m.Opaque, m.Parts, err)
	}
}

// TestParts: what is no text is a part of the answer.
func TestParts(t *testing.T) {
	const image = `{"type":"image_url","image_url":{"url":"data:image/png;base64,iVA="}}`
	m, err := decode(t, `{"choices":[{"delta":{"audio":{"id":"x","transcript":"Hel","data":"AAAA"}}}]}`,
		`{"choices":[{"delta":{"audio":{"transcript":"lo"}}}]}`, `{"choices":[{"delta":{"audio":{"data":"AAAA"},"images":[`+image+`]}}]}`,
		`{"choices":[{"delta":{"content":[{"type":"text","text":"b"},`+image+`]},"finish_reason":"stop"}]}`)
	part := chat.Part{Type: "image_url", JSON: json.RawMessage(image)}
	want := []chat.Part{{Type: chat.Audio, Text: "Hello"}, part, part}
	if diff := gocmp.Diff(want, m.Parts); diff != "" || err != nil || m.Text != "b" || m.State != chat.Complete {
		t.Errorf("%v %q %s %s", err, m.Text, m.State, diff)
	}
}

// TestCutCall: OpenRouter says "tool_calls" of a call that the length limit cut.
func TestCutCall(t *testing.T) {
	for native, want := range map[string]chat.Why{"max_output_tokens": chat.Length, "length": chat.Length, "MAX_TOKENS": chat.Length, "tool_calls": "", "STOP": ""} {
		m, _ := decode(t, `{"choices":[{"delta":{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"a"}}]}}]}`,
			`{"choices":[{"delta":{},"finish_reason":"tool_calls","native_finish_reason":"`+native+`"}]}`)
		if m.Why != want {
			t.Errorf("%s: %s %q", native, m.State, m.Why)
		}
	}
}

// TestManyPieces: one event has no more calls and parts than an answer can use.
func TestManyPieces(t *testing.T) {
	many := "[" + strings.Repeat("{},", 1_000_000) + "{}]"
	var d chat.Delta
	data := `{"choices":[{"delta":{"tool_calls":` + many + `,"images":` + many + `,"content":` + strings.ReplaceAll(many, "{}", `{"type":"x"}`) + `}}]}`
	if err := new(decoder).Decode(&d, "message", []byte(data)); err != nil || len(d.ToolCalls) > openai.MaxPieces || len(d.Parts) > 2*openai.MaxPieces {
		t.Errorf("%d calls, %d parts, %v", len(d.ToolCalls), len(d.Parts), err)
	}
}

// TestBodyOfALoop: the calls of an answer go back with their results, and with what the
// service wants back unchanged.
func TestBodyOfALoop(t *testing.T) {
	answer := chat.Message{
		Role: chat.Assistant, Reasoning: "hm", ReasoningField: "reasoning_content", Opaque: json.RawMessage(`{"reasoning_details":[{"data":"<x>"}]}`),
		ToolCalls: []chat.ToolCall{{ID: "a", Name: "f", Opaque: json.RawMessage(`{"extra_content":{"google":{"thought_signature":"s"}}}`)}, {ID: "b", Name: "g", Arguments: `{"x":1}`}},
	}
	user := chat.Message{Role: chat.User, Text: "q"}
	result := func(id string) chat.Message {
		return chat.Message{Role: chat.Tool, ToolCallID: id, Name: "f", Text: "r" + id}
	}
	const calls = `{"reasoning_content":"hm","reasoning_details":[{"data":"<x>"}],"role":"assistant","tool_calls":[` +
		`{"extra_content":{"google":{"thought_signature":"s"}},"function":{"arguments":"{}","name":"f"},"id":"a","type":"function"},` +
		`{"function":{"arguments":"{\"x\":1}","name":"g"},"id":"b","type":"function"}]}`
	const asked, ra, rb = `{"role":"user","content":"q"}`, `{"content":"ra","role":"tool","tool_call_id":"a"}`, `{"content":"rb","role":"tool","tool_call_id":"b"}`
	said := answer
	said.Text = "t"
	for _, tt := range []struct {
		name     string
		messages []chat.Message
		want     string
	}{
		{"whole", []chat.Message{user, answer, result("a"), result("b"), user}, asked + "," + calls + "," + ra + "," + rb + "," + asked},
		{"in another order", []chat.Message{answer, result("b"), result("a")}, calls + "," + rb + "," + ra},
		{"with text", []chat.Message{said, result("a"), result("b")}, strings.Replace(calls, "{", `{"content":"t",`, 1) + "," + ra + "," + rb},
		{"a result is missing", []chat.Message{said, result("a"), user}, `{"role":"assistant","content":"t"},` + asked},
		{"no results", []chat.Message{said, user}, `{"role":"assistant","content":"t"},` + asked},
		{"results alone", []chat.Message{user, result("a")}, asked},
	} {
		body, err := API{}.Body(openai.Request{Messages: tt.messages})
		if want := `{"messages":[` + tt.want + `],"stream":true,"stream_options":{"include_usage":true}}`; err != nil || string(body) != want {
			t.Errorf("%s: %s %v\nwant %s", tt.name, body, err, want)
		}
	}
}
