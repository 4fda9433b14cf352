package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"oax/internal/demo"
)

// cutEvents are a stream with all that a usual one has, and what each adds to the text.
var cutEvents = []struct {
	event, text string
	ends        bool
}{
	{event: ": hello"},
	{event: deltaData(`"delta":{"role":"assistant","content":""},"finish_reason":null`)},
	{event: deltaData(`"delta":{"content":"Hé"}`), text: "Hé"},
	{event: deltaData(`"delta":{"content":"日\u672c \"\n"}`), text: "日本 \"\n"},
	{event: deltaData(`"delta":{"content":"\ud83d\ude00."}`), text: "😀."},
	{event: deltaData(`"delta":{},"finish_reason":"stop"`), ends: true},
	{event: `data: {"choices":[],"usage":{"total_tokens":9}}`, ends: true},
	{event: "data: [DONE]", ends: true},
}

func deltaData(choice string) string {
	return `data: {"model":"m","choices":[{"index":0,` + choice + `}]}`
}

// cutStream is those events with one line end or another.
type cutStream struct{ lineEnd string }

func (s cutStream) String() string { return map[string]string{"\n": "LF", "\r\n": "CRLF"}[s.lineEnd] }

func (s cutStream) wire() string {
	var b strings.Builder
	for _, e := range cutEvents {
		b.WriteString(e.event + s.lineEnd + s.lineEnd)
	}
	return b.String()
}

// before returns the text of the events that are whole in the first n bytes but for
// their line ends, and whether they end the answer.
func (s cutStream) before(n int) (text string, ended bool) {
	at := 0
	for _, e := range cutEvents {
		if at += len(e.event); at > n {
			break
		}
		text, ended = text+e.text, ended || e.ends
		at += 2 * len(s.lineEnd)
	}
	return text, ended
}

// cut is a way to end a reply that is not its end.
type cut struct {
	row, name, fired string
	why              string // in the session
	reply            func(sent string) demo.Exchange
}

// cuts is every way to cut a stream, at any byte.
var cuts = cutFaults(
	cut{"D4", "FIN", "fin", "cut", func(sent string) demo.Exchange { return untilClose(sendRaw(sent), demo.FIN()) }},
	cut{"D7", "FIN in a chunk", "fin", "reset", func(sent string) demo.Exchange { return demo.Stream(sendRaw(sent), demo.FIN()) }},
	cut{"D6", "RST", "rst", "reset", func(sent string) demo.Exchange { return demo.Stream(sendRaw(sent), demo.RST()) }},
	cut{"D6", "RST, not chunked", "rst", "reset", func(sent string) demo.Exchange { return untilClose(sendRaw(sent), demo.RST()) }},
	cut{"D7", "broken chunking", "break", "reset", func(sent string) demo.Exchange { return demo.Stream(sendRaw(sent), demo.Break()) }},
	cut{"D7", "part of a chunk's head", "fin", "reset", func(sent string) demo.Exchange {
		return demo.Raw(sendRaw(replyHead("Transfer-Encoding: chunked")+chunked(sent)+"1f"), demo.FIN())
	}},
	cut{"D7", "short Content-Length", "fin", "reset", func(sent string) demo.Exchange {
		return demo.Raw(sendRaw(replyHead("Content-Length: 100000")+sent), demo.FIN())
	}},
	cut{row: "D7", name: "RST_STREAM", why: "reset"}, // over HTTP/2
)

// cutFaults cuts a stream at every byte; in the short form at some bytes, others for each
// way to cut it.
func cutFaults(cuts ...cut) (faults []fault) {
	for w, c := range cuts {
		for _, stream := range []cutStream{{"\n"}, {"\r\n"}} {
			faults = append(faults, fault{row: c.row, what: c.name + " anywhere, " + stream.String(), test: func(t *testing.T) {
				sweep(t, "cuts", 1, steps(0, len(stream.wire())+1, every(t, 61+w+len(stream.lineEnd))), func(n int) {
					c.at(t, stream, n)
					tortured.add("cuts", 1)
				})
			}})
		}
	}
	return faults
}

// chunked is bytes as one chunk of a body, or as none.
func chunked(sent string) string {
	if sent == "" {
		return ""
	}
	return fmt.Sprintf("%x\r\n%s\r\n", len(sent), sent)
}

// at asks "hi" of a reply that is cut behind n bytes.
func (c cut) at(t *testing.T, stream cutStream, n int) {
	h, r := c.asked(t, stream.wire()[:n])
	text, ended := stream.before(n)
	w := want{prompt: "hi", answer: text, why: c.why, code: 3}
	switch {
	case ended:
		w.code, w.why = 0, ""
	case text == "":
		w.noAnswer = true
		if n == 0 && c.why == "cut" {
			w.why = "empty"
		}
	}
	if w.stdout = text; text != "" && !strings.HasSuffix(text, "\n") {
		w.stdout += "\n"
	}
	h.check(r, w)
	if t.Failed() {
		t.Logf("cut behind byte %d, that is behind %q", n, stream.wire()[max(0, n-40):n])
	}
}

// asked returns what came of a reply of which so much was sent, once it is sure that
// there was one request and the cut.
func (c cut) asked(t *testing.T, sent string) (*home, result) {
	t.Helper()
	if c.reply == nil {
		return c.askedHTTP2(t, sent)
	}
	h, script := scripted(t, c.reply(sent))
	r := h.run("hi")
	requested(t, script, 1)
	played(t, script, c.fired)
	return h, r
}

func (c cut) askedHTTP2(t *testing.T, sent string) (*home, result) {
	t.Helper()
	asked := make(chan string, 10)
	server := http2Server(t, func(r http2Reply) {
		asked <- r.proto
		r.w.Header().Set("Content-Type", "text/event-stream")
		r.send([]byte(sent))
		panic(http.ErrAbortHandler)
	})
	h := newHome(t)
	h.trust(server)
	h.env["OPENAI_BASE_URL"] = server.URL + "/v1"
	r := h.run("hi")
	if n := len(asked); n != 1 || <-asked != "HTTP/2.0" {
		t.Errorf("%d requests, want one over HTTP/2", n)
	}
	return h, r
}
