package turn

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"oax/internal/chat"
)

// gate is a standard output that takes nothing until it is opened.
type gate struct {
	open chan bool
	bytes.Buffer
}

func (g *gate) Write(b []byte) (int, error) {
	<-g.open
	return g.Buffer.Write(b)
}

// TestPrinterIsUnread: what comes while nobody reads is printed later, in the order in
// which it came, and is held as the answer alone.
func TestPrinterIsUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &gate{open: make(chan bool)}
		p := NewPrinter(out, NewText(TextOptions{Reasoning: true, Color: "never"}))
		tape := NewTape()
		p.start(tape, func(error) {})
		long := strings.Repeat("日", 1<<20)
		for _, d := range []chat.Delta{{Reasoning: []byte("why")}, {Text: []byte(long)}, {Reasoning: []byte("well")}, {Text: []byte("T")}} {
			tape.Add(&d)
		}
		tape.Close()
		synctest.Wait()
		if n := cap(p.buffer); n > 2*maxDelta {
			t.Errorf("%d bytes wait", n)
		}
		close(out.open)
		if formErr, err := p.finish(t.Context(), End{}); formErr != nil || err != nil {
			t.Error(formErr, err)
		}
		if want := "why\n\n" + long + "well\n\nT\n"; out.String() != want {
			t.Errorf("%d bytes, want %d", out.Len(), len(want))
		}
	})
}

// TestPrinterIsLeft: after a signal output gets 100 ms more. What is not printed then is
// left out, the end too, and a write that hangs is left behind.
func TestPrinterIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &gate{open: make(chan bool)}
		p := NewPrinter(out, NewText(TextOptions{Color: "never"}))
		tape := NewTape()
		p.start(tape, func(error) {})
		text := strings.Repeat("x", 3*maxDelta)
		tape.Add(&chat.Delta{Text: []byte(text)})
		tape.Close()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, cancel)
		began := time.Now()
		p.finish(ctx, End{})
		if took := time.Since(began); took != time.Hour+printPatience {
			t.Errorf("waited for %v", took)
		}
		if notes := p.notes(); notes != nil {
			t.Errorf("notes of a text that was not printed: %q", notes)
		}
		close(out.open)
		<-p.done
		if got := out.String(); got != text[:maxDelta] {
			t.Errorf("%d bytes printed, want those that were being printed", len(got))
		}
	})
}

// TestPrinterIsNotLeftBeforeItsTurn: a printer that does not write anything after a signal,
// since the machine is busy with other things, is waited for.
func TestPrinterIsNotLeftBeforeItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := NewPrinter(&out, NewText(TextOptions{Color: "never"}))
		tape := NewTape()
		p.start(tape, func(error) {})
		tape.Add(&chat.Delta{Text: []byte("half an answer")})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		time.AfterFunc(10*printPatience, tape.Close) // until then the printer has nothing to do
		p.finish(ctx, End{})
		if out.String() != "half an answer\n" {
			t.Errorf("%q is printed", out.String())
		}
	})
}

// TestPrinterPrintsAtOnce: each delta is on the screen before the next one comes.
func TestPrinterPrintsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := NewPrinter(&out, NewText(TextOptions{Color: "never"}))
		tape := NewTape()
		p.start(tape, func(error) {})
		for want := range strings.SplitSeq("a,ab,abc", ",") {
			tape.Add(&chat.Delta{Text: []byte(want[len(want)-1:])})
			synctest.Wait()
			if out.String() != want {
				t.Errorf("%q is printed, want %q", out.String(), want)
			}
		}
		tape.Close()
		p.finish(t.Context(), End{})
	})
}
