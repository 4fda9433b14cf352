package responses

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/openai"
)

const ends = `,"store":false,"stream":true}`

// TestBody: the whole history goes in each request, in the form of this API.
func TestBody(t *testing.T) {
	user, system := chat.Message{Role: chat.User, Text: "q"}, chat.Message{Role: chat.System, Text: "s"}
	reasoned := chat.Message{
		Role: chat.Assistant, Text: "t", Reasoning: "hm", State: chat.Complete,
		Output: []json.RawMessage{
			json.RawMessage(`{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"<e>"}`),
			json.RawMessage(`{"id":"rs_2","type":"reasoning","summary":[{"text":"hm"}]}`),
			json.RawMessage(`{"id":"ws_1","type":"web_search_call","status":"completed"}`),
			json.RawMessage(`{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"t"}]}`),
		},
	}
	const sent = `{"encrypted_content":"<e>","summary":[],"type":"reasoning"},{"id":"ws_1","type":"web_search_call","status":"completed"},` +
		`{"content":[{"type":"output_text","text":"t"}],"role":"assistant","type":"message"}`
	cut, longer, foreign := reasoned, reasoned, reasoned
	cut.Why, cut.State = chat.Cut, chat.Incomplete
	longer.Text = "t, and more"
	foreign.Output = nil
	called := chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{{ID: "call_0", Name: "f", Arguments: `{"x":1}`}}}
	calledItems := called
	calledItems.Output = []json.RawMessage{json.RawMessage(`{"id":"fc_1","type":"function_call","status":"completed","namespace":"n","call_id":"call_0","name":"f","arguments":"{\"x\":1}"}`)}
	result := chat.Message{Role: chat.Tool, ToolCallID: "call_0", Text: "r"}
	const asked = `{"role":"user","content":"q"}`
	call := func(id string) string {
		return `{"arguments":"{\"x\":1}","call_id":"` + id + `","name":"f","type":"function_call"},{"call_id":"` + id + `","output":"r","type":"function_call_output"}`
	}
	image := chat.Part{Name: "a.png", Type: "image/png", Data: []byte{0x89, 'P'}}
	pdf := chat.Part{Name: "d/b.pdf", Type: "application/pdf", Data: []byte("%PDF")}
	relayed := []chat.Part{
		{Type: "text", JSON: json.RawMessage(`{"type":"text","text":"more"}`)},
		{Type: "image_url", JSON: json.RawMessage(`{"type":"image_url","image_url":{"url":"data:x","detail":"low"}}`)},
		{Type: "file", JSON: json.RawMessage(`{"type":"file","file":{"file_id":"f"}}`)}, {Type: "input_audio", JSON: json.RawMessage(`{"type":"input_audio"}`)},
	}
	for _, tt := range []struct {
		name     string
		messages []chat.Message
		want     string
	}{
		{"nothing", nil, ``},
		{"instructions", []chat.Message{system, user}, asked + `],"instructions":"s`},
		{"two of them", []chat.Message{system, system, user}, asked + `],"instructions":"s\n\ns`},
		{"later", []chat.Message{user, foreign, system, user}, asked + `,{"role":"assistant","content":"t"},{"role":"system","content":"s"},` + asked},
		{"items", []chat.Message{user, reasoned, user}, asked + "," + sent + "," + asked},
		{"cut", []chat.Message{user, cut, user}, asked + `,{"role":"assistant","content":"t"},` + asked},
		{"not all items", []chat.Message{user, longer, user}, asked + `,{"role":"assistant","content":"t, and more"},` + asked},
		{"a call", []chat.Message{user, called, result}, asked + "," + call("call_0")},
		{"its item", []chat.Message{user, calledItems, result}, asked + "," + strings.Replace(call("call_0"), `"type"`, `"namespace":"n","type"`, 1)},
		{"its ID twice", []chat.Message{user, called, result, called, result}, asked + "," + call("call_0") + "," + call("call_0_2")},
		{"no result", []chat.Message{user, calledItems, user}, asked + "," + asked},
		{"no call", []chat.Message{user, result}, asked},
		{"files", []chat.Message{{Role: chat.User, Text: "q", Parts: []chat.Part{image, {Name: "gone", Type: "image/png"}, pdf}}},
			`{"role":"user","content":[{"type":"input_text","text":"q"},{"type":"input_image","image_url":"data:image/png;base64,iVA="},` +
				`{"type":"input_file","filename":"b.pdf","file_data":"data:application/pdf;base64,JVBERg=="}]}`},
		{"parts of the other API", []chat.Message{{Role: chat.User, Parts: relayed}}, `{"role":"user","content":[{"type":"input_text","text":"more"},` +
			`{"type":"input_image","image_url":"data:x","detail":"low"},{"type":"input_file","file_id":"f"},{"type":"input_audio"}]}`},
	} {
		body, err := API{}.Body(openai.Request{Messages: tt.messages})
		want := `{"include":["reasoning.encrypted_content"],"input":[` + tt.want
		if strings.Contains(tt.want, `"instructions"`) {
			want += `"`
		} else {
			want += `]`
		}
		if want += ends; err != nil || string(body) != want {
			t.Errorf("%s: %s %v\nwant %s", tt.name, body, err, want)
		}
	}
	body, err := API{SystemRole: "developer"}.Body(openai.Request{Model: "m", Messages: []chat.Message{system, user, reasoned, user}, OmitExtra: true})
	want := `{"input":[{"role":"developer","content":"s"},` + asked + sent[strings.Index(sent, ",{"):] + "," + asked + `],"model":"m"` + ends
	if err != nil || string(body) != want {
		t.Errorf("%s %v\nwant %s", body, err, want)
	}
}

