package main

import (
	"testing"

	"oax/internal/demo"
)

// overResponses is a test of a row like streamed, of an endpoint that is asked by the
// Responses API.
type overResponses streamed

func (s overResponses) test(t *testing.T) {
	h, script := newHome(t), demo.Script(s.reply)
	h.config("profile = \"here\"\n[profiles.here]\napi = \"responses\"\nmodel = \"m\"\nbase_url = \"" + listens(t, script) + "\"\n")
	r := h.run(append(s.args, "hi")...)
	streamed(s).check(h, r)
	played(t, script, s.fired)
	if n := len(script.Requests()); n != 1 || script.Requests()[0].Path != "/v1/responses" {
		t.Errorf("%d requests, want 1 of /v1/responses", n)
	}
}

// overResponsesForms are replies that must all come to what a row wants, by their names.
type overResponsesForms map[string]overResponses

func (f overResponsesForms) test(t *testing.T) {
	for name, s := range f {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.test(t)
		})
	}
}

// sayHello sends a piece of text of the Responses API.
var sayHello = sendData(`{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Hello"}`)

// responseEnds sends a terminal event.
func responseEnds(kind, rest string) demo.Step {
	return sendData(`{"type":"response.` + kind + `","response":{"status":"` + kind + `"` + rest + `}}`)
}

// responses are answers of the Responses API.
var responses = []fault{
	{row: "D45", what: "whole", test: overResponsesForms{
		"with the terminal event": {reply: demo.Stream(sayHello, responseEnds("completed", "")), want: wholeAnswer("Hello")},
		"and an open connection":  {reply: demo.Stream(sayHello, responseEnds("completed", ""), demo.Hold()), fired: "hold", want: wholeAnswer("Hello")},
		"not streamed": {
			reply: demo.Reply(200, "application/json", `{"object":"response","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hello"}]}]}`),
			want:  wholeAnswer("Hello"),
		},
		"with a refusal": {
			reply: demo.Stream(sendData(`{"type":"response.refusal.delta","output_index":0,"delta":"Hello"}`), responseEnds("completed", "")), want: wholeAnswer("Hello"),
		},
	}.test},
	{row: "D46", what: "no terminal event", test: overResponsesForms{
		"clean end":     {reply: demo.Stream(sayHello), want: partAnswer("Hello", "cut")},
		"with all text": {reply: demo.Stream(sayHello, sendData(`{"type":"response.output_text.done","output_index":0,"text":"Hello"}`)), want: partAnswer("Hello", "cut")},
		"FIN":           {reply: demo.Stream(sayHello, demo.FIN()), fired: "fin", want: partAnswer("Hello", "reset")},
		"nothing":       {reply: demo.Stream(sendData(`{"type":"response.created","response":{}}`)), want: want{code: 3, why: "cut", noAnswer: true}},
	}.test},
	{row: "D47", what: "incomplete", test: overResponsesForms{
		"length":          {reply: demo.Stream(sayHello, responseEnds("incomplete", `,"incomplete_details":{"reason":"max_output_tokens"}`)), want: partAnswer("Hello", "length")},
		"filter":          {reply: demo.Stream(sayHello, responseEnds("incomplete", `,"incomplete_details":{"reason":"content_filter"}`)), want: partAnswer("Hello", "filter")},
		"why is not said": {reply: demo.Stream(sayHello, responseEnds("incomplete", "")), want: partAnswer("Hello", "error")},
	}.test},
	{row: "D48", what: "completed at the limit", test: overResponses{
		reply: demo.Stream(sayHello, responseEnds("completed", `,"usage":{"output_tokens":5}`)), args: []string{"-o", "max_output_tokens=5"},
		want: partAnswer("Hello", "length"),
	}.test},
	{row: "D49", what: "failed", test: overResponsesForms{
		"with the reason": {reply: demo.Stream(sayHello, responseEnds("failed", `,"error":{"code":"server_error","message":"it broke"}`)), want: partAnswer("Hello", "error")},
		"the reason comes after it": {
			reply: demo.Stream(sayHello, responseEnds("failed", `,"error":null`), sendData(`{"type":"error","code":"x","message":"it broke"}`)),
			want:  partAnswer("Hello", "error"),
		},
		"without a reason":  {reply: demo.Stream(sayHello, responseEnds("failed", `,"error":null`)), want: partAnswer("Hello", "error")},
		"an error alone":    {reply: demo.Stream(sayHello, sendData(`{"type":"error","error":{"message":"it broke"}}`)), want: partAnswer("Hello", "error")},
		"of another form":   {reply: demo.Stream(sayHello, sendData(`{"error":{"code":500,"message":"it broke"}}`)), want: partAnswer("Hello", "error")},
		"before any answer": {reply: demo.Stream(responseEnds("failed", `,"error":{"message":"it broke"}`)), want: want{code: 8, why: "error", noAnswer: true}},
	}.test},
	{row: "D50", what: "what the service did itself", test: overResponses{
		reply: demo.Stream(
			sendData(`{"type":"response.output_item.done","output_index":0,"item":{"type":"web_search_call","action":{"type":"search","query":"tides"}}}`),
			sendData(`{"type":"response.output_item.done","output_index":1,"item":{"type":"image_generation_call","result":"iVBO"}}`), responseEnds("completed", "")),
		want: want{notes: true},
	}.test},
	{row: "D51", what: "a model of the other API", test: overResponses{
		reply: demo.Reply(400, "application/json", `{"error":{"message":"This model is only supported in v1/chat/completions and not in v1/responses."}}`),
		want:  want{code: 8, why: "400", noAnswer: true},
	}.test},
}
