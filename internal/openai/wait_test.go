package openai_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"oax/internal/chat"

	. "oax/internal/openai"
)

// TestSilence lets services be silent, slow and busy for nothing, by a clock that
// costs no time.
func TestSilence(t *testing.T) {
	const (
		text   = `data: {"choices":[{"delta":{"content":"a"}}]}` + "\n\n"
		finish = `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}` + "\n\n"
		done   = "data: [DONE]\n\n"
	)
	times := func(n int, pause time.Duration, wire string) []beat { return repeat(n, beat{wire, pause}) }
	for _, tt := range []struct {
		name  string
		beats [][]beat
		text  string
		kind  Kind
		took  time.Duration
		limit time.Duration
	}{
		{"silent after text", [][]beat{{{text, 0}}}, "a", Silence, 120 * time.Second, 120 * time.Second},
		{"silent from the start", nil, "", Silence, 120 * time.Second, 120 * time.Second},
		{"silent inside an event", [][]beat{{{text, 0}, {text[:9], 0}}}, "a", Silence, 120 * time.Second, 120 * time.Second},
		{"slow", [][]beat{times(100, 119*time.Second, text), {{finish + done, 0}}}, as(100), "", 100 * 119 * time.Second, 0},
		{"too slow", [][]beat{times(3, 121*time.Second, text)}, "a", Silence, 120 * time.Second, 120 * time.Second},
		{"drip", [][]beat{drip(text, time.Second), drip(text, time.Second), {{finish + done, 0}}}, "aa", "", time.Duration(2*len(text)) * time.Second, 0},
		{"long thought, with comments", [][]beat{times(20, 15*time.Second, ": keepalive\n\n"), {{text + finish + done, 0}}}, "a", "", 300 * time.Second, 0},
		{"nothing but comments", [][]beat{{{text, 0}}, times(100, 15*time.Second, ": keepalive\n\n")}, "a", NoText, 10 * time.Minute, 10 * time.Minute},
		{"bytes that make no event", [][]beat{{{text, 0}}, times(1000, time.Second, "x")}, "a", NoText, 10 * time.Minute, 10 * time.Minute},
		{"lines that make no event", [][]beat{times(1000, time.Second, "data: x\n")}, "", NoText, 10 * time.Minute, 10 * time.Minute},
		{"events without text", [][]beat{times(1000, time.Second, "data: {\"choices\":[]}\n\n"), {{text + finish + done, 0}}}, "a", "", 1000 * time.Second, 0},
		{"open after the finish reason", [][]beat{{{text + finish, 0}}}, "a", "", 2 * time.Second, 0},
		{"usage after the finish reason", [][]beat{{{text + finish, time.Second}, {"data: {\"usage\":{}}\n\n", 0}}}, "a", "", 2 * time.Second, 0},
		{"comments after the finish reason", [][]beat{{{text + finish, 0}}, times(100, time.Second, ": keepalive\n\n")}, "a", "", 2 * time.Second, 0},
		{"events after the finish reason", [][]beat{{{text + finish, 0}}, times(100, time.Second, "data: {\"choices\":[]}\n\n")}, "a", "", 2 * time.Second, 0},
		{"line ends, then an answer", [][]beat{times(100, 15*time.Second, "\n"), {{text + finish + done, 0}}}, "", NoText, 10 * time.Minute, 10 * time.Minute},
		{"line ends for a while, then an answer", [][]beat{times(30, 15*time.Second, "\n"), {{text + finish + done, 0}}}, "a", "", 450 * time.Second, 0},
		{"a body of JSON, drop by drop", [][]beat{drip(`{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}`, 5*time.Second), {end}}, "a", "", 5 * 64 * time.Second, 0},
		{"open after [DONE]", [][]beat{{{text + done, 0}}}, "a", "", 0, 0},
		{"open after both", [][]beat{{{text + finish + done, 0}}}, "a", "", 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var beats []beat
				for _, more := range tt.beats {
					beats = append(beats, more...)
				}
				begun := time.Now()
				m, err := read(play(beats), DefaultLimits())
				if took := time.Since(begun); took != tt.took {
					t.Errorf("it took %v, want %v", took, tt.took)
				}
				time.Sleep(time.Minute) // by then nothing of the stream runs any more
				if kindOf(err) != tt.kind || m.Text != tt.text || (m.State == chat.Complete) != (tt.kind == "") {
					t.Errorf("%q, %s %q, %v", m.Text, m.State, m.Why, err)
				}
				if failure, ok := err.(*Error); ok && (failure.Limit != tt.limit || failure.Why() != chat.Stall) {
					t.Errorf("limit %v, why %q", failure.Limit, failure.Why())
				}
			})
		})
	}
}

// beat is some bytes and the time until the next.
type beat struct {
	wire  string
	pause time.Duration
}

// end is where the body ends.
var end = beat{pause: -1}

func repeat(n int, b beat) (beats []beat) {
	for range n {
		beats = append(beats, b)
	}
	return beats
}

// drip is wire a byte at a time.
func drip(wire string, pause time.Duration) (beats []beat) {
	for _, c := range []byte(wire) {
		beats = append(beats, beat{string(c), pause})
	}
	return beats
}

// as is the text of n chunks.
func as(n int) (text string) {
	for range n {
		text += "a"
	}
	return text
}

// played is a body that keeps time, and has no end unless a beat is one.
type played struct {
	*io.PipeReader
	close context.CancelFunc
}

func (p played) Close() error {
	p.close()
	return p.PipeReader.Close()
}

func play(beats []beat) played {
	ctx, cancel := context.WithCancel(context.Background())
	body, w := io.Pipe()
	go func() {
		defer w.Close()
		for _, b := range beats {
			if b == end {
				return
			}
			io.WriteString(w, b.wire)
			select {
			case <-time.After(b.pause):
			case <-ctx.Done():
				return
			}
		}
		<-ctx.Done()
	}()
	return played{body, cancel}
}
