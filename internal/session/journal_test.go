package session

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"oax/internal/chat"
	"oax/internal/session/record"
)

func TestJournalDoesNotAllocate(t *testing.T) {
	st := newStore(t, Options{})
	w, err := st.Create(user("q"))
	must(t, err)
	defer w.Close()
	d := &chat.Delta{Text: []byte("some \"text\"\n"), Model: "m1"}
	if n := testing.AllocsPerRun(100, func() { must(t, w.Journal(d)) }); n > 0 {
		t.Errorf("%v allocations a delta", n)
	}
}

func BenchmarkJournal(b *testing.B) {
	st := newStore(b, Options{})
	w, err := st.Create(user("q"))
	must(b, err)
	defer w.Close()
	d := &chat.Delta{Text: []byte(" token"), Model: "m1"}
	b.ReportAllocs()
	for b.Loop() {
		must(b, w.Journal(d))
	}
}

func BenchmarkSummary50MB(b *testing.B) {
	for name, size := range map[string]int{"answers": 20_000, "one": 50_000_000} {
		st := newStore(b, Options{})
		e := Entry{"k3f9q2ab", filepath.Join(b.TempDir(), "x_k3f9q2ab.jsonl")}
		lines := []record.Record{record.NewHeader(e.ID, start, nil)}
		text := long(size/20, "say \"hello\" to me.\n\n")
		for n := 0; n < 50_000_000; n += size {
			q, a := user("question"), answer(text)
			lines = append(lines, record.Of(q), record.Of(record.Message{Message: a}))
		}
		data, err := record.Encode(lines...)
		must(b, err)
		must(b, os.WriteFile(e.Path, data, 0o600))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if s, err := st.Summary(e); err != nil || s.Turns == 0 {
					b.Fatal(s, err)
				}
			}
		})
	}
}

func BenchmarkNewest20Of100000(b *testing.B) {
	for _, months := range []int{1, 36} {
		st := newStore(b, Options{})
		for i := range 100_000 {
			at := start.AddDate(0, -(i % months), 0).Add(-time.Duration(i) * 7 * time.Second)
			dir := filepath.Join(st.dir, fmt.Sprintf("2026-%02d", i%months))
			must(b, os.MkdirAll(dir, 0o700))
			must(b, os.WriteFile(filepath.Join(dir, record.FileStem(at, record.NewID(at))+record.Extension), nil, 0o600))
		}
		b.Run(fmt.Sprint("months=", months), func(b *testing.B) {
			for b.Loop() {
				n := 0
				for _, err := range st.List(Filter{}) {
					must(b, err)
					if n++; n == 20 {
						break
					}
				}
			}
		})
	}
}
