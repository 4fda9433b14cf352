package main

import (
	"strings"
	"testing"

	"oax/internal/demo"
)

// verdicts are answers that the service ends in order, but not as a whole one.
var verdicts = []fault{
	{row: "D33", what: "length limit", test: forms{
		"the service's": {
			reply: demo.Stream(sendText("Hello"), demo.Send(demo.Finish("length")), sendDone),
			want:  partAnswer("Hello", "length"),
		},
		"the person's": {
			reply: demo.Stream(sendText("Hello"), demo.Send(demo.Finish("length")), sendDone), args: []string{"--max-tokens", "1"},
			want: want{stdout: "Hello\n", answer: "Hello", why: "length", notes: true},
		},
	}.test},
	{row: "D34", what: "content filter", test: streamed{
		reply: demo.Stream(sendText("Hello"), demo.Send(demo.Finish("content_filter")), sendDone),
		want:  partAnswer("Hello", "filter"),
	}.test},
	{row: "D34", what: "content filter before any text", test: streamed{
		reply: demo.Stream(demo.Send(demo.Finish("content_filter")), sendDone),
		want:  want{code: 3, why: "filter"},
	}.test},
	{row: "D34", what: "given up by the service", test: forms{
		"error": {
			reply: demo.Stream(sendText("Hello"), demo.Send(demo.Finish("error")), sendDone),
			want:  partAnswer("Hello", "error"),
		},
		"DeepSeek's": {
			reply: demo.Stream(sendText("Hello"), demo.Send(demo.Finish("insufficient_system_resource")), sendDone),
			want:  partAnswer("Hello", "error"),
		},
	}.test},
	{row: "D35", what: "refusal", test: func(t *testing.T) {
		h, _ := scripted(t, thenStops(sendDelta(`{"refusal":"I will "}`), sendDelta(`{"content":null,"refusal":"not."}`)))
		streamed{want: wholeAnswer("I will not.")}.check(h, h.run("hi"))
		if last := h.only()[1]; last.Refusal != "I will not." || last.Text != "" {
			t.Errorf("saved %+v, want it as a refusal", last)
		}
	}},
	{row: "D36", what: "reasoning and no answer", test: func(t *testing.T) {
		for _, form := range []string{`{"reasoning_content":"hmm"}`, `{"reasoning":"hmm"}`, `{"reasoning_content":"hmm","reasoning":"hmm"}`} {
			h, _ := scripted(t, thenStops(sendDelta(form)))
			streamed{want: want{code: 3, why: "empty"}}.check(h, h.run("hi"))
			if last := h.only()[1]; last.Reasoning != "hmm" {
				t.Errorf("%s: saved %+v, want the reasoning kept", form, last)
			}
		}
	}},
	{row: "D37", what: "no tokens", test: forms{
		"none at all": {reply: thenStops(), want: want{code: 3, why: "empty"}},
		"empty text":  {reply: thenStops(sendDelta(`{"role":"assistant","content":""}`)), want: want{code: 3, why: "empty"}},
		"only [DONE]": {reply: demo.Stream(sendDone), want: want{code: 3, why: "empty"}},
	}.test},
	{row: "D38", what: "tool call", test: func(t *testing.T) {
		h, _ := scripted(t, demo.Stream(
			sendDelta(`{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"get_weather","arguments":""}}]}`),
			sendDelta(`{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}`),
			sendDelta(`{"tool_calls":[{"index":0,"function":{"arguments":"\"Oslo\"}"}}]}`),
			demo.Send(demo.Finish("tool_calls")), sendDone,
		))
		streamed{want: want{code: 3, why: "tool"}}.check(h, h.run("hi"))
		const call = `"tool_calls":[{"index":0,"id":"c1","name":"get_weather","arguments":"{\"city\":\"Oslo\"}"}]`
		for path, text := range h.files() {
			if strings.HasSuffix(path, ".jsonl") && !strings.Contains(text, call) {
				t.Errorf("the call is not kept:\n%s", text)
			}
		}
	}},
	{row: "D38", what: "hostile name of a tool", test: streamed{
		reply: demo.Stream(sendDelta(`{"tool_calls":[{"id":"c1","function":{"name":"\u001b]0;x\u0007\nhint: rm","arguments":"{}"}}]}`), demo.Send(demo.Finish("tool_calls"))),
		want:  want{code: 3, why: "tool"},
	}.test},
}

// sendDelta sends a chunk with this delta.
func sendDelta(json string) demo.Step {
	return sendData(`{"choices":[{"index":0,"delta":` + json + `}]}`)
}

// lineEndOnTerminal makes sure that a shell's prompt begins on a line of its own,
// even after --raw.
func lineEndOnTerminal(t *testing.T) {
	for _, args := range [][]string{{"hi"}, {"--raw", "hi"}} {
		h, _ := scripted(t, thenStops(sendText("Hello")))
		h.check(h.atTerminal(args...), want{stdout: "Hello\n", prompt: "hi", answer: "Hello"})
	}
}
