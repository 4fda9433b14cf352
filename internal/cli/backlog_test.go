package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

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

// TestBacklog: what comes while nobody reads is shown in the order in which it came,
// and is held as the answer alone.
func TestBacklog(t *testing.T) {
	out := &gate{open: make(chan bool)}
	p := newPrinter(out, func(to io.Writer) output { return &jsonOutput{to: to} })
	var answer chat.Turn
	long := strings.Repeat("日", mostWaiting)
	var want strings.Builder
	for _, d := range []chat.Delta{
		{Text: []byte(long)}, {Reasoning: []byte("R1")}, {Text: []byte("T1")}, {Text: []byte(long)},
		{Refusal: []byte("F1"), Usage: json.RawMessage("1")}, {Reasoning: []byte("R2"), Text: []byte("T2")},
		{Usage: json.RawMessage("2")}, {Usage: json.RawMessage("3")}, {Text: []byte("T3")},
	} {
		answer.Add(&d)
		p.show(&answer, &d)
		want.WriteString(string(d.Reasoning) + string(d.Text) + string(d.Refusal))
		if n := len(d.Usage); n > 0 && string(d.Usage) != "2" && string(d.Usage) != "3" {
			want.WriteString("usage " + string(d.Usage))
		}
	}
	want.WriteString("usage 3")
	p.mu.Lock()
	if n := cap(p.waiting); n > 8*mostWaiting || p.late.empty() {
		t.Errorf("%d bytes wait", n)
	}
	p.mu.Unlock()
	close(out.open)
	p.end(context.Background(), chat.Message{}, "", nil)
	if err := p.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := said(t, out.Bytes()); got != want.String() {
		t.Errorf("%d bytes, want %d: ...%.80q, want ...%.80q", len(got), want.Len(), got[max(0, len(got)-40):], want.String()[max(0, want.Len()-40):])
	}
}

// TestBacklogLeft: once ctx has ended, what waits is left out, and so is the end.
func TestBacklogLeft(t *testing.T) {
	out := &gate{open: make(chan bool)}
	p := newPrinter(out, func(to io.Writer) output { return &plainOutput{to: to, newLine: true} })
	var answer chat.Turn
	for _, text := range []string{strings.Repeat("x", mostWaiting), strings.Repeat("y", mostWaiting), "z"} {
		d := chat.Delta{Text: []byte(text)}
		answer.Add(&d)
		p.show(&answer, &d)
	}
	p.mu.Lock()
	late := !p.late.empty()
	p.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p.end(ctx, chat.Message{}, "", nil)
	close(out.open)
	p.Close(context.Background())
	_, text, _ := answer.Texts()
	if got := out.String(); late && got == text || !strings.HasPrefix(text, got) {
		t.Errorf("%d bytes of %d, not the first of them", len(got), len(text))
	}
}

// said returns the texts of JSON objects, one after the other.
func said(t *testing.T, lines []byte) string {
	t.Helper()
	var b strings.Builder
	for line := range bytes.Lines(lines) {
		var o struct {
			Type, Reasoning, Text, Refusal string
			Usage                          json.RawMessage
		}
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatal(err)
		}
		b.WriteString(o.Reasoning + o.Text + o.Refusal)
		if o.Type == "usage" {
			b.WriteString("usage " + string(o.Usage))
		}
	}
	return b.String()
}
