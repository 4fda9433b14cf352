package main

import (
	"strings"
	"time"

	"oax/internal/demo"
)

// frames are events and bytes that are odd but in order: the answer is whole.
var frames = []fault{
	{row: "D19", what: "empty data", test: forms{
		"between":  {reply: thenStops(sendText("Hel"), sendRaw("data:\n\n"), sendText("lo")), want: wholeAnswer("Hello")},
		"space":    {reply: thenStops(sendText("Hel"), sendRaw("data: \n\n"), sendText("lo")), want: wholeAnswer("Hello")},
		"no colon": {reply: thenStops(sendText("Hel"), sendRaw("data\n\n"), sendText("lo")), want: wholeAnswer("Hello")},
		"first":    {reply: thenStops(sendRaw("data:\n\n"), sendText("Hello")), want: wholeAnswer("Hello")},
		"null":     {reply: thenStops(sendText("Hel"), sendData("null"), sendText("lo")), want: wholeAnswer("Hello")},
	}.test},
	{row: "D20", what: "chunks that say nothing", test: between(
		`{"choices":[]}`, `{"choices":null}`, `{}`, `{"choices":[{}]}`, `{"choices":[{"index":0}]}`,
		`{"choices":[{"delta":null}]}`, `{"choices":[{"delta":{}}]}`, `{"choices":[{"delta":{"content":null}}]}`,
		`{"choices":[{"delta":{"content":""}}]}`, `{"choices":[{"delta":{"role":"assistant"}}]}`,
		`{"choices":[null]}`, `{"choices":{}}`, `{"choices":"x"}`, `{"choices":[{"delta":"x"}]}`, `{"choices":[{"delta":{"content":7}}]}`,
		`{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`, `{"usage":null}`, `{"error":null,"choices":[]}`,
		`{"error":false}`, `{"error":""}`, `{"error":{}}`, `{"error":0,"choices":[]}`,
	).test},
	{row: "D21", what: "what nobody asked for", test: between(
		`{"choices":[{"index":1,"delta":{"content":"other"}}]}`,
		`{"choices":[{"index":1,"delta":{"content":"other"}},{"index":2,"delta":{"content":"third"}}]}`,
		`{"choices":[{"index":1,"delta":{},"finish_reason":"length"}]}`,
		`{"new":{"deep":[1,{"x":"content"}]},"choices":[{"index":0,"shiny":true,"delta":{"audio":null,"Content":"no"}}],"provider":"x"}`,
	).test},
	{row: "D22", what: "line ends, a mark, many lines", test: forms{
		"CR":         {reply: reframed("\r", ""), want: wholeAnswer("Hello")},
		"CRLF":       {reply: reframed("\r\n", ""), want: wholeAnswer("Hello")},
		"mark":       {reply: reframed("\n", "\ufeff"), want: wholeAnswer("Hello")},
		"mark, CR":   {reply: reframed("\r", "\ufeff"), want: wholeAnswer("Hello")},
		"no space":   {reply: demo.Stream(sendRaw(strings.ReplaceAll(wholeStream, "data: ", "data:"))), want: wholeAnswer("Hello")},
		"many lines": {reply: demo.Stream(sendRaw(strings.ReplaceAll(wholeStream, `,"`, ",\ndata: \""))), want: wholeAnswer("Hello")},
		"mixed":      {reply: demo.Stream(sendRaw(strings.Replace(strings.Replace(wholeStream, "\n\n", "\r\r\n", 1), "\n\n", "\r\n\r", 1))), want: wholeAnswer("Hello")},
		"bytes":      {reply: demo.Stream(drip([]byte(wholeStream), 0)...), want: wholeAnswer("Hello")},
	}.test},
	{row: "D23", what: "a character in two", test: forms{
		"between reads":   {reply: demo.Stream(drip([]byte(emojiStream), 0)...), want: wholeAnswer("日本 😀")},
		"between events":  {reply: thenStops(sendContent("日\xe6\x9c"), sendContent("\xac \xf0\x9f"), sendContent("\x98"), sendContent("\x80")), want: wholeAnswer("日本 😀")},
		"between escapes": {reply: thenStops(sendContent(`\u65e5\u672c \ud83d`), sendContent(`\ude00`)), want: wholeAnswer("日本 😀")},
		"over a nothing":  {reply: thenStops(sendContent("日\xe6"), sendData(`{"choices":[]}`), sendRaw(": keepalive\n\n"), sendContent("\x9c\xac 😀")), want: wholeAnswer("日本 😀")},
	}.test},
	{row: "D24", what: "not UTF-8", test: forms{
		"a byte":        {reply: thenStops(sendContent("a\xffb")), want: wholeAnswer("a\ufffdb")},
		"a latin-1 é":   {reply: thenStops(sendContent("caf\xe9"), sendContent(" au lait")), want: wholeAnswer("caf\ufffd au lait")},
		"half at end":   {reply: thenStops(sendContent("a\xf0\x9f")), want: wholeAnswer("a\ufffd")},
		"lone half":     {reply: thenStops(sendContent(`a\ud83db`)), want: wholeAnswer("a\ufffdb")},
		"halves apart":  {reply: thenStops(sendContent(`a\ud83d`), sendContent(`b\ude00`)), want: wholeAnswer("a\ufffdb\ufffd")},
		"NUL in escape": {reply: thenStops(sendContent(`a\u0000b`)), want: wholeAnswer("a\x00b")},
	}.test},
	{row: "D39", what: "no line end", test: forms{
		"added":      {reply: thenStops(sendText("Hello")), want: want{stdout: "Hello\n", answer: "Hello"}},
		"there":      {reply: thenStops(sendText("Hello\n")), want: want{stdout: "Hello\n", answer: "Hello\n"}},
		"two":        {reply: thenStops(sendText("Hello\n\n")), want: want{stdout: "Hello\n\n", answer: "Hello\n\n"}},
		"raw":        {reply: thenStops(sendText("Hello")), args: []string{"--raw"}, want: want{stdout: "Hello", answer: "Hello"}},
		"raw, there": {reply: thenStops(sendText("Hello\n")), args: []string{"--raw"}, want: want{stdout: "Hello\n", answer: "Hello\n"}},
	}.test},
	{row: "D39", what: "no line end, on a terminal", test: lineEndOnTerminal},
}

