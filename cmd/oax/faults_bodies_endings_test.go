package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"oax/internal/demo"
)

// endings are the ways a stream can end: in order, too early, or not at all.
var endings = []fault{
	{row: "D1", what: "clean end that nothing announced", test: forms{
		"by the last chunk": {reply: demo.Stream(sendText("Hel"), sendText("lo")), want: partAnswer("Hello", "cut")},
		"by the connection": {reply: untilClose(sendText("Hel"), sendText("lo"), demo.FIN()), fired: "fin", want: partAnswer("Hello", "cut")},
	}.test},
	{row: "D2", what: "finish reason without [DONE]", test: forms{
		"by the last chunk": {reply: demo.Stream(sendText("Hello"), sendStop), want: wholeAnswer("Hello")},
		"by the connection": {reply: untilClose(sendText("Hello"), sendStop, demo.FIN()), fired: "fin", want: wholeAnswer("Hello")},
		"by a reset":        {reply: demo.Stream(sendText("Hello"), sendStop, settled, demo.RST()), fired: "rst", want: wholeAnswer("Hello")},
		"left open":         {reply: demo.Stream(sendText("Hello"), sendStop, demo.Hold()), fired: "hold", want: wholeAnswer("Hello")},
	}.test},
	{row: "D3", what: "[DONE] without finish reason", test: streamed{reply: demo.Stream(sendText("Hel"), sendText("lo"), sendDone), want: wholeAnswer("Hello")}.test},
	{row: "D4", what: "FIN inside an event", test: forms{
		"in a name":  {reply: untilClose(sendText("Hello"), sendRaw("da"), demo.FIN()), fired: "fin", want: partAnswer("Hello", "cut")},
		"in JSON":    {reply: untilClose(sendText("Hello"), sendPart(150), demo.FIN()), fired: "fin", want: partAnswer("Hello", "cut")},
		"in [DONE]":  {reply: untilClose(sendText("Hello"), sendRaw("data: [DO"), demo.FIN()), fired: "fin", want: partAnswer("Hello", "cut")},
		"first byte": {reply: untilClose(sendRaw("d"), demo.FIN()), fired: "fin", want: want{code: 3, noAnswer: true, why: "cut"}},
		"comment":    {reply: untilClose(sendRaw(": on the way\n\n"), demo.FIN()), fired: "fin", want: want{code: 3, noAnswer: true, why: "cut"}},
		"role":       {reply: untilClose(sendDelta(`{"role":"assistant"}`), demo.FIN()), fired: "fin", want: want{code: 3, noAnswer: true, why: "cut"}},
	}.test},
	{row: "D5", what: "no blank line after the last event", test: forms{
		"text":        {reply: demo.Stream(sendText("Hel"), sendUnended(demo.Chunk("lo"))), want: partAnswer("Hello", "cut")},
		"finish":      {reply: demo.Stream(sendText("Hello"), sendUnended(demo.Finish("stop"))), want: wholeAnswer("Hello")},
		"[DONE]":      {reply: demo.Stream(sendText("Hello"), sendUnended(demo.Done())), want: wholeAnswer("Hello")},
		"no line end": {reply: demo.Stream(sendText("Hello"), sendRaw(strings.TrimRight(string(demo.Finish("stop")), "\n"))), want: wholeAnswer("Hello")},
	}.test},
	{row: "D6", what: "reset", test: streamed{reply: demo.Stream(sendText("Hel"), sendText("lo"), settled, demo.RST()), fired: "rst", want: partAnswer("Hello", "reset")}.test},
	{row: "D7", what: "body shorter than its framing says", test: forms{
		"broken chunking": {reply: demo.Stream(sendText("Hello"), demo.Break()), fired: "break", want: partAnswer("Hello", "reset")},
		"FIN in a chunk":  {reply: demo.Stream(sendText("Hello"), demo.FIN()), fired: "fin", want: partAnswer("Hello", "reset")},
		"bad chunk size": {
			reply: demo.Raw(sendRaw(replyHead("Transfer-Encoding: chunked")+inChunk("Hello")+"xyz\r\n"), demo.FIN()),
			fired: "fin", want: partAnswer("Hello", "reset"),
		},
		"short Content-Length": {
			reply: demo.Raw(sendRaw(replyHead("Content-Length: 10000")+string(demo.Chunk("Hello"))), demo.FIN()),
			fired: "fin", want: partAnswer("Hello", "reset"),
		},
	}.test},
	{row: "D31", what: "[DONE], then nothing and no end", test: leftOpen},
	{row: "D32", what: "data after [DONE]", test: forms{
		"at once":  {reply: demo.Stream(sendRaw(string(demo.Chunk("Hello")) + "data: [DONE]\n\n" + string(demo.Chunk(" there")))), want: wholeAnswer("Hello")},
		"later":    {reply: demo.Stream(sendText("Hello"), sendDone, demo.Pause(20*time.Millisecond), sendText(" there")), want: wholeAnswer("Hello")},
		"an error": {reply: demo.Stream(sendRaw(string(demo.Chunk("Hello")) + "data: [DONE]\n\ndata: {\"error\":{\"message\":\"late\"}}\n\n")), want: wholeAnswer("Hello")},
	}.test},
	{row: "D40", what: "no retry after text", test: forms{
		"reset":  {reply: demo.Stream(sendText("once "), settled, demo.RST()), fired: "rst", want: partAnswer("once ", "reset")},
		"cut":    {reply: demo.Stream(sendText("once ")), want: partAnswer("once ", "cut")},
		"excuse": {reply: demo.Stream(sendText("once "), sendData(`{"error":{"code":503,"message":"overloaded"}}`)), want: partAnswer("once ", "error")},
	}.test},
}

var (
	sendStop, sendDone = demo.Send(demo.Finish("stop")), demo.Send(demo.Done())
	// settled lets the client read what was sent: a reset can overtake it.
	settled = demo.Pause(50 * time.Millisecond)
)

// sendPart sends the first bytes of a chunk.
func sendPart(n int) demo.Step { return demo.Send(demo.Chunk("never seen")[:n]) }

// sendUnended sends an event without its blank line.
func sendUnended(event []byte) demo.Step { return demo.Send(event[:len(event)-1]) }

// replyHead is a reply's head with one header more.
func replyHead(header string) string {
	return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + header + "\r\n\r\n"
}

// inChunk is a chunk of the answer as a chunk of the body.
func inChunk(text string) string {
	event := demo.Chunk(text)
	return fmt.Sprintf("%x\r\n%s\r\n", len(event), event)
}

// leftOpen makes sure that nothing is waited for after [DONE], by a service that
// sends nothing more until the program has gone.
func leftOpen(t *testing.T) {
	h, gone := newHome(t), make(chan bool, 1)
	url := listens(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // or the server does not notice that the client goes
		w.Write(append(demo.Chunk("Hello"), demo.Done()...))
		http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			gone <- true
		case <-time.After(patience):
			gone <- false
		}
	}))
	h.env["OPENAI_BASE_URL"] = url
	streamed{want: wholeAnswer("Hello")}.check(h, h.run("hi"))
	if !<-gone {
		t.Error("the program waited for more")
	}
}
