package chat

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestVerdict(t *testing.T) {
	text, thought, refusal := Delta{Text: []byte("a")}, Delta{Reasoning: []byte("r")}, Delta{Refusal: []byte("no")}
	call := Delta{ToolCalls: []ToolCall{{ID: "c1", Name: "f"}}}
	done := Delta{Done: true}
	finish := func(reason string) Delta { return Delta{FinishReason: reason} }
	for _, tt := range []struct {
		name   string
		deltas []Delta
		ended  Why // what ended the stream early
		want   Why
	}{
		{"finish reason and [DONE]", []Delta{text, finish("stop"), done}, "", ""},
		{"finish reason", []Delta{text, finish("stop")}, "", ""},
		{"[DONE]", []Delta{text, done}, "", ""},
		{"a finish reason nobody knows", []Delta{text, finish("eos")}, "", ""},
		{"neither", []Delta{text}, "", Cut},
		{"nothing", nil, "", Cut},
		{"more after [DONE]", []Delta{text, done, {Model: "m"}}, "", ""},
		{"model and usage only", []Delta{{Model: "m", Usage: json.RawMessage(`{}`)}}, "", Cut},

		{"broken before its end", []Delta{text}, Reset, Reset},
		{"broken before anything", nil, Stall, Stall},
		{"broken after its finish reason", []Delta{text, finish("stop")}, Reset, ""},
		{"broken after [DONE]", []Delta{text, done}, Failed, ""},
		{"broken after the length limit", []Delta{text, finish("length")}, Reset, Length},

		{"length", []Delta{text, finish("length"), done}, "", Length},
		{"the context's length", []Delta{text, finish("model_length")}, "", Length},
		{"given up", []Delta{text, finish("error")}, "", Failed},
		{"given up before any text", []Delta{finish("abort")}, "", Failed},
		{"out of resources", []Delta{text, finish("insufficient_system_resource"), done}, "", Failed},
		{"length before any text", []Delta{thought, finish("length")}, "", Length},
		{"filter", []Delta{text, finish("content_filter"), done}, "", Filter},
		{"filter before any text", []Delta{finish("content_filter")}, "", Filter},
		{"tool", []Delta{call, finish("tool_calls"), done}, "", ""},
		{"tool, after text", []Delta{text, call, finish("tool_calls")}, "", ""},
		{"tool, under another reason", []Delta{call, finish("stop")}, "", ""},
		{"tool, cut", []Delta{call}, "", Cut},
		{"tool, at the length limit", []Delta{call, finish("length")}, "", Length},
		{"reason without its tool", []Delta{text, finish("tool_calls")}, "", ""},

		{"empty", []Delta{finish("stop"), done}, "", Empty},
		{"empty, by [DONE]", []Delta{done}, "", Empty},
		{"reasoning only", []Delta{thought, finish("stop")}, "", Empty},
		{"refusal", []Delta{refusal, finish("stop")}, "", ""},
	} {
		var turn Turn
		for _, d := range tt.deltas {
			turn.Add(&d)
		}
		m := turn.End(tt.ended)
		wantState := Incomplete
		if tt.want == "" {
			wantState = Complete
		}
		if m.Why != tt.want || m.State != wantState {
			t.Errorf("%s: %s %q, want %s %q", tt.name, m.State, m.Why, wantState, tt.want)
		}
		if m.Role != Assistant {
			t.Errorf("%s: role %q", tt.name, m.Role)
		}
	}
}

