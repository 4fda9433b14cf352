package session

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"oax/internal/chat"
)

func FuzzAppendDelta(f *testing.F) {
	f.Add("text", "reasoning", "refusal", "model", "arguments", "stop", `{"n":1}`)
	f.Add("a\"b\\c\n\t\r\x00\x1f\x7f", "<&>\u2028", "日本", "", "", "", "")
	f.Add("", "", "", "m0", "{\"a\":", "", "{no")
	f.Fuzz(func(t *testing.T, text, reasoning, refusal, model, arguments, finish, usage string) {
		for _, s := range []string{text, reasoning, refusal, model, arguments, finish, usage} {
			if !utf8.ValidString(s) {
				t.Skip("not what a Delta holds")
			}
		}
		d := chat.Delta{Text: []byte(text), Reasoning: []byte(reasoning), Refusal: []byte(refusal), Model: model, FinishReason: finish}
		if arguments != "" {
			d.ToolCalls = []chat.ToolCall{{Index: chat.NoIndex, ID: "c", Name: "f", Arguments: arguments}}
		}
		if json.Valid([]byte(usage)) {
			d.Usage = json.RawMessage(usage)
		}
		if reasoning != "" {
			d.Opaque = []json.RawMessage{json.RawMessage(`{"<a>":[1.0]}`), json.RawMessage(`{}`)}
			d.Items = []chat.Item{{Index: 1, JSON: json.RawMessage(`{"type":"<a>"}`)}, {Index: 2}}
			d.Parts = []chat.Part{{Type: chat.Audio, Text: text}, {Type: "image_url", JSON: json.RawMessage(`{"url":"<b>"}`)}}
		}
		line := appendDelta(nil, &d, "m0")
		if text+reasoning+refusal+arguments+finish == "" && d.Usage == nil {
			if len(line) > 0 {
				t.Fatalf("a line of nothing: %q", line)
			}
			return
		}
		if model == "m0" {
			d.Model = ""
		}
		var got journalLine
		if err := json.Unmarshal(line, &got); err != nil || isEmpty(got.delta()) || bytes.IndexByte(line, '\n') < len(line)-1 {
			t.Fatalf("%q: %v", line, err)
		}
		var compact bytes.Buffer
		if d.Usage != nil {
			must(t, json.Compact(&compact, d.Usage))
		}
		back := got.delta()
		if string(back.Text) != text || string(back.Reasoning) != reasoning || string(back.Refusal) != refusal || back.Model != d.Model ||
			back.FinishReason != finish || !reflect.DeepEqual(back.ToolCalls, d.ToolCalls) || !reflect.DeepEqual(back.Parts, d.Parts) || !reflect.DeepEqual(back.Opaque, d.Opaque) || !reflect.DeepEqual(back.Items, d.Items) || string(back.Usage) != compact.String() {
			t.Fatalf("%q: got %+v, want %+v", line, back, d)
		}
	})
}

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

func BenchmarkAppendDelta(b *testing.B) {
	d := &chat.Delta{Text: []byte(" token \"quoted\"\n"), Model: "m1"}
	var line []byte
	for b.Loop() {
		line = appendDelta(line[:0], d, "m1")
	}
}

func BenchmarkSummary50MB(b *testing.B) {
	for name, size := range map[string]int{"answers": 20_000, "one": 50_000_000} {
		st := newStore(b, Options{})
		e := Entry{"k3f9q2ab", filepath.Join(b.TempDir(), "x_k3f9q2ab.jsonl")}
		lines := []record{headerRecord(e.ID, start, nil)}
		text := long(size/20, "say \"hello\" to me.\n\n")
		for n := 0; n < 50_000_000; n += size {
			q, a := user("question"), answer(text)
			lines = append(lines, recordOf(q), recordOf(Message{Message: a}))
		}
		data, err := encodeRecords(lines...)
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
			must(b, os.WriteFile(filepath.Join(dir, fileStem(at, newID(at))+fileExtension), nil, 0o600))
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
