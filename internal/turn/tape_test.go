package turn

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"oax/internal/chat"
)

func TestMain(m *testing.M) {
	flag.Set("test.parallel", "8") // those that wait take no processor
	goleak.VerifyTestMain(m)
}

// read returns what a reader of a tape gets, from a position on: a letter for each change
// of the kind (R reasoning, T text, F refusal, U usage) and the text.
func read(t *testing.T, tape *Tape, from int) string {
	t.Helper()
	var b strings.Builder
	last := ""
	for d := range tape.Deltas(t.Context(), from) {
		for kind, text := range map[string][]byte{"R": d.Reasoning, "T": d.Text, "F": d.Refusal, "U": d.Usage} {
			if len(text) == 0 {
				continue
			}
			if len(text) > maxDelta {
				t.Errorf("a delta of %d bytes", len(text))
			}
			if kind != last || kind == "U" {
				b.WriteString("|" + kind + ":")
			}
			b.Write(text)
			last = kind
		}
	}
	return b.String()
}

var steps = []chat.Delta{
	{Reasoning: []byte("r1")},
	{Text: []byte("t1")},
	{Text: []byte("t2")},
	{Refusal: []byte("f1"), Usage: json.RawMessage("1")},
	{Reasoning: []byte("r2"), Text: []byte("t3")},
	{Usage: json.RawMessage("2")},
	{Usage: json.RawMessage("3")},
	{Text: []byte("t4")},
}

func TestTapeKeepsTheOrder(t *testing.T) {
	tape := NewTape()
	for _, d := range steps {
		tape.Add(&d)
	}
	tape.Close()
	for from, want := range map[int]string{
		0:  "|R:r1|T:t1t2|F:f1|R:r2|T:t3|U:3|T:t4",
		1:  "|R:1|T:t1t2|F:f1|R:r2|T:t3|U:3|T:t4",
		5:  "|T:2|F:f1|R:r2|T:t3|U:3|T:t4",
		12: "|U:3|T:t4",
		13: "|U:3|T:4",
		14: "|U:3",
	} {
		if got := read(t, tape, from); got != want {
			t.Errorf("from %d: %s, want %s", from, got, want)
		}
	}
	if m := tape.Message(""); m.Text != "t1t2t3t4" || m.Reasoning != "r1r2" || m.Refusal != "f1" || string(m.Usage) != "3" {
		t.Errorf("the answer is %+v", m)
	}
}

// TestTapeReadersKeepUp: a reader that waits for each delta gets each of them, usages too.
func TestTapeReadersKeepUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tape := NewTape()
		var readers sync.WaitGroup
		for range 3 {
			readers.Go(func() {
				if got := read(t, tape, 0); got != "|R:r1|T:t1t2|F:f1|U:1|R:r2|T:t3|U:2|U:3|T:t4" {
					t.Error(got)
				}
			})
		}
		for _, d := range steps {
			tape.Add(&d)
			synctest.Wait()
		}
		tape.Close()
		readers.Wait()
	})
}

// TestTapeCopies: a delta's bytes are used again for the next one.
func TestTapeCopies(t *testing.T) {
	tape := NewTape()
	buffer := []byte("one")
	tape.Add(&chat.Delta{Text: buffer})
	copy(buffer, "two")
	tape.Close()
	if got := read(t, tape, 0); got != "|T:one" {
		t.Error(got)
	}
}

// TestTapeReadersRace: readers at paces of their own get the same.
func TestTapeReadersRace(t *testing.T) {
	tape := NewTape()
	var readers sync.WaitGroup
	results := make([]string, 4)
	for i := range results {
		readers.Go(func() { results[i] = read(t, tape, 100*i) })
	}
	var want strings.Builder
	for i := range 5000 {
		text := strings.Repeat("日", i%50)
		want.WriteString(text)
		tape.Add(&chat.Delta{Text: []byte(text)})
	}
	tape.Close()
	readers.Wait()
	for i, got := range results {
		if got != "|T:"+want.String()[100*i:] {
			t.Errorf("reader %d got %d bytes of %d", i, len(got), want.Len())
		}
	}
}

// TestTapeLongDelta: long texts come in short pieces of whole characters.
func TestTapeLongDelta(t *testing.T) {
	tape := NewTape()
	long := strings.Repeat("日", maxDelta)
	tape.Add(&chat.Delta{Text: []byte("x" + long), Refusal: []byte(long)})
	tape.Close()
	if got := read(t, tape, 0); got != "|T:x"+long+"|F:"+long {
		t.Errorf("%d bytes", len(got))
	}
}

// TestTapeJumpsBetweenKinds: an answer that jumps between the kinds with each byte costs no
// more than the bytes, and all of it is read.
func TestTapeJumpsBetweenKinds(t *testing.T) {
	tape := NewTape()
	var early strings.Builder
	for i := range 3 * maxRuns {
		d := chat.Delta{Text: []byte("t")}
		if i%2 == 1 {
			d = chat.Delta{Reasoning: []byte("r")}
		}
		tape.Add(&d)
		if i == maxRuns/2 { // a reader in the middle sees the order
			ctx, stop := context.WithCancel(t.Context())
			for d := range tape.Deltas(ctx, 0) {
				early.Write(d.Text)
				early.Write(d.Reasoning)
				if early.Len() == i+1 {
					stop()
				}
			}
			stop()
		}
	}
	tape.Close()
	if want := strings.Repeat("tr", maxRuns/4) + "t"; early.String() != want {
		t.Error("the order is lost")
	}
	if n := cap(tape.runs); n > 2*maxRuns {
		t.Errorf("%d runs", n)
	}
	got := read(t, tape, 0)
	if r, text := strings.Count(got, "r"), strings.Count(got, "t"); r != 3*maxRuns/2 || text != 3*maxRuns/2 {
		t.Errorf("%d bytes of reasoning, %d of text", r, text)
	}
}

func TestTapeReaderEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tape := NewTape()
		tape.Add(&chat.Delta{Text: []byte("x")})
		ctx, stop := context.WithCancel(t.Context())
		var got []byte
		done := make(chan bool)
		go func() {
			for d := range tape.Deltas(ctx, 0) {
				got = append(got, d.Text...)
			}
			close(done)
		}()
		synctest.Wait()
		stop()
		<-done
		if !bytes.Equal(got, []byte("x")) {
			t.Errorf("%q", got)
		}
	})
}

// TestTapeAllocatesNothing for each token, but the room for the answer.
func TestTapeAllocatesNothing(t *testing.T) {
	tape := NewTape()
	d := chat.Delta{Text: []byte("token ")}
	if n := testing.AllocsPerRun(10_000, func() { tape.Add(&d) }); n > 0 {
		t.Errorf("%v allocations to write", n)
	}
	tape.Close()
	n := testing.AllocsPerRun(1, func() {
		r := reader{tape: tape}
		for r.next(t.Context()) {
		}
	})
	if n > 5 {
		t.Errorf("%v allocations to read it", n)
	}
}