func TestGather(t *testing.T) {
	var turn Turn
	if !turn.Nothing() || turn.Finished() || turn.Len() != 0 {
		t.Error("a new turn is not empty")
	}
	for _, d := range []Delta{
		{Model: "a", Text: []byte("Hel"), Reasoning: []byte("h")},
		{Text: []byte("lo"), Reasoning: []byte("mm"), Usage: json.RawMessage(`{"n":1}`)},
		{Refusal: []byte("no"), Model: "b", FinishReason: "stop"},
		{Usage: json.RawMessage(`{"n":2}`)},
	} {
		turn.Add(&d)
	}
	m := turn.End("")
	if m.Text != "Hello" || m.Reasoning != "hmm" || m.Refusal != "no" || m.Shown() != "Hellono" {
		t.Errorf("gathered %+v", m)
	}
	if m.Model != "b" || string(m.Usage) != `{"n":2}` || m.FinishReason != "stop" {
		t.Errorf("the last word does not count: %+v", m)
	}
	if turn.Nothing() || !turn.Finished() || turn.Len() != len("Hellohmmno") {
		t.Errorf("nothing %v, finished %v, %d bytes", turn.Nothing(), turn.Finished(), turn.Len())
	}
}

// TestGatherCopies: a delta's bytes are used again for the next.
func TestGatherCopies(t *testing.T) {
	var turn Turn
	buf := []byte("one")
	turn.Add(&Delta{Text: buf})
	copy(buf, "two")
	if m := turn.End(""); m.Text != "one" {
		t.Errorf("text %q", m.Text)
	}
}

