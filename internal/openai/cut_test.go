package openai_test

import (
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/demo"

	. "oax/internal/openai"
)

// fixture is a stream whose events are of every kind, and what each adds to the
// text. Its last two end it.
var fixture = []struct{ event, text string }{
	{": hello\n\n", ""},
	{"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n", ""},
	{"data: {\"choices\":[{\"delta\":{\"content\":\"Hé\"}}]}\n\n", "Hé"},
	{"data:{\"choices\":[{\"delta\":{\"content\":\"日\\u672c\"}}]}\r\n\r\n", "日本"},
	{"data: {\"choices\":[\ndata: {\"delta\":{\"content\":\"\\ud83d\\ude00\"}}]}\n\n", "😀"},
	{"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n", ""},
	{"data: [DONE]\n\n", ""},
}

// fixtureAt returns the first n bytes of the fixture, the text of the events that
// are whole in them but for their line ends, and whether they end the answer.
func fixtureAt(n int) (wire, text string, finished bool) {
	for i, f := range fixture {
		wire += f.event
		if n >= len(strings.TrimRight(wire, "\r\n")) {
			text += f.text
			finished = i >= len(fixture)-2
		}
	}
	return wire[:min(n, len(wire))], text, finished
}

func TestCutEverywhere(t *testing.T) {
	const whole = 1 << 20
	wire, _, _ := fixtureAt(whole)
	for _, tt := range []struct {
		cut     demo.Step
		fired   string
		framing demo.Framing
		kind    Kind
	}{
		{demo.FIN(), "fin", demo.UntilClose, ""},
		{demo.FIN(), "fin", demo.Chunked, ResetLate},
		{demo.RST(), "rst", demo.Chunked, ResetLate},
		{demo.RST(), "rst", demo.UntilClose, ResetLate},
		{demo.Break(), "break", demo.Chunked, ResetLate},
	} {
		var exchanges []demo.Exchange
		for n := range len(wire) + 1 {
			exchanges = append(exchanges, demo.Exchange{Framing: tt.framing, Body: []demo.Step{demo.Send([]byte(wire[:n])), tt.cut}})
		}
		script := demo.Script(exchanges...)
		server, err := demo.Start(script)
		if err != nil {
			t.Fatal(err)
		}
		c := newClient(Config{BaseURL: server.URL(), Limits: DefaultLimits()})
		for n := range len(wire) + 1 {
			m, err := ask(t, c)
			checkCut(t, n, m, kindOf(err), tt.kind)
		}
		server.Close() // a client that has [DONE] is gone before the cut
		if fired := script.Fired(); len(fired) != len(wire)+1 || fired[0] != tt.fired {
			t.Errorf("%d cuts by %v, want %d by %s", len(fired), fired[:1], len(wire)+1, tt.fired)
		}
	}
}

// checkCut holds what came of the first n bytes against the fixture. kind is the
// error of a stream that is cut, or empty if an end is all there is to see.
func checkCut(t *testing.T, n int, m chat.Message, got, kind Kind) {
	t.Helper()
	_, text, finished := fixtureAt(n)
	if m.Text != text {
		t.Errorf("%s at byte %d: text %q, want %q", kind, n, m.Text, text)
	}
	switch {
	case finished && m.State != chat.Complete:
		t.Errorf("%s at byte %d: %s %q, want complete", kind, n, m.State, m.Why)
	case finished:
	case n == 0 && kind == "":
		if got != EmptyReply {
			t.Errorf("nothing at all: %q", got)
		}
	case got != kind || m.State != chat.Incomplete:
		t.Errorf("%s at byte %d: %s %q", kind, n, m.State, got)
	}
}

// kindOf returns the kind of an *Error, or the empty one for none.
func kindOf(err error) Kind {
	switch e := err.(type) {
	case nil:
		return ""
	case *Error:
		return e.Kind
	}
	return Kind("not an Error: " + err.Error())
}