// TestParams: the parameters of chat completions get the names and the forms of this API, and
// win over what oax sends by itself.
func TestParams(t *testing.T) {
	schema := map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "n", "strict": true, "schema": map[string]any{}}}
	for _, tt := range []struct {
		params map[string]any
		want   string
	}{
		{map[string]any{"max_tokens": 5}, `"max_output_tokens":5`},
		{map[string]any{"max_completion_tokens": json.RawMessage("5"), "temperature": 0.5}, `"max_output_tokens":5,"temperature":0.5`},
		{map[string]any{"reasoning_effort": "low", "reasoning": map[string]any{"summary": "auto"}}, `"reasoning":{"effort":"low","summary":"auto"}`},
		{map[string]any{"response_format": schema, "verbosity": "low"}, `"text":{"format":{"name":"n","schema":{},"strict":true,"type":"json_schema"},"verbosity":"low"}`},
		{map[string]any{"response_format": json.RawMessage(`{"type":"json_object"}`)}, `"text":{"format":{"type":"json_object"}}`},
		{map[string]any{"tools": json.RawMessage(`[{"type":"function","function":{"name":"f"}},{"type":"web_search"}]`), "tool_choice": "auto"},
			`"tool_choice":"auto","tools":[{"name":"f","type":"function"},{"type":"web_search"}]`},
		{map[string]any{"tools": 1, "tool_choice": json.RawMessage(`{"function":2}`), "reasoning": 3, "reasoning_effort": "low"},
			`"tools":1,"tool_choice":{"function":2},"reasoning":3,"reasoning_effort":"low"`},
		{map[string]any{"tool_choice": json.RawMessage(`{"type":"function","function":{"name":"f"}}`)}, `"tool_choice":{"name":"f","type":"function"}`},
	} {
		tt.params["include"], tt.params["store"] = []string{}, true
		body, err := API{}.Body(openai.Request{Params: tt.params})
		var got, want map[string]any
		if err == nil {
			err = json.Unmarshal(body, &got)
		}
		if json.Unmarshal([]byte(`{"include":[],"input":[],"store":true,"stream":true,`+tt.want+`}`), &want) != nil || err != nil || !same(got, want) {
			t.Errorf("%s %v\nwant %s", body, err, tt.want)
		}
	}
	if body, err := (API{}).Body(openai.Request{Params: map[string]any{"x": func() {}}}); err == nil {
		t.Errorf("%s", body)
	}
}

func same(a, b any) bool {
	left, _ := json.Marshal(a)
	right, _ := json.Marshal(b)
	return string(left) == string(right)
}