func TestToolCalls(t *testing.T) {
	type call struct {
		Index               int
		ID, Name, Arguments string
	}
	type calls []call
	for _, tt := range []struct {
		name      string
		fragments calls
		want      calls
	}{
		{"one whole", calls{{0, "a", "f", "{}"}}, calls{{0, "a", "f", "{}"}}},
		{"one in pieces", calls{{0, "a", "f", ""}, {Arguments: `{"x":`}, {Arguments: `1}`}}, calls{{0, "a", "f", `{"x":1}`}}},
		{"ID repeated", calls{{0, "a", "f", "{"}, {0, "a", "f", "}"}}, calls{{0, "a", "f", "{}"}}},
		{"ID and name late", calls{{0, "", "", "{"}, {0, "a", "f", "}"}}, calls{{0, "a", "f", "{}"}}},
		{"name late", calls{{0, "a", "", "{"}, {0, "", "f", "}"}}, calls{{0, "a", "f", "{}"}}},
		{"parallel", calls{{0, "a", "f", "1"}, {1, "b", "g", "2"}}, calls{{0, "a", "f", "1"}, {1, "b", "g", "2"}}},
		{"interleaved",
			calls{{0, "a", "f", "1"}, {1, "b", "g", "x"}, {0, "", "", "2"}, {1, "", "", "y"}},
			calls{{0, "a", "f", "12"}, {1, "b", "g", "xy"}}},
		{"index out of order", calls{{2, "c", "h", "3"}, {0, "a", "f", "1"}}, calls{{2, "c", "h", "3"}, {0, "a", "f", "1"}}},
		{"all under index 0",
			calls{{0, "a", "f", "1"}, {0, "b", "g", "2"}, {0, "", "", "3"}},
			calls{{0, "a", "f", "1"}, {0, "b", "g", "23"}}},
		{"all under index 0, interleaved",
			calls{{0, "a", "f", "1"}, {0, "b", "g", "x"}, {0, "a", "", "2"}, {0, "b", "", "y"}},
			calls{{0, "a", "f", "12"}, {0, "b", "g", "xy"}}},
		{"without any ID", calls{{0, "", "f", "1"}, {0, "", "", "2"}}, calls{{0, "call_0", "f", "12"}}},
		{"two under one index, one after the other",
			calls{{0, "a", "f", `{}`}, {0, "b", "f", `{}`}},
			calls{{0, "a", "f", `{}`}, {0, "b", "f", `{}`}}},
		{"two under one index, the first without an ID",
			calls{{0, "", "f", `{"x":1}`}, {0, "b", "g", `{}`}},
			calls{{0, "call_0", "f", `{"x":1}`}, {0, "b", "g", `{}`}}},
		{"a known ID under another index",
			calls{{0, "a", "f", `{`}, {1, "b", "g", `{}`}, {1, "a", "", `}`}},
			calls{{0, "a", "f", `{}`}, {1, "b", "g", `{}`}}},
		{"without ID, under an index of two calls",
			calls{{0, "a", "f", `{}`}, {0, "b", "g", `{`}, {1, "c", "h", `{}`}, {0, "", "", `}`}},
			calls{{0, "a", "f", `{}`}, {0, "b", "g", `{}`}, {1, "c", "h", `{}`}}},
		{"without index and ID",
			calls{{0, "a", "f", `{}`}, {1, "b", "g", `{`}, {NoIndex, "", "", `}`}},
			calls{{0, "a", "f", `{}`}, {1, "b", "g", `{}`}}},
		{"without index, first of all",
			calls{{NoIndex, "a", "f", `{`}, {NoIndex, "", "", `}`}, {NoIndex, "b", "g", `{}`}},
			calls{{0, "a", "f", `{}`}, {0, "b", "g", `{}`}}},
		{"a name without ID, after a whole call",
			calls{{0, "", "f", `{"x":"}"`}, {0, "", "", `}`}, {0, "", "f", `{}`}},
			calls{{0, "call_0", "f", `{"x":"}"}`}, {0, "call_1", "f", `{}`}}},
		{"a name again, in a call that is not whole",
			calls{{0, "", "f", `{"x":"\"{`}, {0, "", "f", `}"`}, {0, "", "f", `}`}},
			calls{{0, "call_0", "f", `{"x":"\"{}"}`}}},
		{"a tail under the next index", // a DeepSeek gateway
			calls{{0, "a", "f", ``}, {0, "", "", `{"x":1}`}, {0, "b", "g", ``}, {1, "", "", `{"y":`}, {1, "", "", `2}`}},
			calls{{0, "a", "f", `{"x":1}`}, {0, "b", "g", `{"y":2}`}}},
		{"one ID under two indexes, its tail under the second",
			calls{{0, "a", "f", `{`}, {1, "a", "", ``}, {2, "b", "g", `{`}, {1, "", "", `}`}, {2, "", "", `}`}},
			calls{{0, "a", "f", `{}`}, {2, "b", "g", `{}`}}},
		{"whole calls of one ID, under an index each",
			calls{{0, "a", "f", `{"x":1}`}, {1, "a", "f", `{"x":2}`}, {2, "a", "g", `{"y"`}, {2, "a", "", `:1`}, {2, "", "", `}`}},
			calls{{0, "a", "f", `{"x":1}`}, {1, "call_1", "f", `{"x":2}`}, {2, "call_2", "g", `{"y":1}`}}},
		{"one whole call sent twice", // which of them is meant is not known: it does not run
			calls{{0, "a", "f", `{"x":1}`}, {0, "a", "f", `{"x":1}`}},
			calls{{0, "a", "f", `{"x":1}{"x":1}`}}},
		{"whole calls of one ID sent twice",
			calls{{0, "a", "f", `{}`}, {1, "a", "g", `{}`}, {0, "a", "f", `{}`}, {1, "a", "g", `{}`}},
			calls{{0, "a", "f", `{}{}`}, {1, "call_1", "g", `{}{}`}}},
		{"two IDs under one index sent twice",
			calls{{0, "a", "f", `{}`}, {0, "b", "g", `{}`}, {0, "a", "f", `{}`}, {0, "b", "g", `{}`}},
			calls{{0, "a", "f", `{}{}`}, {0, "b", "g", `{}{}`}}},
		{"a whole call, and its head again under another index",
			calls{{0, "a", "f", `{"x":1}`}, {1, "a", "f", ``}},
			calls{{0, "a", "f", `{"x":1}`}}},
		{"whole calls without IDs under one index",
			calls{{0, "", "f", `{"x":1}`}, {0, "", "f", `{"x":2}`}, {0, "", "g", `{}`}},
			calls{{0, "call_0", "f", `{"x":1}`}, {0, "call_1", "f", `{"x":2}`}, {0, "call_2", "g", `{}`}}},
		{"whole calls without IDs and indexes",
			calls{{NoIndex, "", "f", `{}`}, {NoIndex, "", "g", `{}`}},
			calls{{0, "call_0", "f", `{}`}, {0, "call_1", "g", `{}`}}},
		{"no arguments, no IDs, one index",
			calls{{0, "", "f", ``}, {0, "", "g", `{}`}},
			calls{{0, "call_0", "f", ``}, {0, "call_1", "g", `{}`}}},
		{"a name again, after a whole call",
			calls{{0, "", "f", `{}`}, {0, "", "f", ``}},
			calls{{0, "call_0", "f", `{}`}}},
		{"an ID like one of ours",
			calls{{0, "call_1", "f", `{}`}, {1, "", "g", `{}`}},
			calls{{0, "call_1", "f", `{}`}, {1, "call_1_", "g", `{}`}}},
		{"none", nil, nil},
	} {
		var turn Turn
		for _, c := range tt.fragments {
			turn.Add(&Delta{ToolCalls: []ToolCall{{Index: c.Index, ID: c.ID, Name: c.Name, Arguments: c.Arguments}}})
		}
		var got calls
		for _, c := range turn.End("").ToolCalls {
			got = append(got, call{c.Index, c.ID, c.Name, c.Arguments})
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
		if turn.Nothing() != (len(tt.want) == 0) {
			t.Errorf("%s: nothing is %v", tt.name, turn.Nothing())
		}
	}
}

// TestEndAgain: an End leaves the turn as it was.
func TestEndAgain(t *testing.T) {
	var turn Turn
	turn.Add(&Delta{ToolCalls: []ToolCall{{ID: "a", Arguments: "1"}}})
	first := turn.End("")
	turn.Add(&Delta{ToolCalls: []ToolCall{{Arguments: "2"}}, FinishReason: "tool_calls"})
	if second := turn.End(""); first.ToolCalls[0].Arguments != "1" || second.ToolCalls[0].Arguments != "12" || second.State != Complete {
		t.Errorf("first %+v, then %+v", first, second)
	}
}

// TestLongToolCall would take minutes if joining were quadratic.
func TestLongToolCall(t *testing.T) {
	const fragments = 500_000
	var turn Turn
	for range fragments {
		turn.Add(&Delta{ToolCalls: []ToolCall{{Arguments: "0123456789"}}})
	}
	if got := turn.End("").ToolCalls[0].Arguments; got != strings.Repeat("0123456789", fragments) {
		t.Errorf("%d bytes joined", len(got))
	}
}

// TestManyToolCalls would take minutes if finding a fragment's call were quadratic.
func TestManyToolCalls(t *testing.T) {
	const n = 50_000
	var turn Turn
	for i := range n {
		turn.Add(&Delta{ToolCalls: []ToolCall{{Index: i, ID: strconv.Itoa(i), Name: "f"}}})
	}
	for i := range n {
		turn.Add(&Delta{ToolCalls: []ToolCall{{Index: i, Arguments: "{}"}}})
	}
	if got := turn.End("").ToolCalls; len(got) != n || got[n-1].Arguments != "{}" {
		t.Errorf("%d calls", len(got))
	}
}

// TestInput: an answer that was cut may leave no arguments at all; see Input.
func TestInput(t *testing.T) {
	for sent, want := range map[string]string{"": "{}", " \n": "{}", `{"a":1}`: `{"a":1}`, `{"a":`: "", " null": "{}"} {
		got, ok := ToolCall{Arguments: sent}.Input()
		if ok != (want != "") || ok && string(got) != want {
			t.Errorf("%q: %s, %v", sent, got, ok)
		}
	}
}

// TestSent: what a service would refuse does not go back.
func TestSent(t *testing.T) {
	for _, tt := range []struct{ name, arguments, want string }{
		{"docs_search-2", ` {"a": 1}`, `docs_search-2  {"a": 1}`},
		{"functions.look", `{"a":`, `functions_look {}`},
		{"a\x1bü", `["a"]`, `a__ {}`},
		{"", `"a"`, `_ {}`},
		{strings.Repeat("n", 65), "", strings.Repeat("n", 64) + ` {}`},
	} {
		name, arguments := ToolCall{Name: tt.name, Arguments: tt.arguments}.Sent()
		if name+" "+arguments != tt.want {
			t.Errorf("%+v: %s %s", tt, name, arguments)
		}
	}
}

// TestOpaque: what the service wants back comes together from its pieces as it was sent.
func TestOpaque(t *testing.T) {
	for _, tt := range []struct {
		name   string
		pieces []string
		want   string
	}{
		{"none", nil, ``},
		{"broken", []string{`{`, `[]`, `null`, ``}, ``},
		{"the last value counts", []string{`{"a":1,"b":"<x>"}`, `{"a":{"c":null}}`}, `{"a":{"c":null},"b":"<x>"}`},
		{"an array goes on", []string{`{"a":[1]}`, `{"a":["x"]}`, `{"a":[]}`}, `{"a":[1,"x"]}`},
		{"an empty array", []string{`{"a":[]}`}, `{"a":[]}`},
		{"reasoning in pieces",
			[]string{`{"a":[{"type":"t","text":"\ud83d","index":0}]}`, `{"a":[{"type":"t","text":"\ude00","index":0,"signature":null}]}`,
				`{"a":[{"type":"t","signature":"s","index":0}]}`, `{"a":[{"type":"t","text":"y","index":1}]}`},
			`{"a":[{"index":0,"signature":"s","text":"\ud83d\ude00","type":"t"},{"index":1,"text":"y","type":"t"}]}`},
		{"encrypted", []string{`{"a":[{"type":"e","data":"x"},{"type":"e","data":"y"}]}`, `{"a":[{"type":"e","text":"z"}]}`},
			`{"a":[{"data":"x","type":"e"},{"data":"y","type":"e"},{"text":"z","type":"e"}]}`},
		{"without a type", []string{`{"a":[{"text":"x"}]}`, `{"a":[{"text":"y"}]}`}, `{"a":[{"text":"x"},{"text":"y"}]}`},
		{"too long", []string{`{"a":"` + strings.Repeat("x", maxOpaque) + `"}`, `{"b":1}`}, ``},
	} {
		var message, calls Turn
		for _, p := range tt.pieces {
			message.Add(&Delta{Opaque: []json.RawMessage{json.RawMessage(p)}})
			calls.Add(&Delta{ToolCalls: []ToolCall{{ID: "a", Opaque: json.RawMessage(p)}}})
			message.End("")
		}
		if got := string(message.End("").Opaque); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if len(tt.pieces) > 0 && string(calls.End("").ToolCalls[0].Opaque) != tt.want {
			t.Errorf("%s: of a call: %s, want %s", tt.name, calls.End("").ToolCalls[0].Opaque, tt.want)
		}
	}
}

// TestOpaqueAgain: a field that comes with each of many chunks takes no more room than once.
func TestOpaqueAgain(t *testing.T) {
	value := json.RawMessage(`{"a":"` + strings.Repeat("x", 1000) + `"}`)
	var turn Turn
	for range 2 * maxOpaque / len(value) {
		turn.Add(&Delta{Opaque: []json.RawMessage{value}})
	}
	if got := turn.End("").Opaque; string(got) != string(value) {
		t.Errorf("%d bytes are kept of %d", len(got), len(value))
	}
}

// TestParts: what is no text makes an answer, too.
func TestParts(t *testing.T) {
	image := Part{Type: "image_url", JSON: json.RawMessage(`{"type":"image_url"}`)}
	var turn Turn
	for _, p := range []Part{image, {Type: Audio, Text: "Hel"}, {Type: Audio, Text: "lo"}} {
		turn.Add(&Delta{Parts: []Part{p}})
		turn.End("")
	}
	turn.Add(&Delta{FinishReason: "stop"})
	m := turn.End("")
	if m.State != Complete || len(m.Parts) != 2 || m.Parts[0].Text != "Hello" || m.Parts[1].Type != "image_url" || m.Parts[0].IsFile() || m.Parts[1].IsFile() {
		t.Errorf("%+v", m)
	}
	if turn.Nothing() {
		t.Error("there is nothing")
	}
}
