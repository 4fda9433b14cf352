package cli

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func newDebugLog(to io.Writer) *debugLog { return &debugLog{to: to, begun: time.Now(), withAll: true} }

// What is an event does not depend on how the reply is cut.
func TestDebugEvents(t *testing.T) {
	const reply = "data: one\n\n: comment\r\n\r\ndata: tw\ndata: o\n\n\ndata: [DONE]"
	const want = "event 1 of 11 bytes\n    data: one\n" +
		"event 2 of 13 bytes\n    : comment\n" +
		"event 3 of 18 bytes\n    data: tw\n    data: o\n" +
		"event 4 of 13 bytes\n    \n    data: [DONE]\nend of the reply: EOF\n"
	for name, cut := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "by bytes": iotest.OneByteReader, "in halves": iotest.HalfReader,
	} {
		var log strings.Builder
		body := &debugBody{ReadCloser: io.NopCloser(cut(strings.NewReader(reply))), log: newDebugLog(&log), events: true}
		read, err := io.ReadAll(body)
		if err != nil || string(read) != reply {
			t.Errorf("%s: read %q, %v", name, read, err)
		}
		var got strings.Builder
		for line := range strings.Lines(log.String()) {
			if strings.HasPrefix(line, "+") {
				_, line, _ = strings.Cut(line, " ")
			}
			got.WriteString(line)
		}
		if got.String() != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got.String(), want)
		}
	}
}

func TestDebugLimit(t *testing.T) {
	var to strings.Builder
	log := newDebugLog(&to)
	line := strings.Repeat("x", 1<<20)
	for range 20 {
		log.say("%s", line)
	}
	if to.Len() > longestDebug || to.Len() < longestDebug-2<<20 || !strings.HasSuffix(to.String(), "the log is full (10 MiB); what follows is not in it\n") {
		t.Errorf("%d bytes, ending in %q", to.Len(), to.String()[to.Len()-80:])
	}
}

func TestDebugHidesAndShows(t *testing.T) {
	var to strings.Builder
	log := newDebugLog(&to)
	log.keep("sk-0123456789")
	log.keep("sk")
	log.say("sk-0123456789 ask \x1b[2J\nnext \u202e \U000e0041")
	log.text("a sk-0123456789\n\u009b")
	_, got, _ := strings.Cut(to.String(), " ")
	if want := `[key] ask \u001b[2J\nnext \u202e \udb40\udc41` + "\n    a [key]\n    \\u009b\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var none *debugLog
	none.say("nothing")
	none.text("nothing")
}