// TestCallsSent: an item with a call that a service would refuse goes back so that it does not.
func TestCallsSent(t *testing.T) {
	for item, want := range map[string]string{
		`{"id":"i","type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":1}"}`: `{"arguments":"{\"a\":1}","call_id":"c","name":"f","type":"function_call"}`,
		`{"id":"i","type":"function_call","call_id":"","name":"f.g","arguments":"{\"a"}`:     `{"arguments":"{}","call_id":"i","name":"f_g","type":"function_call"}`,
		`{"id":"i","type":"function_call","name":"f","arguments":""}`:                        `{"arguments":"{}","call_id":"i","name":"f","type":"function_call"}`,
	} {
		var turn chat.Turn
		delta := &chat.Delta{}
		event := `{"type":"response.completed","response":{"status":"completed","output":[` + item + `]}}`
		if err := (API{}).Decoder().Decode(delta, "", []byte(event)); err != nil {
			t.Fatal(err)
		}
		turn.Add(delta)
		answer := turn.End("")
		if len(answer.Output) != 1 || answer.Why != "" {
			t.Errorf("%s: %+v", item, answer)
		}
		result := chat.Message{Role: chat.Tool, ToolCallID: answer.ToolCalls[0].ID, Text: "r"}
		body, err := API{}.Body(openai.Request{Messages: []chat.Message{answer, result}, OmitExtra: true})
		if err != nil || !strings.Contains(string(body), `"input":[`+want+`,{"call_id":`) {
			t.Errorf("%s %v, want %s", body, err, want)
		}
	}
}

// TestIDsOfCallsSent: whatever IDs the service sent, each call goes back with one of its own,
// which its result has too.
func TestIDsOfCallsSent(t *testing.T) {
	const reasoning = `{"type":"reasoning","encrypted_content":"e"},`
	call := func(ids, arguments string) string {
		return `{"type":"function_call",` + ids + `"name":"f","arguments":"` + arguments + `"}`
	}
	for _, items := range []string{
		call(`"call_id":"c",`, "{}") + "," + call(`"call_id":"c",`, "{}"),
		call(`"id":"i",`, "{}") + "," + call(`"id":"i",`, "{}"),
		call("", "{}") + "," + call(`"call_id":"",`, "{}"),
	} {
		var turn chat.Turn
		delta := &chat.Delta{}
		event := `{"type":"response.completed","response":{"status":"completed","output":[` + reasoning + items + `]}}`
		if err := (API{}).Decoder().Decode(delta, "", []byte(event)); err != nil {
			t.Fatal(err)
		}
		turn.Add(delta)
		messages := []chat.Message{turn.End("")}
		for _, c := range messages[0].ToolCalls {
			messages = append(messages, chat.Message{Role: chat.Tool, ToolCallID: c.ID, Text: "r"})
		}
		body, err := API{}.Body(openai.Request{Messages: messages})
		var sent struct {
			Input []struct {
				Type   string
				CallID string `json:"call_id"`
			}
		}
		if err == nil {
			err = json.Unmarshal(body, &sent)
		}
		calls, results := map[string]int{}, map[string]int{}
		for _, item := range sent.Input {
			switch item.Type {
			case "function_call":
				calls[item.CallID]++
			case "function_call_output":
				results[item.CallID]++
			}
		}
		if err != nil || len(calls) != 2 || calls[""] > 0 || !maps.Equal(calls, results) {
			t.Errorf("%s: calls %v, results %v, %v", items, calls, results, err)
		}
	}
}

// TestTools: tools go in the form of this API, beside the service's own search.
func TestTools(t *testing.T) {
	req := openai.Request{OmitExtra: true, Tools: []chat.ToolDefinition{
		{Name: "f", Description: "<d>", Parameters: json.RawMessage(`{"type":"object"}`)}, {Name: "g", Parameters: json.RawMessage(`{}`)},
	}}
	const f = `{"type":"function","name":"f","description":"<d>","parameters":{"type":"object"},"strict":false},{"type":"function","name":"g","parameters":{},"strict":false}`
	for _, tt := range []struct {
		api    API
		params map[string]any
		want   string
	}{
		{API{}, nil, `[` + f + `]`},
		{API{WebSearch: true}, nil, `[` + f + `,{"type":"web_search"}]`},
		{API{}, map[string]any{"tools": []any{}}, `[]`},
	} {
		req.Params = tt.params
		body, err := tt.api.Body(req)
		if want := `{"input":[],"store":false,"stream":true,"tools":` + tt.want + `}`; err != nil || string(body) != want {
			t.Errorf("%s %v\nwant %s", body, err, want)
		}
	}
}
