package main

import (
	"strings"
	"testing"

	"oax/internal/demo"
)

// reports are errors that a service reports inside a stream, and events that are
// none.
var reports = []fault{
	{row: "D14", what: "error object mid-stream", test: reported(`data: {"error":{"message":"the cat unplugged it","code":"cat"}}`)},
	{row: "D15", what: "event of type error", test: forms{
		"flat":     {reply: mid("event: error\ndata: {\"message\":\"the cat unplugged it\"}"), want: partAnswer("Hello", "error")},
		"nested":   {reply: mid("event: error\ndata: {\"error\":{\"message\":\"the cat unplugged it\"}}"), want: partAnswer("Hello", "error")},
		"wordless": {reply: mid("event: error\ndata: {}"), want: partAnswer("Hello", "error")},
		"text":     {reply: mid("event: error\ndata: the cat unplugged it"), want: partAnswer("Hello", "error")},
	}.test},
	{row: "D16", what: "object of type error (vLLM)", test: reported(`data: {"object":"error","message":"the cat unplugged it","code":500}`)},
	{row: "D16", what: "error as text", test: reported(`data: {"error":"the cat unplugged it"}`)},
	{row: "D16", what: "error field (llama.cpp)", test: reported(`error: {"code":500,"message":"the cat unplugged it","type":"server_error"}`)},
	{row: "D14", what: "an error at the end of the bytes", test: streamed{
		reply: demo.Stream(sendText("Hello"), sendRaw(`data: {"error":{"message":"the cat unplugged it"}}`)), want: partAnswer("Hello", "error"),
	}.test},
	{row: "D14", what: "the key in an error", test: streamed{
		reply: demo.Stream(sendText("Hello"), sendData(`{"error":{"message":"bad token `+canary+`"}}`)),
		want:  partAnswer("Hello", "error"),
	}.test},
	{row: "D41", what: "events that are none", test: forms{
		"comment": {reply: demo.Stream(sendText("Hel"), sendRaw("data: : OPENROUTER PROCESSING\n\n"), sendText("lo"), demo.Send(demo.Finish("stop"))), want: wholeAnswer("Hello")},
		"ping":    {reply: demo.Stream(sendText("Hel"), sendRaw("event: ping\ndata: now\n\n"), sendText("lo"), demo.Send(demo.Finish("stop"))), want: wholeAnswer("Hello")},
	}.test},
	{row: "D42", what: "all in a chunk with an error", test: streamed{
		reply: demo.Stream(sendData(`{"choices":[{"delta":{"content":"Hello"},"finish_reason":"error"}],"error":{"message":"the cat unplugged it"}}`)),
		want:  partAnswer("Hello", "error"),
	}.test},
	{row: "D43", what: "an error after the finish reason", test: streamed{
		reply: demo.Stream(sendText("Hello"), demo.Send(demo.Finish("stop")), sendData(`{"error":{"message":"the cat unplugged it"}}`)),
		want:  want{stdout: "Hello\n", answer: "Hello", notes: true},
	}.test},
	{row: "D44", what: "audio without text", test: streamed{
		reply: demo.Stream(sendData(`{"choices":[{"delta":{"audio":{"transcript":"Hello"}}}]}`), demo.Send(demo.Finish("stop"))),
		want:  want{notes: true},
	}.test},
	{row: "D44", what: "an image without text", test: streamed{
		reply: demo.Stream(sendData(`{"choices":[{"delta":{"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVA="}}]}}]}`), demo.Send(demo.Finish("stop"))),
		want:  want{notes: true},
	}.test},
	{row: "D17", what: "error first", test: forms{
		"refusal": {
			reply: demo.Stream(sendData(`{"error":{"message":"no such parameter: froth"}}`)),
			want:  want{code: 8, noAnswer: true, why: "error"},
		},
		"typed": {
			reply: demo.Stream(sendRaw("event: error\ndata: {\"message\":\"no such parameter: froth\"}\n\n")),
			want:  want{code: 8, noAnswer: true, why: "error"},
		},
	}.test},
	{row: "D17", what: "overload first, then an answer", test: func(t *testing.T) {
		h, script := scripted(t, demo.Stream(overloaded), demo.Stream(demo.Answer("Hello")...))
		streamed{want: wholeAnswer("Hello")}.check(h, h.run("hi"))
		requested(t, script, 2)
	}},
	{row: "D17", what: "overload first, each time", test: func(t *testing.T) {
		h, script := scripted(t, demo.Stream(overloaded))
		streamed{want: want{code: 5, noAnswer: true, why: "error"}}.check(h, h.run("hi"))
		requested(t, script, 3)
	}},
	{row: "D18", what: "malformed JSON", test: forms{
		"cut short":  {reply: mid(`data: {"choices":[{"delta":{"content":"x`), want: partAnswer("Hello", "protocol")},
		"not JSON":   {reply: mid(`data: upstream timed out`), want: partAnswer("Hello", "protocol")},
		"a number":   {reply: mid(`data: 42`), want: partAnswer("Hello", "protocol")},
		"trailing":   {reply: mid(`data: {"choices":[]} {"choices":[]}`), want: partAnswer("Hello", "protocol")},
		"bottomless": {reply: mid(`data: {"x":` + strings.Repeat("[", 100_000)), want: partAnswer("Hello", "protocol")},
	}.test},
}

var overloaded = sendData(`{"error":{"message":"Overloaded, try later","type":"overloaded_error"}}`)

// mid is a stream with the lines of an event in the middle. What follows them is
// not to be seen.
func mid(lines string) demo.Exchange {
	return thenStops(sendText("Hel"), sendText("lo"), sendRaw(lines+"\n\n"), sendText("never seen"))
}

// reported wants the error in the lines told, after the text.
func reported(lines string) func(*testing.T) {
	return streamed{reply: mid(lines), want: partAnswer("Hello", "error")}.test
}
