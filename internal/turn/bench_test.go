package turn

import (
	"context"
	"io"
	"testing"

	"oax/internal/chat"
)

// BenchmarkPrinter prints an answer of a million tokens in each form. The time and the
// allocations are those of all of them.
func BenchmarkPrinter(b *testing.B) {
	const tokens = 1_000_000
	for name, form := range map[string]func() Form{
		"bytes":    func() Form { return NewText(TextOptions{Color: "never"}) },
		"terminal": func() Form { return NewText(TextOptions{Terminal: true, Color: "never"}) },
		"json":     func() Form { return NewJSON(false) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tape := NewTape()
				p := NewPrinter(io.Discard, form())
				p.start(tape, func(error) {})
				d := chat.Delta{Text: []byte("token ")}
				for range tokens {
					tape.Add(&d)
				}
				tape.Close()
				p.finish(context.Background(), End{})
			}
		})
	}
}

// signal is a standard output that tells of each write.
type signal chan bool

func (s signal) Write(b []byte) (int, error) { s <- true; return len(b), nil }

// BenchmarkPrinterPaced prints one token and waits until it is written: the way of a token
// to the terminal at the pace of an endpoint.
func BenchmarkPrinterPaced(b *testing.B) {
	for name, form := range map[string]Form{"terminal": NewText(TextOptions{Terminal: true, Color: "never"}), "json": NewJSON(false)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			out := make(signal, 1)
			tape := NewTape()
			p := NewPrinter(out, form)
			p.start(tape, func(error) {})
			d := chat.Delta{Text: []byte("token ")}
			for b.Loop() {
				tape.Add(&d)
				<-out
			}
			tape.Close()
			p.finish(context.Background(), End{})
		})
	}
}
