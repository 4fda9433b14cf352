package main

import (
	"slices"
	"testing"

	"oax/internal/demo"
)

// bodies are the faults inside a stream (D).
var bodies = slices.Concat(endings, http2Endings, stalls, reports, frames, encodings, sizes, verdicts, responses, cuts)

// streamed is a reply whose body is at fault, and what the row wants of it.
type streamed struct {
	reply demo.Exchange
	args  []string
	fired string // the fault it plays
	want  want
}

// test asks "hi". Nothing that happens inside a body leads to a second request.
func (s streamed) test(t *testing.T) {
	h, script := scripted(t, s.reply, demo.Stream(demo.Answer("asked again")...))
	r := h.run(append(s.args, "hi")...)
	s.check(h, r)
	played(t, script, s.fired)
	requested(t, script, 1)
}

// check holds a run of "hi" against the row.
func (s streamed) check(h *home, r result) {
	h.t.Helper()
	w := s.want
	w.prompt = "hi"
	for _, records := range h.sessions() {
		equal(h.t, "records", len(records), 2)
	}
	h.check(r, w)
}

// forms are replies that must all come to what a row wants, by their names.
type forms map[string]streamed

func (f forms) test(t *testing.T) {
	for name, s := range f {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.test(t)
		})
	}
}

// wholeAnswer wants the answer, complete, and no word about it.
func wholeAnswer(answer string) want { return want{stdout: answer + "\n", answer: answer} }

// partAnswer wants an answer that broke off.
func partAnswer(answer string, why string) want {
	return want{stdout: answer + "\n", code: 3, answer: answer, why: why}
}

// sendText sends a chunk of the answer.
func sendText(text string) demo.Step { return demo.Send(demo.Chunk(text)) }

// sendData sends an event.
func sendData(json string) demo.Step { return demo.Send([]byte("data: " + json + "\n\n")) }

// sendRaw sends bytes as they are.
func sendRaw(text string) demo.Step { return demo.Send([]byte(text)) }

// thenStops are the last events of a whole answer.
func thenStops(steps ...demo.Step) demo.Exchange {
	return demo.Stream(append(steps, demo.Answer()...)...)
}

// untilClose is a stream that ends with its connection.
func untilClose(steps ...demo.Step) demo.Exchange {
	x := demo.Stream(steps...)
	x.Framing = demo.UntilClose
	return x
}