// between wants each event to change nothing where it stands between two others,
// and where it comes first.
func between(events ...string) forms {
	f := forms{}
	for _, event := range events {
		f["between "+event] = streamed{reply: thenStops(sendText("Hel"), sendData(event), sendText("lo"), sendData(event)), want: wholeAnswer("Hello")}
		f["first "+event] = streamed{reply: thenStops(sendData(event), sendText("Hello")), want: wholeAnswer("Hello")}
	}
	return f
}

// sendContent sends a chunk with the inside of a JSON string as it stands.
func sendContent(inside string) demo.Step {
	return sendData(`{"choices":[{"index":0,"delta":{"content":"` + inside + `"}}]}`)
}

// wholeStream and emojiStream are whole streams.
var (
	wholeStream = string(demo.Chunk("Hel")) + string(demo.Chunk("lo")) + string(demo.Finish("stop")) + string(demo.Done())
	emojiStream = string(demo.Chunk("日本 😀")) + string(demo.Finish("stop"))
)

// reframed is wholeStream with other line ends, in pieces, behind a start.
func reframed(lineEnd, start string) demo.Exchange {
	steps := []demo.Step{sendRaw(start)}
	for _, event := range strings.SplitAfter(strings.ReplaceAll(wholeStream, "\n", lineEnd), lineEnd+lineEnd) {
		steps = append(steps, sendRaw(event), demo.Pause(time.Millisecond))
	}
	return demo.Stream(steps...)
}
