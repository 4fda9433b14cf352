package turn

import (
	"bytes"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"oax/internal/chat"
	"oax/internal/report"
)

// TestSilence: a silence in the middle of an answer is told of once it is long, and as long
// as that is not possible, it is tried again.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var told []time.Duration // when, and for how long nothing had come
		var possible atomic.Bool
		w := Waiting(nil, func(since time.Time) *report.Spinner {
			told = append(told, time.Since(start), time.Since(since))
			if !possible.Load() {
				return nil
			}
			return new(report.Spinner)
		}, false)
		text, thought := chat.Delta{Text: []byte("x")}, chat.Delta{Reasoning: []byte("x")}
		time.Sleep(time.Minute) // before the answer begins
		w.Delta(&thought)
		time.Sleep(time.Minute)
		want := []time.Duration{}
		w.Delta(&text)
		for range 3 {
			time.Sleep(2 * time.Second)
			w.Delta(&text)
		}
		w.Delta(&thought) // nobody sees it
		last := time.Since(start)
		time.Sleep(4 * time.Second)
		synctest.Wait()
		want = append(want, last+3*time.Second, 3*time.Second)
		possible.Store(true)
		time.Sleep(time.Minute)
		synctest.Wait()
		want = append(want, last+6*time.Second, 6*time.Second)
		if !slices.Equal(told, want) {
			t.Errorf("told at %v, want %v", told, want)
		}
	})
}

// TestSilenceEnds: once the answer has ended, nothing is told.
func TestSilenceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := Waiting(nil, func(time.Time) *report.Spinner { t.Error("told"); return nil }, false)
		w.Delta(&chat.Delta{Text: []byte("x")})
		w.End(End{})
		time.Sleep(time.Minute)
	})
}

// TestColumn: where the cursor is is known if everything that came is written, and no line
// tells of what is held back.
func TestColumn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		window := func() int { return 20 }
		p := NewPrinter(&out, NewText(TextOptions{Terminal: true, Columns: window, Color: "always", Getenv: func(string) string { return "" }, Held: func(string) {}}))
		want := func(column int, ok bool) {
			t.Helper()
			synctest.Wait()
			if c, known := p.Column(20); c != column || known != ok {
				t.Errorf("column %d, %v, want %d, %v, after %q", c, known, column, ok, out.String())
			}
		}
		want(0, false)
		tape := NewTape()
		p.start(tape, func(error) {})
		add := func(text string) { tape.Add(&chat.Delta{Text: []byte(text)}) }
		want(0, true)
		add("some **words** and mo")
		want(14, true)
		add("re words ")
		want(5, true)
		add("\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
		want(0, false)
		add("\nend ")
		want(3, true)
		tape.Close()
		if _, err := p.finish(t.Context(), End{}); err != nil {
			t.Error(err)
		}
	})
}
