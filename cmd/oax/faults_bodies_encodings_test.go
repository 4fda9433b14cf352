package main

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"testing"

	"oax/internal/demo"
)

// encodings are bodies in a content encoding.
var encodings = []fault{
	{row: "D28", what: "gzip with flushes", test: promptGzip},
	{row: "D28", what: "gzip, cut off", test: forms{
		"by the last chunk": {reply: encoded("gzip", demo.Send(halfOf(demo.Chunk("Hello"), demo.Finish("stop")))), want: partAnswer("Hello", "reset")},
		"spoilt":            {reply: encoded("gzip", demo.Send(halfOf(demo.Chunk("Hello"))), sendRaw("\xff\xff\xff")), want: partAnswer("Hello", "reset")},
	}.test},
	{row: "D28", what: "gzip that is none", test: streamed{
		reply: encoded("gzip", sendText("Hello")),
		want:  want{code: 3, noAnswer: true, why: "reset"},
	}.test},
	{row: "D30", what: "an encoding nobody asked for", test: forms{
		"br":   {reply: encoded("br", demo.Answer("Hello")...), want: want{code: 6, noAnswer: true, why: "protocol"}},
		"zstd": {reply: encoded("zstd", demo.Answer("Hello")...), want: want{code: 6, noAnswer: true, why: "protocol"}},
		"two":  {reply: encoded("gzip, br", demo.Answer("Hello")...), want: want{code: 6, noAnswer: true, why: "protocol"}},
	}.test},
	{row: "D30", what: "identity", test: streamed{reply: encoded("identity", demo.Answer("Hello")...), want: wholeAnswer("Hello")}.test},
}

// encoded is a stream that says it is in an encoding.
func encoded(encoding string, steps ...demo.Step) demo.Exchange {
	x := demo.Stream(steps...)
	x.Header.Set("Content-Encoding", encoding)
	return x
}

// halfOf returns a gzip stream that is flushed after its first event, and not ended.
func halfOf(events ...[]byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for i, event := range events {
		z.Write(event)
		if i == 0 {
			z.Flush()
		}
	}
	return b.Bytes()
}

// promptGzip has the service send its second event only when the first is on standard
// output.
func promptGzip(t *testing.T) {
	h, seen := newHome(t), make(chan bool)
	url := listens(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		equal(t, "the encoding asked for", r.Header.Get("Accept-Encoding"), "gzip")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for _, event := range [][]byte{demo.Chunk("Hello"), demo.Chunk(", world"), demo.Finish("stop")} {
			z.Write(event)
			z.Flush()
			http.NewResponseController(w).Flush()
			select {
			case <-seen:
			case <-r.Context().Done():
			}
		}
		z.Close()
	}))
	h.env["OPENAI_BASE_URL"] = url
	run := h.start(h.command("hi"), "Hello")
	equal(t, "stdout before the second event", run.printed(), "Hello")
	close(seen)
	streamed{want: wholeAnswer("Hello, world")}.check(h, run.wait())
}
